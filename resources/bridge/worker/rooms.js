// The pages that are open now, and which of them reads a room: of two tabs with the same room one
// is enough, and the one in front sees more. Pure; tested in node.

export class Rooms {
  constructor() {
    this.pages = new Set();
  }

  /** @param {object} page {room, platform, tabId, isRelevant, state, reason, hidden, isLead} */
  add(page) {
    this.pages.add(page);
  }

  remove(page) {
    this.pages.delete(page);
  }

  of(room) {
    return [...this.pages].filter((page) => page.room === room && page.isRelevant);
  }

  lead(room) {
    return this.of(room).find((page) => page.isLead) ?? null;
  }

  /**
   * Decide who reads `room` and say who changed. The one that reads goes on unless it is gone, or
   * is hidden while another one is in front.
   */
  elect(room) {
    const pages = this.of(room);
    const now = pages.find((page) => page.isLead) ?? null;
    const better = pages.find((page) => !page.hidden);
    const next = now && (!now.hidden || !better) ? now : (better ?? pages[0] ?? null);
    const changed = pages.filter((page) => page.isLead !== (page === next));
    for (const page of pages) page.isLead = page === next;
    return changed.sort((page) => (page.isLead ? 1 : -1)); // first the one that stops
  }

  /** One page per room whose state hostdesk should hear. */
  reporting() {
    return [...this.pages].filter((page) => page.isLead && page.state && !this.#isOverruled(page));
  }

  /** A page without a list, while a frame in the same tab reads one. */
  #isOverruled(page) {
    if (page.state !== "page_changed") return false;
    return [...this.pages].some((other) => other !== page && other.tabId === page.tabId && other.by);
  }
}
