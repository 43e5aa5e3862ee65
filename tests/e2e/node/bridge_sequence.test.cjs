"use strict";
// The reading core of the bridge: which comments of a list are new. Run: node --test tests/e2e/node
const assert = require("node:assert/strict");
const path = require("node:path");
const { test } = require("node:test");

const BRIDGE = path.join(__dirname, "../../../resources/bridge");
require(path.join(BRIDGE, "page/sequence.js"));
const { Sequence } = globalThis.hostdesk;

/** Rows as a page shows them: `words` like "A B C"; elements are kept where `nodes` gives them. */
function rows(words, nodes = []) {
  return words.map((text, i) => ({ node: nodes[i] ?? {}, key: `n\n${text}`, text }));
}

function read(sequence, items) {
  return sequence.look(items).fresh.map((i) => items[i].text);
}

/** A seeded die, so that a failure can be repeated. */
function die(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

test("the first look reads everything, the second nothing", () => {
  const sequence = new Sequence();
  const items = rows(["A", "B", "C"]);
  assert.deepEqual(read(sequence, items), ["A", "B", "C"]);
  assert.deepEqual(read(sequence, items), []);
});

test("the same words twice are two comments", () => {
  const sequence = new Sequence();
  const nodes = [{}, {}, {}, {}];
  assert.deepEqual(read(sequence, rows(["A", "A"], nodes)), ["A", "A"]);
  assert.deepEqual(read(sequence, rows(["A", "A", "A"], nodes)), ["A"]);
  // Trimmed at three: the window reads the same as before, but its last element is new.
  assert.deepEqual(read(sequence, rows(["A", "A", "A"], nodes.slice(1))), ["A"]);
});

test("a list drawn anew has nothing new but what was added", () => {
  const sequence = new Sequence();
  read(sequence, rows(["A", "B", "A", "C"]));
  assert.deepEqual(read(sequence, rows(["A", "B", "A", "C"])), []);
  assert.deepEqual(read(sequence, rows(["B", "A", "C", "C"])), ["C"]);
});

test("a list that is emptied first and filled in steps says nothing twice", () => {
  const sequence = new Sequence();
  read(sequence, rows(["A", "B", "C", "D"]));
  const nodes = [{}, {}, {}, {}, {}];
  for (let n = 0; n <= 4; n += 1) assert.deepEqual(read(sequence, rows(["A", "B", "C", "D"].slice(0, n), nodes)), []);
  assert.deepEqual(read(sequence, rows(["A", "B", "C", "D", "E"], nodes)), ["E"]);
});

test("elements that are used again for other words", () => {
  const sequence = new Sequence();
  const nodes = [{}, {}, {}, {}];
  read(sequence, rows(["A", "B", "C", "D"], nodes));
  assert.deepEqual(read(sequence, rows(["B", "C", "D", "D"], nodes)), ["D"], "D said twice, in place");
  assert.deepEqual(read(sequence, rows(["D", "D", "A", "B"], nodes)), ["A", "B"]);
  const turned = [nodes[2], nodes[3], nodes[0], nodes[1]];
  assert.deepEqual(read(sequence, rows(["A", "B", "D", "D"], turned)), ["D", "D"], "moved to the end");
});

test("scrolling back and forth in a virtual list reads nothing twice and misses nothing shown", () => {
  const sequence = new Sequence();
  const said = Array.from({ length: 60 }, (_, i) => `c${i}`);
  assert.equal(read(sequence, rows(said.slice(40, 52))).length, 12);
  assert.deepEqual(read(sequence, rows(said.slice(44, 56))), ["c52", "c53", "c54", "c55"]);
  for (const from of [42, 40]) assert.deepEqual(read(sequence, rows(said.slice(from, from + 12))), []);
  assert.deepEqual(read(sequence, rows(said.slice(46, 58))), ["c56", "c57"]);
});

test("a jump far up and back to the end, with words that many rows share", () => {
  const sequence = new Sequence();
  const said = Array.from({ length: 200 }, (_, i) => (i % 5 === 0 ? "666" : `c${i}`));
  for (let from = 0; from <= 150; from += 1) read(sequence, rows(said.slice(from, from + 14)));
  for (const from of [100, 50, 0, 40, 77]) assert.deepEqual(read(sequence, rows(said.slice(from, from + 14))), []);
  assert.deepEqual(read(sequence, rows(said.slice(155, 169))), said.slice(164, 169));
});

test("a row taken out by a moderator brings nothing back", () => {
  const sequence = new Sequence();
  const nodes = [{}, {}, {}, {}, {}, {}];
  read(sequence, rows(["A", "B", "C", "D", "A"], nodes));
  const left = [nodes[0], nodes[1], nodes[3], nodes[4], nodes[5]];
  assert.deepEqual(read(sequence, rows(["A", "B", "D", "A", "E"], left)), ["E"]);
  assert.deepEqual(read(sequence, rows(["A", "B", "D", "A", "E"])), [], "nor when drawn anew");
});

test("a row put in between is read once", () => {
  const sequence = new Sequence();
  read(sequence, rows(["A", "B", "C"]));
  assert.deepEqual(read(sequence, rows(["A", "B", "X", "C"])), ["X"]);
  assert.deepEqual(read(sequence, rows(["A", "B", "X", "C", "D"])), ["D"]);
});

test("a line at the end that keeps changing hides no comment", () => {
  const sequence = new Sequence();
  const last = {};
  const nodes = [{}, {}, {}, {}, {}];
  read(sequence, rows(["A", "B", "bob came"], [nodes[0], nodes[1], last]));
  assert.deepEqual(read(sequence, rows(["A", "B", "C", "ann came"], [nodes[0], nodes[1], nodes[2], last])), ["C", "ann came"]);
  assert.deepEqual(read(sequence, rows(["A", "B", "C", "D", "zed came"], [...nodes.slice(0, 4), last])), ["D", "zed came"]);
});

test("older rows loaded at the start are not news", () => {
  const sequence = new Sequence();
  const nodes = [{}, {}];
  read(sequence, rows(["C", "D"], nodes));
  const found = sequence.look(rows(["A", "B", "C", "D", "E"], [{}, {}, ...nodes]));
  assert.deepEqual(found.fresh, [4]);
  assert.equal(found.before, 2);
});

test("words drawn in two steps are one comment", () => {
  const sequence = new Sequence();
  const nodes = [{}, {}];
  read(sequence, rows(["A", "多少"], nodes));
  assert.deepEqual(sequence.look(rows(["A", "多少钱"], nodes)), { fresh: [], grown: [1], before: 0 });
});

test("after a reload it goes on behind what was read before", () => {
  const sequence = new Sequence();
  sequence.resume(["n\nA", "n\nB", "n\nC"]);
  assert.deepEqual(read(sequence, rows(["B", "C", "D"])), ["D"]);
});

test("the platform's own ids decide where there are any", () => {
  const sequence = new Sequence();
  const withId = (ids) => ids.map((id) => ({ node: {}, key: "n\nA", text: "A", id }));
  assert.equal(sequence.look(withId(["1", "2", "3"])).fresh.length, 3);
  assert.deepEqual(sequence.look(withId(["2", "3", "4", "5"])).fresh, [2, 3]);
});

test("memory stays bounded and long shows stay right", () => {
  const sequence = new Sequence(200);
  const nodes = [];
  let read_ = 0;
  for (let n = 0; n < 5000; n += 1) {
    nodes.push({});
    const from = Math.max(0, n - 49);
    const window = Array.from({ length: n - from + 1 }, (_, i) => `c${(from + i) % 7}`);
    read_ += read(sequence, rows(window, nodes.slice(from))).length;
  }
  assert.equal(read_, 5000);
  assert.ok(sequence.keys.length <= 260);
});

/** Every way in which lists move, at random: what is read is what was shown, in order. */
for (const kind of ["kept", "anew", "in place", "mixed"]) {
  test(`a thousand steps of a list whose elements are ${kind}`, () => {
    for (let seed = 1; seed <= 12; seed += 1) checkWalk(kind, die(seed * 7919), seed);
  });
}

function checkWalk(kind, roll, seed) {
  const sequence = new Sequence();
  const size = 8 + roll(60);
  const said = [];
  const told = [];
  const pool = Array.from({ length: size }, () => ({}));
  let nodes = [];
  for (let step = 0; step < 250; step += 1) {
    for (let n = roll(Math.ceil(size / 3)); n >= 0; n -= 1) {
      said.push(`u${roll(9)}:${["666", "多少钱", "好看", "1"][roll(4)]}${roll(3) ? step : ""}`);
      nodes.push({});
    }
    const from = Math.max(0, said.length - size);
    nodes = nodes.slice(-size);
    const how = kind === "mixed" ? ["kept", "anew"][roll(2)] : kind;
    if (how === "anew") nodes = nodes.map(() => ({}));
    const items = rows(said.slice(from), how === "in place" ? pool : nodes);
    told.push(...read(sequence, items));
  }
  assert.deepEqual(told, said, `seed ${seed}`);
}
