"use strict";
// The reading core: which comments of a list are new. Pure, no page, no clock; tested in node.
//
// A page's list is a window over a sequence that only grows at its end. We keep the sequence
// as far as we know it, look where the window stands on it now, and what lies beyond its end
// is new. That holds for lists that are trimmed, scrolled, virtualised or drawn anew, because
// it does not ask whether an element is new, but where its words stand.
globalThis.hostdesk ??= {};
(() => {
  const KEPT = 4000; // comments remembered; further back a scrolled list is not recognised
  const ALIGNED = 600; // entries looked at when a list has holes (quadratic work)
  const DEEP = 3; // rows in a row that must agree before an old place is believed

  /** @typedef {{node: object, key: string, id?: string, text?: string}} Item one row, as it reads now */

  class Sequence {
    constructor(kept = KEPT) {
      this.kept = kept;
      this.keys = []; // what was said, oldest first; keys[0] has the number `first`
      this.first = 0;
      this.low = 0; // the window when we last looked: numbers low … high-1
      this.high = 0;
      this.nodes = new WeakMap(); // element → {number, key, text} when we last looked
      this.ids = new Map(); // the platform's own id → number
    }

    get end() {
      return this.first + this.keys.length;
    }

    /** Go on after `keys`, read by another page or before a reload. */
    resume(keys) {
      for (const key of keys) this.keys.push(key);
      this.low = this.first;
      this.high = this.end;
    }

    /** The newest `count` keys, oldest first. */
    tail(count) {
      return this.keys.slice(-count);
    }

    /** Turn round: the page puts its newest row first, and we had read it the other way. */
    reverse() {
      const window = this.keys.slice(this.low - this.first, this.high - this.first).reverse();
      Object.assign(this, new Sequence(this.kept));
      this.resume(window);
    }

    /**
     * Look at the rows that stand on the page now, oldest first.
     * @param {Item[]} items
     * @returns {{fresh: number[], grown: number[], before: number}} rows that are new; rows
     *   whose words changed in place; how many unknown rows stand before the first known one
     *   (older ones that were loaded, or a list read in reverse).
     */
    look(items) {
      if (items.length === 0) return { fresh: [], grown: [], before: 0 };
      const anchors = items.map((item) => this.#anchor(item));
      const places = this.#places(items, anchors);
      const found = this.#sort(items, places);
      this.#remember(items, places);
      return found;
    }

    /** The number of a row that we are sure to have seen: same id, or same element and words. */
    #anchor(item) {
      if (item.id) return this.ids.get(item.id) ?? -1;
      const seen = this.nodes.get(item.node);
      return seen && seen.key === item.key && seen.number >= this.first ? seen.number : -1;
    }

    /** For each row its number, or -1. Numbers only grow from row to row. */
    #places(items, anchors) {
      if (this.keys.length === 0) return items.map(() => -1);
      if (items.every((item) => item.id)) return rising(anchors);
      const sure = this.#agreed(items, anchors);
      if (sure !== null) return this.#shifted(items, sure);
      const best = this.#bestShift(items, anchors);
      if (best && best.overlap >= 0.6 * Math.min(items.length, this.high - this.low)) {
        return this.#shifted(items, best.shift);
      }
      const holed = this.#holed(items, anchors);
      const matched = holed.filter(isKnown).length;
      // Few rows agree with the last window: "666" by the same person, perhaps, after a jump.
      const deep = matched < 0.6 * items.length ? this.#deepShift(items) : null;
      if (deep && deep.overlap > matched) return this.#shifted(items, deep.shift);
      return best && best.overlap >= 0.8 * matched ? this.#shifted(items, best.shift) : holed;
    }

    /** The shift on which all anchors and all words agree: the usual case, in one pass. */
    #agreed(items, anchors) {
      let shift = null;
      for (let i = 0; i < anchors.length; i += 1) {
        if (anchors[i] < 0) continue;
        if (shift !== null && anchors[i] - i !== shift) return null;
        shift = anchors[i] - i;
      }
      if (shift === null || this.#overlap(items, shift) === 0) return null;
      return shift;
    }

    /** How many rows overlap with what we know when row 0 has the number `shift`; 0 = differs. */
    #overlap(items, shift) {
      const from = Math.max(0, this.first - shift);
      const to = Math.min(items.length, this.end - shift);
      for (let i = from; i < to; i += 1) {
        if (this.keys[shift + i - this.first] !== items[i].key) return 0;
      }
      return Math.max(0, to - from);
    }

    /** Among the places that touch the last window: most anchors, then the longest overlap. */
    #bestShift(items, anchors) {
      let best = null;
      const from = Math.max(this.first - items.length + 1, this.low - items.length + 1);
      for (let shift = from; shift < this.high; shift += 1) {
        const overlap = this.#overlap(items, shift);
        if (overlap === 0) continue;
        const agree = anchors.filter((number, i) => number >= 0 && number - i === shift).length;
        const isForward = shift >= this.first; // lists grow at the end: that wins a draw
        const better = best && (agree - best.agree || overlap - best.overlap || isForward - best.isForward);
        if (best === null || better > 0) best = { shift, agree, overlap, isForward };
      }
      return best;
    }

    /** A list that jumped (scrolled back to the end, or far up): anywhere, if long enough. */
    #deepShift(items) {
      let best = null;
      const needed = Math.min(DEEP, items.length);
      for (let shift = this.first; shift < this.end; shift += 1) {
        const overlap = this.#overlap(items, shift);
        if (overlap >= needed && overlap > (best?.overlap ?? 0)) best = { shift, overlap };
      }
      return best;
    }

    #shifted(items, shift) {
      return items.map((_, i) => (shift + i >= this.first && shift + i < this.end ? shift + i : -1));
    }

    /** Rows were taken out or put in: the longest common part, anchors counting more. */
    #holed(items, anchors) {
      const start = Math.max(this.low, this.end - ALIGNED);
      const known = this.keys.slice(start - this.first);
      const worth = (i, j) =>
        known[j] !== items[i].key ? 0 : 2 + (anchors[i] === start + j ? 1 : 0);
      return common(items.length, known.length, worth).map((j) => (j < 0 ? -1 : start + j));
    }

    /** What each row without a number is: new, changed in place, or older than we know. */
    #sort(items, places) {
      const found = { fresh: [], grown: [], before: Math.max(0, places.findIndex(isKnown)) };
      for (let index = found.before; index < items.length; index += 1) {
        if (places[index] >= 0) continue;
        const next = places.slice(index).find(isKnown) ?? Infinity;
        const same = this.#changed(items[index], places, index, next);
        if (same >= 0) {
          places[index] = same;
          found.grown.push(index);
        } else {
          places[index] = next === Infinity ? this.#append() : this.#insert(places, index);
          found.fresh.push(index);
        }
      }
      return found;
    }

    #append() {
      this.keys.push("");
      return this.end - 1;
    }

    /** A row that came in between others: later ones move on by one. */
    #insert(places, index) {
      const number = index === 0 ? this.first : places[index - 1] + 1;
      this.keys.splice(number - this.first, 0, "");
      for (let i = index + 1; i < places.length; i += 1) if (places[i] >= 0) places[i] += 1;
      for (const [id, old] of this.ids) if (old >= number) this.ids.set(id, old + 1);
      return number;
    }

    /** The number of a row whose element stayed in its place with other words, or -1. */
    #changed(item, places, index, next) {
      const seen = this.nodes.get(item.node);
      if (!seen || places.includes(seen.number) || item.id) return -1;
      const before = places[index - 1] ?? -1;
      const inBetween = next !== Infinity && seen.number > before && seen.number < next;
      return inBetween || this.#completed(item, seen) ? seen.number : -1;
    }

    /** Whether a row near the end was drawn in two steps, and reads longer now. */
    #completed(item, seen) {
      if (seen.number < this.end - DEEP || !item.text || !seen.text) return false;
      return (
        item.text.length > seen.text.length &&
        item.text.startsWith(seen.text) &&
        authorOf(item.key) === authorOf(seen.key)
      );
    }

    #remember(items, places) {
      this.nodes = new WeakMap(); // an element that was gone for a while proves nothing
      let [low, high] = [Infinity, -1];
      items.forEach(({ node, key, text, id }, i) => {
        const number = places[i];
        if (number < 0) return;
        this.keys[number - this.first] = key;
        this.nodes.set(node, { number, key, text });
        if (id) this.ids.set(id, number);
        low = Math.min(low, number);
        high = Math.max(high, number + 1);
      });
      if (high >= 0) [this.low, this.high] = [low, high];
      this.#forget();
    }

    #forget() {
      const over = this.keys.length - this.kept;
      if (over < this.kept / 4) return; // seldom, because it moves the whole array
      this.keys.splice(0, over);
      this.first += over;
      this.low = Math.max(this.low, this.first);
      this.high = Math.max(this.high, this.low);
      for (const id of this.ids.keys()) {
        if (this.ids.size <= this.kept) break;
        this.ids.delete(id);
      }
    }
  }

  const isKnown = (number) => number >= 0;

  /** Keys are "author\ntext". */
  const authorOf = (key) => key.slice(0, key.indexOf("\n"));

  /** Numbers that only grow: those that would go back are -1 (an id was used again). */
  function rising(numbers) {
    let last = -1;
    return numbers.map((number) => {
      if (number <= last) return -1;
      last = number;
      return number;
    });
  }

  /** Best common subsequence by `worth`; for each of `n` its partner in `m`, or -1. */
  function common(n, m, worth) {
    const table = Array.from({ length: n + 1 }, () => new Int32Array(m + 1));
    for (let i = n - 1; i >= 0; i -= 1) {
      for (let j = m - 1; j >= 0; j -= 1) {
        const w = worth(i, j);
        const skip = Math.max(table[i + 1][j], table[i][j + 1]);
        table[i][j] = w > 0 ? Math.max(skip, table[i + 1][j + 1] + w) : skip;
      }
    }
    const partners = new Array(n).fill(-1);
    for (let i = 0, j = 0; i < n && j < m; ) {
      const w = worth(i, j);
      if (w > 0 && table[i][j] === table[i + 1][j + 1] + w) partners[i++] = j++;
      else if (table[i][j] === table[i + 1][j]) i += 1;
      else j += 1;
    }
    return partners;
  }

  globalThis.hostdesk.Sequence = Sequence;
})();
