"use strict";
// Point and click: the host shows which list holds the comments. Draws over the page in a closed
// shadow tree of its own; the page's elements are not touched.
(() => {
  const desk = globalThis.hostdesk;
  const { readRow, NO_RULES } = desk;
  const say = (name) => chrome.i18n.getMessage(name);
  const ROWS_MIN = 2;
  const UNSTABLE = /\d{3,}|^css-|^sc-|^_|[A-Z0-9]{6,}|__/; // names made by a build, other tomorrow

  class Chooser {
    constructor(done) {
      this.done = done;
      this.list = null;
      this.fixed = false;
      this.swap = false;
      this.host = document.createElement("div");
      this.host.style.cssText = "all:initial;position:fixed;inset:0;z-index:2147483647;pointer-events:none";
      this.#draw(this.host.attachShadow({ mode: "closed" }));
      document.documentElement.append(this.host);
      this.listeners = { mousemove: this.#move, click: this.#click, keydown: this.#key };
      for (const [name, listener] of Object.entries(this.listeners)) addEventListener(name, listener, true);
    }

    close() {
      for (const [name, listener] of Object.entries(this.listeners)) removeEventListener(name, listener, true);
      this.host.remove();
      desk.chooser = null;
    }

    #draw(root) {
      this.frame = element("div", "position:fixed;border:3px solid #2f9e8f;border-radius:6px;background:#2f9e8f22;display:none");
      this.panel = element("div", "position:fixed;left:50%;bottom:24px;transform:translateX(-50%);max-width:520px;padding:14px 18px;border-radius:10px;background:#1d2327;color:#e8ecee;font:14px/1.6 sans-serif;pointer-events:auto;box-shadow:0 6px 30px #0008");
      this.words = element("div", "white-space:pre-line");
      this.buttons = element("div", "margin-top:10px;display:none;gap:8px;flex-wrap:wrap");
      this.#button("chooser_yes", () => this.#confirm());
      this.#button("chooser_swap", () => this.#turn());
      this.#button("chooser_again", () => this.#release());
      this.#button("chooser_cancel", () => this.close());
      this.words.textContent = say("chooser_point");
      this.panel.append(this.words, this.buttons);
      root.append(this.frame, this.panel);
    }

    #button(name, act) {
      const button = element("button", "padding:6px 12px;border:0;border-radius:6px;background:#34424a;color:#fff;font:inherit;cursor:pointer");
      button.textContent = say(name);
      button.addEventListener("click", act);
      this.buttons.append(button);
    }

    #isOurs = (event) => event.composedPath().includes(this.host);

    #move = (event) => {
      if (this.fixed || this.#isOurs(event)) return;
      this.list = listAround(event.target);
      this.frame.style.display = this.list ? "block" : "none";
      if (this.list) place(this.frame, this.list.getBoundingClientRect());
    };

    #click = (event) => {
      if (this.#isOurs(event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (this.fixed) return;
      this.list = listAround(event.target) ?? this.list;
      if (!this.list) return;
      place(this.frame, this.list.getBoundingClientRect());
      this.frame.style.display = "block";
      this.fixed = true;
      this.buttons.style.display = "flex";
      this.#show();
    };

    #key = (event) => {
      if (event.key === "Escape") this.close();
    };

    /** The last rows as they would be read: the host sees whether it is right. */
    #show() {
      const rules = { ...NO_RULES, swap: this.swap };
      const rows = [...this.list.children].map((row) => readRow(row, rules)).filter(Boolean).slice(-3);
      const lines = rows.map(({ name, text }) => `${name || say("chooser_nobody")}：${text}`);
      this.words.textContent = [say("chooser_read"), ...lines].join("\n");
    }

    #turn() {
      this.swap = !this.swap;
      this.#show();
    }

    #release() {
      this.fixed = false;
      this.buttons.style.display = "none";
      this.words.textContent = say("chooser_point");
    }

    #confirm() {
      const choice = { list: selectorOf(this.list), swap: this.swap };
      this.close();
      this.done(choice);
    }
  }

  function element(name, style) {
    const made = document.createElement(name);
    made.style.cssText = style;
    return made;
  }

  function place(frame, { left, top, width, height }) {
    Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  }

  /** Up from what was pointed at to the first element with several rows alike, each with words. */
  function listAround(target) {
    for (let row = target; row?.parentElement && row !== document.body; row = row.parentElement) {
      const rows = [...row.parentElement.children].filter((other) => isLike(other, row));
      if (rows.length >= ROWS_MIN && rows.every(saysSomething) && isRow(row)) return row.parentElement;
    }
    return null;
  }

  const isLike = (other, row) =>
    other.nodeName === row.nodeName && (other.classList[0] ?? "") === (row.classList[0] ?? "");
  const saysSomething = (row) => row.textContent.trim() !== "";
  /** Parts of one row (name, badge, words) stand side by side in a line: they are no rows. */
  const isRow = (row) => !getComputedStyle(row).display.startsWith("inline") && readRow(row, NO_RULES)?.name !== "";

  /** A selector that finds this element again after the page was loaded anew. */
  function selectorOf(target) {
    const steps = [];
    for (let at = target; at && at !== document.documentElement; at = at.parentElement) {
      steps.unshift(stepOf(at));
      const selector = steps.join(" > ");
      if (document.querySelectorAll(selector).length === 1) return selector;
    }
    return steps.join(" > ");
  }

  function stepOf(at) {
    if (at.id && !UNSTABLE.test(at.id)) return `#${CSS.escape(at.id)}`;
    const names = [...at.classList].filter((name) => !UNSTABLE.test(name)).slice(0, 2);
    const step = at.nodeName.toLowerCase() + names.map((name) => `.${CSS.escape(name)}`).join("");
    const alike = [...(at.parentElement?.children ?? [])].filter((other) => other.matches(step));
    if (alike.length <= 1) return step;
    return `${step}:nth-child(${[...at.parentElement.children].indexOf(at) + 1})`;
  }

  /** Begin; the worker keeps what the host chose. */
  function choose() {
    desk.chooser?.close();
    desk.chooser = new Chooser((choice) => {
      const page = { host: location.hostname, path: location.pathname };
      chrome.runtime.sendMessage({ type: "chosen", ...page, choice });
    });
  }

  Object.assign(desk, { choose, listAround, selectorOf });
})();
