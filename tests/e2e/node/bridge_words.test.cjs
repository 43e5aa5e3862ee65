"use strict";
// Name and words of a row by its look, states of a page, sites and rooms, the outbox.
const assert = require("node:assert/strict");
const path = require("node:path");
const { test } = require("node:test");
const { pathToFileURL } = require("node:url");

const BRIDGE = path.join(__dirname, "../../../resources/bridge");
require(path.join(BRIDGE, "page/words.js"));
require(path.join(BRIDGE, "page/health.js"));
const { splitPieces, cleanName, stateOf, Painting } = globalThis.hostdesk;
const load = (file) => import(pathToFileURL(path.join(BRIDGE, file)));
const SITES = require(path.join(BRIDGE, "sites.json")).sites;

const pieces = (...texts) => texts.map((text) => (Array.isArray(text) ? { text: text[0], classes: text[1] } : { text, classes: "" }));

for (const [why, given, name, text] of [
  ["name with its colon", pieces("小鹿：", "多少钱"), "小鹿", "多少钱"],
  ["all in one piece", pieces("小鹿：多少钱"), "小鹿", "多少钱"],
  ["an English colon", pieces("ann:", "how much"), "ann", "how much"],
  ["the colon stands alone", pieces("小鹿", "：", "多少钱"), "小鹿", "多少钱"],
  ["the colon stands before the words", pieces("小鹿", "：多少钱"), "小鹿", "多少钱"],
  ["no colon at all", pieces("小鹿", "多少钱"), "小鹿", "多少钱"],
  ["a level and a badge before the name", pieces("12", ["铁粉", "fans-badge"], "小鹿：", "多少钱"), "小鹿", "多少钱"],
  ["a time before or after", pieces("21:03:11", "小鹿", "多少钱", "3分钟前"), "小鹿", "多少钱"],
  ["words with a colon of their own", pieces("小鹿：", "尺码：XL 有吗"), "小鹿", "尺码：XL 有吗"],
  ["a number as the words", pieces("小鹿：", "1"), "小鹿", "1"],
  ["nobody's words", pieces("欢迎来到直播间"), "", "欢迎来到直播间"],
  ["only decoration is still something", pieces(["铁粉", "badge"]), "", "铁粉"],
]) {
  test(`a row reads right: ${why}`, () => assert.deepEqual(splitPieces(given), { name, text }));
}

test("names lose their colon and what cannot be seen", () => {
  assert.equal(cleanName(" 小\u200b 鹿 ： "), "小 鹿");
});

const SEEN = { hidden: false, painted: true, isShown: true, by: "table", isKnown: true, missingMs: 0 };
for (const [why, change, state, reason] of [
  ["in front and read", {}, "live", ""],
  ["in the background or minimised", { hidden: true }, "covered", "covered"],
  ["another window over it: the browser paints no frames", { painted: false }, "covered", "covered"],
  ["the list is folded away", { isShown: false }, "covered", "list_hidden"],
  ["just opened", { by: "", missingMs: 500 }, "", "looking"],
  ["selectors and shape find nothing", { by: "", missingMs: 11_000 }, "page_changed", "nothing_found"],
  ["nothing found, but nobody can see it either", { by: "", hidden: true, missingMs: 11_000 }, "covered", "covered"],
  ["read by shape: says so", { by: "shape" }, "live", "by_shape"],
  ["a list that the host chose", { by: "choice" }, "live", ""],
]) {
  test(`how a page stands: ${why}`, () => assert.deepEqual(stateOf({ ...SEEN, ...change }), { state, reason }));
}

test("a window that gets no frames is told as covered, and again as seen", () => {
  const painting = new Painting();
  let paint;
  for (let n = 0; n < 3; n += 1) painting.ask((done) => { paint = done; });
  assert.equal(painting.isPainted, false);
  paint();
  assert.equal(painting.isPainted, true);
});

test("addresses belong to their site and room", async () => {
  const { siteOf, isRoom, roomOf } = await load("worker/sites.js");
  for (const [host, at, id, room] of [
    ["buyin.jinritemai.com", "/dashboard/live/control", "buyin", "buyin.jinritemai.com/dashboard/live/control"],
    ["live.douyin.com", "/123456?from=x", "douyin", "123456"],
    ["live.bilibili.com", "/blanc/22?live_from=1", "bilibili", "22"],
    ["tbzb.taobao.com", "/live?liveId=5639", "taobao", "5639"],
    ["www.tiktok.com", "/@shop.x/live", "tiktok", "shop.x"],
  ]) {
    const site = siteOf(SITES, host);
    assert.equal(site.id, id);
    assert.ok(isRoom(site, at), at);
    assert.equal(roomOf(site, host, at), room);
  }
  assert.equal(siteOf(SITES, "evil.example"), null);
  assert.equal(isRoom(siteOf(SITES, "www.tiktok.com"), "/foryou"), false);
});

/** What chrome.storage.session does, in memory. */
function memory() {
  const kept = new Map();
  return {
    kept,
    get: async () => structuredClone(Object.fromEntries(kept)),
    set: async (more) => Object.entries(structuredClone(more)).forEach(([key, value]) => kept.set(key, value)),
    remove: async (keys) => keys.forEach((key) => kept.delete(key)),
  };
}
const batch = (n, room = "r", many = 1) => ({
  doc: "d", n, room, platform: "douyin",
  items: Array.from({ length: many }, (_, i) => ({ text: `t${n}-${i}` })),
  keys: Array.from({ length: many }, (_, i) => `a\nt${n}-${i}`),
});

test("a worker that is ended finds again what it took, in order, and takes no batch twice", async () => {
  const { Outbox } = await load("worker/outbox.js");
  const store = memory();
  const first = new Outbox(store);
  await first.load();
  await first.add(batch(1));
  await first.add(batch(2));
  const second = new Outbox(store);
  await second.load();
  await second.add(batch(2));
  await second.add(batch(3));
  const { items, entries } = second.peek(100);
  assert.deepEqual(items.map(({ text }) => text), ["t1-0", "t2-0", "t3-0"]);
  assert.deepEqual(second.tail("r"), ["a\nt1-0", "a\nt2-0", "a\nt3-0"]);
  await second.remove(entries);
  assert.equal(second.peek(100), null);
  assert.equal([...store.kept.keys()].filter((key) => key.startsWith("out:")).length, 0);
});

test("rooms are sent apart", async () => {
  const { Outbox } = await load("worker/outbox.js");
  const outbox = new Outbox(memory());
  await outbox.add(batch(1, "a"));
  await outbox.add(batch(2, "b"));
  assert.equal(outbox.peek(100).items.length, 1);
});

test("what waits too long is thrown away, counted, and told as a gap", async () => {
  const { Outbox } = await load("worker/outbox.js");
  const store = memory();
  const outbox = new Outbox(store);
  for (let n = 1; n <= 25; n += 1) await outbox.add(batch(n, "r", 500));
  assert.equal(outbox.count, 10_000);
  assert.equal(outbox.lost, 2_500);
  assert.equal([...store.kept.keys()].filter((key) => key.startsWith("out:")).length, 20);
  const gap = await outbox.takeGap("r");
  assert.ok(gap.fromMs < gap.untilMs);
  assert.equal(await outbox.takeGap("r"), null);
});

test("of two pages with one room one reads: the one in front", async () => {
  const { Rooms } = await load("worker/rooms.js");
  const rooms = new Rooms();
  const page = (tabId, hidden) => ({ tabId, hidden, room: "r", isRelevant: true, isLead: false, state: "live", by: "table" });
  const [one, two] = [page(1, false), page(2, true)];
  rooms.add(one);
  assert.deepEqual(rooms.elect("r"), [one]);
  rooms.add(two);
  assert.deepEqual(rooms.elect("r"), []);
  [one.hidden, two.hidden] = [true, false];
  assert.deepEqual(rooms.elect("r"), [one, two], "first the one that stops");
  rooms.remove(two);
  assert.deepEqual(rooms.elect("r"), [one]);
  assert.deepEqual(rooms.reporting(), [one]);
});
