"use strict";
// In what state a page is, from what can be seen of it. Pure; tested in node.
globalThis.hostdesk ??= {};
(() => {
  const PATIENCE_MS = 10_000; // how long a page may take to draw its list

  /**
   * @param {{hidden: boolean, painted: boolean, isShown: boolean, by: string, isKnown: boolean,
   *   missingMs: number}} seen hidden: tab or window not in front · painted: the browser draws
   *   frames · isShown: the list has a size · by: how it was found, "" = not · isKnown: the
   *   site is in the table · missingMs: for how long there has been no list
   * @returns {{state: string, reason: string}} state as the inbox knows it; "" = nothing to say yet
   */
  function stateOf({ hidden, painted, isShown, by, isKnown, missingMs }) {
    if (!by && missingMs < PATIENCE_MS) return { state: "", reason: "looking" };
    if (!by && hidden) return { state: "covered", reason: "covered" };
    if (!by) return { state: "page_changed", reason: "nothing_found" };
    if (hidden || !painted) return { state: "covered", reason: "covered" };
    if (!isShown) return { state: "covered", reason: "list_hidden" };
    if (by === "shape" && isKnown) return { state: "live", reason: "by_shape" };
    return { state: "live", reason: "" };
  }

  /** Tells whether the browser paints this page: covered windows get no frames. */
  class Painting {
    constructor() {
      this.missed = 0;
      this.waiting = false;
    }

    get isPainted() {
      return this.missed < 2;
    }

    /** Ask for one frame; called every few seconds. */
    ask(requestFrame) {
      this.missed = this.waiting ? this.missed + 1 : 0;
      if (this.waiting) return;
      this.waiting = true;
      requestFrame(() => {
        this.waiting = false;
        this.missed = 0;
      });
    }
  }

  Object.assign(globalThis.hostdesk, { stateOf, Painting, PATIENCE_MS });
})();
