"use strict";
// From the page to the extension's worker. The browser may end the worker at any moment: what it
// has not confirmed is kept here and sent again, in order, under the same number.
(() => {
  const UNCONFIRMED_MAX = 10_000; // comments
  const GATHER_MS = 50;
  const AT_ONCE = 40; // so many comments do not wait for more
  const BATCH_MAX = 200; // with the longest texts still below the inbox's 1 MiB

  class Line {
    /** @param {(message: object) => void} hear what the worker says */
    constructor(hear) {
      this.hear = hear;
      this.hello = null;
      this.batches = []; // sent or to be sent, oldest first: {n, items}
      this.gathering = [];
      this.next = 1;
      this.lost = 0;
      this.port = null;
      this.timer = 0;
    }

    /** Say who we are; said again whenever the worker comes back. */
    open(hello) {
      this.hello = hello;
      if (this.port) this.#post(hello);
      else this.#connect();
    }

    /** Hand over comments. They leave together with those of the next 50 ms. */
    push(comments) {
      this.gathering.push(...comments);
      if (this.gathering.length >= AT_ONCE) this.flush();
      else this.timer ||= setTimeout(() => this.flush(), GATHER_MS);
    }

    flush() {
      clearTimeout(this.timer);
      this.timer = 0;
      while (this.gathering.length > 0) {
        const batch = { type: "batch", n: this.next++, items: this.gathering.splice(0, BATCH_MAX) };
        this.batches.push(batch);
        this.#post(batch);
      }
      this.#bound();
    }

    /** Tell the state; only the newest counts, so it is not kept. */
    tell(state) {
      this.#post({ type: "state", lost: this.lost, ...state });
    }

    close() {
      this.flush();
      this.port?.disconnect();
      this.port = null;
    }

    #connect() {
      try {
        this.port = chrome.runtime.connect({ name: "page" });
      } catch {
        this.port = null; // the extension was updated or removed; its new copy reads on
        this.hear({ type: "orphaned" });
        return;
      }
      this.port.onMessage.addListener((message) => this.#heard(message));
      this.port.onDisconnect.addListener(() => this.#dropped());
      this.#post(this.hello);
      for (const batch of this.batches) this.#post(batch);
    }

    /** The worker was ended: connecting wakes it again. */
    #dropped() {
      void chrome.runtime.lastError; // read, so that the browser does not report it
      this.port = null;
      if (this.hello) this.#connect();
    }

    #post(message) {
      try {
        this.port?.postMessage(message);
      } catch {
        this.port = null; // `onDisconnect` follows, or the next word connects again
      }
    }

    #heard(message) {
      if (message.type === "ack") this.batches = this.batches.filter(({ n }) => n > message.n);
      else this.hear(message);
    }

    #bound() {
      let kept = this.batches.reduce((sum, { items }) => sum + items.length, 0);
      while (kept > UNCONFIRMED_MAX) {
        const { items } = this.batches.shift();
        kept -= items.length;
        this.lost += items.length;
      }
    }
  }

  Object.assign(globalThis.hostdesk, { Line });
})();
