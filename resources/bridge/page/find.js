"use strict";
// Where on a page the comments stand: by the site's selectors, by what the host chose, by shape.
(() => {
  const { readRow } = globalThis.hostdesk;
  const NO_RULES = { author: [], text: [], authorId: "", commentId: "", skip: "", swap: false };
  const LIKELY = /comment|chat|danmu|danmaku|barrage|message|msg|评论|弹幕|互动/i;
  const UNLIKELY = /product|goods|sku|商品|cart|rank|nav|menu|tab|order|toolbar|option|select/i;
  const ROWS_MIN = 3;
  const ROW_TEXT_MAX = 240;
  const LOOKED_AT_MAX = 4000;

  /** @typedef {{element: Element, rules: object, itemSelector: string, by: string}} Found */

  /** What the host chose on this page, if it is there. */
  function findChosen(root, choice) {
    if (!choice) return null;
    const element = query(root, choice.list);
    if (!element) return null;
    return { element, rules: { ...NO_RULES, swap: Boolean(choice.swap) }, itemSelector: "", by: "choice" };
  }

  /** What the site table knows, if it is there: the list and at least one row that can be read. */
  function findKnown(root, site) {
    if (!site) return null;
    const rules = rulesOf(site);
    for (const selector of site.list) {
      const element = query(root, selector);
      if (!element) continue;
      const itemSelector = site.item.find((item) => query(element, item)) ?? null;
      if (itemSelector === null) continue;
      const rows = [...element.querySelectorAll(itemSelector)].slice(-20);
      if (rows.some((row) => readRow(row, rules))) return { element, rules, itemSelector, by: "table" };
    }
    return null;
  }

  function rulesOf(site) {
    const { author, text, author_id: authorId, comment_id: commentId, skip } = site;
    return { author, text, authorId, commentId, skip, swap: false };
  }

  /** A selector that a person wrote may be wrong: then it matches nothing. */
  function query(root, selector) {
    try {
      return root.querySelector(selector);
    } catch {
      return null;
    }
  }

  /**
   * The list by its shape: scrolls, many short rows alike, and rows come while we look.
   * `moves` tells how often rows of an element changed since we began to watch.
   */
  function findByShape(root, moves) {
    let best = null;
    for (const element of candidates(root)) {
      const score = scoreOf(element) + Math.min(3, moves(element));
      if (score >= 6 && score > (best?.score ?? 0)) best = { element, score };
    }
    return best && { element: best.element, rules: NO_RULES, itemSelector: "", by: "shape" };
  }

  function* candidates(root) {
    let looked = 0;
    for (const element of root.querySelectorAll("ul,ol,div,section,tbody,main,article")) {
      if ((looked += 1) > LOOKED_AT_MAX) return;
      if (element.childElementCount >= ROWS_MIN) yield element;
    }
  }

  /** 0 = cannot be; 6 with rows coming in, or 6 by its looks and names alone, is enough. */
  function scoreOf(element) {
    const rows = [...element.children].slice(-30);
    if (!areAlike(rows)) return -9;
    const texts = rows.map((row) => row.textContent.trim().length);
    if (texts.some((length) => length > ROW_TEXT_MAX)) return -9;
    if (texts.filter((length) => length > 0).length < ROWS_MIN) return -9;
    const names = namesAround(element);
    if (UNLIKELY.test(names) && !LIKELY.test(names)) return -9;
    const box = scroller(element);
    return (LIKELY.test(names) ? 2 : 0) + (box ? 2 : 0) + named(rows) + (rows.length >= 8 ? 1 : 0);
  }

  /** Most rows have the same tag and the same first class (badges add others). */
  function areAlike(rows) {
    const counts = new Map();
    for (const row of rows) {
      const kind = `${row.nodeName}.${row.classList[0] ?? ""}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return Math.max(...counts.values()) >= rows.length * 0.6;
  }

  /** How well rows fall into a name and words. */
  function named(rows) {
    const read = rows.map((row) => readRow(row, NO_RULES)).filter(Boolean);
    const good = read.filter((row) => row.name && row.name.length <= 30).length;
    return read.length > 0 && good >= read.length * 0.7 ? 2 : 0;
  }

  /** The words in class, id, role and label of an element and the two around it. */
  function namesAround(element) {
    let names = "";
    for (let at = element, n = 0; at && n < 3; at = at.parentElement, n += 1) {
      if (at === document.body) break;
      names += ` ${at.className?.baseVal ?? at.className} ${at.id} ${at.getAttribute("role") ?? ""} ${at.getAttribute("aria-label") ?? ""}`;
    }
    return names;
  }

  /** The element that scrolls this list: itself or one of the four around it. */
  function scroller(element) {
    for (let at = element, n = 0; at && n < 5; at = at.parentElement, n += 1) {
      const { overflowY } = getComputedStyle(at);
      if (/auto|scroll|overlay/.test(overflowY) || (overflowY === "hidden" && at.scrollHeight > at.clientHeight + 8)) return at;
    }
    return null;
  }

  Object.assign(globalThis.hostdesk, { findChosen, findKnown, findByShape, scroller, NO_RULES });
})();
