"use strict";
// Watches one list and tells each comment once. Looks after every change of the page, before the
// browser paints it, so that whatever was shown was looked at; rows are parsed only when changed.
(() => {
  const { readRow, scroller } = globalThis.hostdesk;
  const ROWS_MAX = 400; // of a page that never trims its list only the newest are looked at
  const PARKED = -4000; // px; where virtual lists put rows that are not in use

  class Reader {
    /**
     * @param {{element: Element, rules: object, itemSelector: string}} found
     * @param {Sequence} sequence what was read so far
     * @param {{tell: (comments: object[], isFirst: boolean) => void, gone: () => void}} on
     */
    constructor(found, sequence, on) {
      this.found = found;
      this.on = on;
      this.sequence = sequence;
      this.rows = new WeakMap(); // row → what it says; dropped when something in it changes
      this.newestFirst = this.#isTurned();
      this.turnable = true;
      this.looked = sequence.end > sequence.first;
      this.guard = this.#guarded();
      this.observer = new MutationObserver((records) => this.#changed(records));
      this.observer.observe(found.element, {
        childList: true,
        subtree: true,
        characterData: true,
        attributes: true,
        attributeFilter: ["style", "alt", "hidden", ...attributesOf(found.rules)],
      });
      this.look();
    }

    stop() {
      this.#changed(this.observer.takeRecords());
      this.observer.disconnect();
      this.guard.disconnect();
    }

    /** Whether the list still stands in the page. */
    get isThere() {
      return this.found.element.isConnected;
    }

    /** Whether a person could see it, were the tab in front. */
    get isShown() {
      const box = (scroller(this.found.element) ?? this.found.element).getBoundingClientRect();
      return box.width > 0 && box.height > 0;
    }

    /** Read the rows as they stand now and tell what is new. */
    look() {
      const items = this.#items();
      let { fresh, before } = this.sequence.look(items);
      if (before > 0 && this.#shouldTurn(fresh)) {
        this.newestFirst = !this.newestFirst;
        this.turnable = false;
        this.sequence.reverse();
        items.reverse();
        ({ fresh } = this.sequence.look(items));
      } else if (fresh.length > 0 && this.looked) this.turnable = false; // rows do come at the end
      const isFirst = !this.looked;
      if (items.length > 0) this.looked = true;
      if (fresh.length > 0) this.on.tell(fresh.map((index) => items[index]), isFirst);
    }

    /** Pages that mount their list anew: heard from the elements around it. */
    #guarded() {
      const guard = new MutationObserver(() => {
        if (!this.isThere) this.on.gone();
      });
      for (let at = this.found.element.parentNode; at; at = at.parentNode) guard.observe(at, { childList: true });
      return guard;
    }

    #changed(records) {
      if (records.length === 0) return;
      for (const { target } of records) this.#forget(target);
      this.look();
    }

    /** Something in `node` changed: the row that holds it is parsed again. */
    #forget(node) {
      for (let at = node; at && at !== this.found.element; at = at.parentNode) this.rows.delete(at);
    }

    /** The rows in use, oldest first, each with what it says. */
    #items() {
      const items = [];
      for (const row of this.#inOrder(this.#elements())) {
        let said = this.rows.get(row);
        if (said === undefined) {
          const read = readRow(row, this.found.rules);
          said = read && { node: row, ...read };
          this.rows.set(row, said);
        }
        if (said) items.push(said);
      }
      if (this.newestFirst) items.reverse();
      return items;
    }

    #elements() {
      const { element, itemSelector } = this.found;
      const rows = itemSelector ? element.querySelectorAll(itemSelector) : element.children;
      const newest = this.newestFirst ? [0, ROWS_MAX] : [Math.max(0, rows.length - ROWS_MAX), rows.length];
      return Array.prototype.slice.call(rows, ...newest).filter((row) => !row.hidden && row.style.display !== "none");
    }

    /** Virtual lists place rows by coordinates and reuse elements: then these give the order. */
    #inOrder(rows) {
      const placed = rows.map((row) => ({ row, top: topOf(row) }));
      if (placed.filter(({ top }) => top !== null).length < rows.length * 0.8) return rows;
      return placed
        .filter(({ top }) => top === null || top > PARKED)
        .sort((a, b) => (a.top ?? 0) - (b.top ?? 0))
        .map(({ row }) => row);
    }

    /** Unknown rows at the start: older ones that were loaded, or is the newest on top here? */
    #shouldTurn(fresh) {
      if (!this.turnable || fresh.length > 0) return false;
      const box = scroller(this.found.element);
      if (!box || box.scrollHeight <= box.clientHeight + 8) return true;
      return box.scrollTop < 8; // who reads upwards stands at the top and not at the end
    }

    #isTurned() {
      return getComputedStyle(this.found.element).flexDirection === "column-reverse";
    }
  }

  /** Where the row stands by its own style, in px; null where the page's flow places it. */
  function topOf(row) {
    const { transform, top } = row.style;
    const moved = /translate(?:Y\(|3d\([^,]+,|\([^,]+,)\s*(-?[\d.]+)px/.exec(transform);
    if (moved) return Number(moved[1]);
    return top.endsWith("px") ? Number.parseFloat(top) : null;
  }

  function attributesOf(rules) {
    const named = [...rules.author, ...rules.text].filter((s) => s.startsWith("@")).map((s) => s.slice(1));
    return [...named, rules.authorId, rules.commentId].filter(Boolean);
  }

  Object.assign(globalThis.hostdesk, { Reader });
})();
