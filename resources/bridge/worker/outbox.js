// What was read and not yet taken by hostdesk. Lies in the browser's session memory, so that it
// outlives this worker; bounded; gone when the browser is closed. Never on disk.

const KEPT_MAX = 10_000; // comments
const BYTES_MAX = 6_000_000; // of the 10 MB that the browser allows
const POST_CHARS = 250_000; // of one POST; the inbox takes 1 MiB
const TAIL = 400; // keys of a room kept to recognise its list after a reload
const PAGES_MAX = 60;
const ROOMS_MAX = 24;

export class Outbox {
  /** @param {{get, set, remove}} store chrome.storage.session */
  constructor(store) {
    this.store = store;
    this.entries = []; // oldest first: {key, room, platform, items, size, at}
    this.pages = {}; // page → number of its last batch that we took
    this.tails = {}; // room → keys
    this.count = 0;
    this.size = 0;
    this.lost = 0;
    this.gaps = {}; // room → comments thrown away: {platform, fromMs, untilMs}
    this.next = 1;
  }

  /** What another life of this worker left. */
  async load() {
    const { pages = {}, tails = {}, gaps = {}, lost = 0, ...rest } = await this.store.get(null);
    Object.assign(this, { pages, tails, gaps, lost });
    const keys = Object.keys(rest).filter((key) => key.startsWith("out:")).sort();
    for (const key of keys) this.#hold({ ...rest[key], key });
    if (keys.length > 0) this.next = Number(keys.at(-1).slice(4)) + 1;
  }

  tail(room) {
    return this.tails[room] ?? [];
  }

  /**
   * Take one batch of a page; when this returns it is safe. A batch that was taken before
   * (the worker ended before it could say so) is left out.
   */
  async add({ doc, n, room, platform, items, keys }) {
    if (n <= (this.pages[doc] ?? 0)) return;
    const key = `out:${String(this.next++).padStart(12, "0")}`;
    const entry = { room, platform, items, at: Date.now() };
    this.pages = newest({ ...this.pages, [doc]: n }, doc, PAGES_MAX);
    this.tails = newest({ ...this.tails, [room]: [...this.tail(room), ...keys].slice(-TAIL) }, room, ROOMS_MAX);
    this.#hold({ ...entry, key });
    const dropped = this.#bound();
    const { pages, tails, gaps, lost } = this;
    const kept = this.entries.at(-1)?.key === key ? { [key]: entry } : {};
    await this.store.set({ pages, tails, gaps, lost, ...kept });
    if (dropped.length > 0) await this.store.remove(dropped);
  }

  /** The oldest comments of one room, at most `max`, and what to call when they were taken. */
  peek(max) {
    const first = this.entries[0];
    if (!first) return null;
    const taken = [];
    let [count, size] = [0, 0];
    for (const entry of this.entries) {
      count += entry.items.length;
      size += entry.size;
      if (entry.room !== first.room) break;
      if (taken.length > 0 && (count > max || size > POST_CHARS)) break;
      taken.push(entry);
    }
    return { room: first.room, platform: first.platform, entries: taken, items: taken.flatMap(({ items }) => items) };
  }

  async remove(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    for (const entry of this.entries) if (keys.has(entry.key)) this.#release(entry);
    this.entries = this.entries.filter(({ key }) => !keys.has(key));
    await this.store.remove([...keys]);
  }

  /** Comments of a room that were thrown away, once. */
  async takeGap(room) {
    const gap = this.gaps[room];
    if (!gap) return null;
    delete this.gaps[room];
    await this.store.set({ gaps: this.gaps });
    return { room, ...gap };
  }

  #hold(entry) {
    entry.size = JSON.stringify(entry.items).length;
    this.entries.push(entry);
    this.count += entry.items.length;
    this.size += entry.size;
  }

  #release(entry) {
    this.count -= entry.items.length;
    this.size -= entry.size;
  }

  /** Throw the oldest away while there is too much; says which keys go. */
  #bound() {
    const dropped = [];
    while (this.count > KEPT_MAX || this.size > BYTES_MAX) {
      const entry = this.entries.shift();
      this.#release(entry);
      this.lost += entry.items.length;
      const fromMs = this.gaps[entry.room]?.fromMs ?? entry.at;
      this.gaps[entry.room] = { platform: entry.platform, fromMs, untilMs: entry.at + 1 };
      dropped.push(entry.key);
    }
    return dropped;
  }
}

/** At most `max` entries; the one just changed goes to the end, the oldest go. */
function newest(entries, changed, max) {
  const { [changed]: value, ...others } = entries;
  return Object.fromEntries([...Object.entries(others), [changed, value]].slice(-max));
}
