"use strict";
// What a piece of text on a page is by its look: a time, a badge, a name with its colon. Pure.
globalThis.hostdesk ??= {};
(() => {
  const TIME = /^(刚刚|\d{1,2}[:：]\d{2}([:：]\d{2})?|\d+\s*(秒|分钟?|小时|[smh]|min|sec)(前|\s*ago)?)$/i;
  const LEVEL = /^(lv\.?|等级)?\s*\d{1,3}$/i;
  const BADGE_CLASS = /badge|level|medal|grade|icon|honou?r|fans|avatar|(^|[-_\s])tag|time/i;
  const NAME_END = /[：:]\s*$/;
  const NAME_THEN_TEXT = /^([^：:\n]{1,40})[：:]\s*(.+)$/s;
  const SPACES = /[\s\u200b\u200e\u200f\ufeff]+/g;
  const NAME_MAX = 80;
  const TEXT_MAX = 1000;

  /** One line, without the invisible characters that pages put in. */
  function clean(text) {
    return String(text ?? "").replace(SPACES, " ").trim();
  }

  /** "小鹿：" → "小鹿". */
  function cleanName(text) {
    return clean(text).replace(NAME_END, "").trim().slice(0, NAME_MAX);
  }

  const cleanText = (text) => clean(text).slice(0, TEXT_MAX);

  /** Whether a piece says nothing by itself: when it was, what level somebody has. */
  function isDecoration({ text, classes }, isFirst) {
    if (TIME.test(text)) return true;
    return BADGE_CLASS.test(classes) || (isFirst && LEVEL.test(text));
  }

  /** The pieces that carry name and words. All of them where nothing else would be left. */
  function withoutDecoration(pieces) {
    const kept = [];
    for (const piece of pieces) if (!isDecoration(piece, kept.length === 0)) kept.push(piece);
    return kept.length > 0 ? kept : pieces;
  }

  /**
   * Name and words of a row whose parts nobody named.
   * @param {{text: string, classes: string}[]} pieces the row's texts in reading order
   * @returns {{name: string, text: string}} name is "" where none can be told
   */
  function splitPieces(pieces) {
    const parts = withoutDecoration(pieces).map((piece) => piece.text);
    const at = parts.findIndex((part) => NAME_END.test(part) || /^[：:]$/.test(part));
    if (at >= 0 && at < parts.length - 1) {
      return { name: cleanName(parts.slice(0, at + 1).join("")), text: join(parts.slice(at + 1)) };
    }
    const split = NAME_THEN_TEXT.exec(parts[0] ?? "");
    if (split) return { name: cleanName(split[1]), text: join([split[2], ...parts.slice(1)]) };
    if (parts.length >= 2 && /^[：:]/.test(parts[1])) {
      return { name: cleanName(parts[0]), text: join([parts[1].slice(1), ...parts.slice(2)]) };
    }
    if (parts.length >= 2) return { name: cleanName(parts[0]), text: join(parts.slice(1)) };
    return { name: "", text: cleanText(parts[0]) };
  }

  const join = (parts) => cleanText(parts.join(" "));

  /** What makes two rows the same words by the same person. */
  const keyOf = (name, text) => `${name}\n${text}`;

  Object.assign(globalThis.hostdesk, { clean, cleanName, cleanText, splitPieces, keyOf });
})();
