"use strict";
// Counts where on a page rows come and change, while the list has not been found yet.
(() => {
  /** Watch `root`; `moves(element)` = how often rows of that element came or changed so far. */
  class Moves {
    constructor(root, onMove) {
      this.onMove = onMove;
      this.counts = new WeakMap();
      this.observer = new MutationObserver((records) => this.#count(records));
      this.observer.observe(root, { childList: true, subtree: true, characterData: true });
    }

    moves = (element) => this.counts.get(element) ?? 0;

    stop() {
      this.observer.disconnect();
    }

    #count(records) {
      const moved = new Set();
      for (const record of records) {
        // A row that came, or words inside a row (recycled ones): three levels are enough.
        let at = record.target;
        for (let n = 0; at && n < 4; at = at.parentElement, n += 1) moved.add(at);
      }
      for (const element of moved) this.counts.set(element, (this.counts.get(element) ?? 0) + 1);
      this.onMove();
    }
  }

  Object.assign(globalThis.hostdesk, { Moves });
})();
