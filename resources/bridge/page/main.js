"use strict";
// One page (or frame): finds the list, reads it, tells the worker how it stands.
(() => {
  const desk = globalThis.hostdesk;
  if (desk.page) return; // put in twice: by the manifest, and after an update of the extension
  const LOOK_MS = 2000;
  const RETRY_MS = 200;

  class Page {
    constructor() {
      this.doc = crypto.randomUUID().slice(0, 13);
      this.count = 0;
      this.path = "";
      this.welcome = null;
      this.reader = null;
      this.by = "";
      this.told = "";
      this.painting = new desk.Painting();
      this.line = new desk.Line((message) => this.#hear(message));
      this.timer = setInterval(() => this.#tick(), LOOK_MS);
      document.addEventListener("visibilitychange", () => this.#tell());
      addEventListener("pagehide", () => this.line.flush());
      this.#arrive();
    }

    get isTop() {
      return window === window.top;
    }

    /** A new address: another room, perhaps. */
    #arrive() {
      this.path = location.pathname + location.search;
      this.#rest();
      this.sequence = new desk.Sequence();
      this.welcome = null;
      this.line.flush();
      this.line.open({ type: "hello", doc: this.doc, path: this.path, isTop: this.isTop });
    }

    #hear(message) {
      if (message.type === "welcome") this.#welcomed(message);
      else if (message.type === "again") this.#arrive();
      else if (message.type === "orphaned") this.#leave();
    }

    /** The worker says what it knows about this site, and whether this page is the one to read. */
    #welcomed(welcome) {
      const wasReading = this.welcome?.isLead && this.welcome.room === welcome.room;
      this.welcome = welcome;
      this.told = "";
      if (!welcome.isLead || !welcome.isRelevant) this.#rest();
      else if (!wasReading) {
        this.sequence = new desk.Sequence();
        this.sequence.resume(welcome.tail);
        this.#search();
      }
      this.#tell();
    }

    /** Stop reading; the address may still change to a room. */
    #rest() {
      this.reader?.stop();
      this.moves?.stop();
      clearTimeout(this.retry);
      this.reader = this.moves = this.retry = null;
      this.by = "";
      this.missingSince = Date.now();
    }

    #leave() {
      clearInterval(this.timer);
      this.#rest();
      this.welcome = null;
    }

    #search() {
      this.#rest();
      this.moves = new desk.Moves(document.documentElement, () => this.#soon());
      this.#find();
    }

    /** The page moves: look again, but not at each change. */
    #soon() {
      this.retry ??= setTimeout(() => {
        this.retry = null;
        this.#find();
      }, RETRY_MS);
    }

    #find() {
      if (this.reader || !this.welcome?.isLead) return;
      const { site, choice } = this.welcome;
      const found =
        desk.findChosen(document, choice) ??
        desk.findKnown(document, site) ??
        desk.findByShape(document, this.moves.moves);
      if (!found) return;
      this.moves.stop();
      this.by = found.by;
      this.reader = new desk.Reader(found, this.sequence, {
        tell: (comments, isFirst) => this.#push(comments, isFirst),
        gone: () => this.#search(),
      });
      this.#tell();
    }

    #push(comments, isFirst) {
      const seen = isFirst ? null : Date.now(); // how old the first ones are nobody knows
      this.line.push(
        comments.map(({ name, text, id, authorId, key }) => ({
          id: id || `${this.doc}-${(this.count += 1)}`,
          name, text, authorId, key, seen,
        })),
      );
    }

    #tick() {
      if (location.pathname + location.search !== this.path) return this.#arrive();
      if (!this.welcome?.isLead || !this.welcome.isRelevant) return undefined;
      this.painting.ask((done) => requestAnimationFrame(done));
      if (this.reader && !this.reader.isThere) this.#search();
      else if (!this.reader) this.#find();
      else if (this.by === "shape" && this.welcome.site) this.#better();
      return this.#tell();
    }

    /** Read by shape, but now the site's own selectors match. */
    #better() {
      if (desk.findKnown(document, this.welcome.site)) this.#search();
    }

    #state() {
      if (!this.welcome?.isRelevant) return { state: "", reason: "not_a_room" };
      if (!this.welcome.isLead) return { state: "", reason: "read_elsewhere" };
      const seen = desk.stateOf({
        hidden: document.visibilityState !== "visible",
        painted: this.painting.isPainted,
        isShown: this.reader?.isShown ?? false,
        by: this.by,
        isKnown: Boolean(this.welcome.site),
        missingMs: Date.now() - this.missingSince,
      });
      // A frame without a list is an advertisement or a player; only the page itself may miss it.
      return !this.by && !this.isTop ? { state: "", reason: "looking" } : seen;
    }

    #tell() {
      if (!this.welcome) return;
      const state = { ...this.#state(), by: this.by, hidden: document.visibilityState !== "visible" };
      const told = JSON.stringify(state);
      if (told !== this.told) this.line.tell(state);
      this.told = told;
    }
  }

  desk.page = new Page();
})();
