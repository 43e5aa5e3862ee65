// Lists as live pages make them. Each page sets `window.show(name, text)`; the test drives it through
// `window.drive({from, count, everyMs, say})` and reads `window.shown`: what was really on the page.
"use strict";

window.shown = [];
const NAMES = ["小鹿", "阿伟", "ann", "momo", "豆豆妈", "Q", "用户7312", "芒果冰"];
const WORDS = ["多少钱", "666", "1", "好看", "卡了", "有没有黑色 XL", "扣1", "起球吗：我的起球了", "👏👏", "链接呢"];

/** The n-th comment: many are the same words by the same person. */
function comment(n) {
  return n % 5 === 0 ? ["阿伟", "666"] : [NAMES[n % 8], n % 3 ? `${WORDS[n % 10]}${n}` : WORDS[n % 10]];
}

/** Show `count` comments, `perTick` at a time every `everyMs` ms. Resolves when all were shown. */
window.drive = ({ from = 0, count, everyMs = 20, perTick = 1 }) =>
  new Promise((done) => {
    let n = from;
    const timer = setInterval(() => {
      for (let i = 0; i < perTick && n < from + count; i += 1, n += 1) {
        const [name, text] = comment(n);
        window.shown.push(`${name}|${text}`);
        window.show(name, text);
      }
      window.after?.();
      if (n >= from + count) {
        clearInterval(timer);
        done(window.shown.length);
      }
    }, everyMs);
  });

window.element = (tag, className, ...children) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
};
