"use strict";
// One row of a comment list → name, words, ids. Reads the page, changes nothing on it.
(() => {
  const { clean, cleanName, cleanText, splitPieces, keyOf } = globalThis.hostdesk;
  const UNSEEN = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "SVG", "VIDEO", "AUDIO", "INPUT", "TEXTAREA"]);
  const PIECES_MAX = 40;
  const MASKED_ID = /^(0|null|undefined|\*+)?$/;

  /**
   * @typedef {object} Rules how rows of one list are read; "" and [] = by shape
   * @property {string[]} author  selectors, or "@attribute" of the row
   * @property {string[]} text
   * @property {string} authorId  attribute of the row
   * @property {string} commentId
   * @property {string} skip      rows that match are not comments
   * @property {boolean} swap     the host says that name and words stand the other way round
   */

  /** What one row says, or null while it says nothing (a gap, a row still being drawn). */
  function readRow(row, rules) {
    if (rules.skip && row.matches(rules.skip)) return null;
    const { name, text } = namedParts(row, rules) ?? shapeParts(row, rules);
    if (!text) return null;
    const authorId = attribute(row, rules.authorId);
    return {
      name,
      text,
      key: keyOf(name, text),
      id: attribute(row, rules.commentId),
      authorId: MASKED_ID.test(authorId) ? "" : authorId,
    };
  }

  function attribute(row, name) {
    return name ? clean(row.getAttribute(name)) : "";
  }

  /** Name and words by the site's selectors; null where they do not match this row. */
  function namedParts(row, rules) {
    const text = firstPart(row, rules.text);
    if (text === null) return null;
    const name = firstPart(row, rules.author) ?? nameBeside(row, rules.text);
    return { name: cleanName(name), text: cleanText(stripColon(text)) };
  }

  /** The first selector that finds something in the row. */
  function firstPart(row, selectors) {
    for (const selector of selectors) {
      const found = selector.startsWith("@") ? row.getAttribute(selector.slice(1)) : textOf(row.querySelector(selector));
      if (found !== null && clean(found)) return found;
    }
    return null;
  }

  /** Pages that mark only the words: the name is what stands before them. */
  function nameBeside(row, selectors) {
    const words = selectors.map((s) => (s.startsWith("@") ? null : row.querySelector(s))).find(Boolean);
    const before = piecesOf(row, words);
    return before.length > 0 ? splitPieces([...before, { text: "-", classes: "" }]).name : "";
  }

  const stripColon = (text) => clean(text).replace(/^[：:]\s*/, "");

  function shapeParts(row, rules) {
    const parts = splitPieces(piecesOf(row, null));
    return rules.swap ? { name: cleanName(parts.text), text: cleanText(parts.name) } : parts;
  }

  /** Words of an element, with the names of small pictures ("[比心]") in their place. */
  function textOf(element) {
    if (!element) return null;
    let text = "";
    for (const node of walk(element)) text += node.nodeType === 3 ? node.data : pictureName(node);
    return text;
  }

  /** The row's texts in reading order, each with the classes around it; up to element `until`. */
  function piecesOf(row, until) {
    const pieces = [];
    let last = null;
    for (const node of walk(row)) {
      if (until && until.contains(node)) break;
      const text = node.nodeType === 3 ? node.data : pictureName(node);
      if (!clean(text)) continue;
      const parent = node.parentElement;
      // Text and small pictures side by side in one element are one piece.
      if (last && last.parent === parent && parent !== row) last.text = clean(`${last.text}${text}`);
      else pieces.push((last = { parent, text: clean(text), classes: classesUpTo(parent, row) }));
      if (pieces.length >= PIECES_MAX) break;
    }
    return pieces;
  }

  function* walk(root) {
    for (const child of root.childNodes) {
      if (child.nodeType === 3) yield child;
      else if (child.nodeType === 1 && !UNSEEN.has(child.nodeName.toUpperCase())) {
        if (child.nodeName === "IMG") yield child;
        else yield* walk(child);
      }
    }
  }

  /** Only what looks like an emoticon: an avatar's or a badge's name is no part of the words. */
  function pictureName(picture) {
    const name = clean(picture.getAttribute?.("alt"));
    return /^(\[.{1,12}\]|\p{Extended_Pictographic}[\p{Extended_Pictographic}\u200d\ufe0f]*)$/u.test(name) ? name : "";
  }

  function classesUpTo(element, row) {
    const classes = [];
    for (let at = element; at && at !== row; at = at.parentElement) classes.push(at.getAttribute("class") ?? "");
    return classes.join(" ");
  }

  Object.assign(globalThis.hostdesk, { readRow, textOf });
})();
