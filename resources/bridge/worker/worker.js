// Between the pages and hostdesk. The browser may end this worker at any moment and start it again
// for the next word of a page; so whatever it took lies in the browser's session memory, and a
// page sends again what was not confirmed.
import { commentOf, gapOf, greet, post, statusOf } from "./inbox.js";
import { Outbox } from "./outbox.js";
import { Rooms } from "./rooms.js";
import { keepChoice, readSettings } from "./settings.js";
import { isRoom, roomOf, siteOf } from "./sites.js";

const BEAT_MS = 5000; // hostdesk shows a stall after 18 s without any sign of life
const POST_MAX = 500; // comments
const RETRY_MS = [300, 700, 1500, 3000];
const LEFT_MS = 2500; // a page that is loaded anew is back by then
const WAKE = "wake"; // an alarm: what is left is sent even when no page says a word
const PAGE_FILES = chrome.runtime.getManifest().content_scripts[0].js;

const outbox = new Outbox(chrome.storage.session);
const rooms = new Rooms();
const inbox = { state: "unknown", failures: 0, posting: false, timer: 0 };
let beating = 0;

const ready = Promise.all([loadSites(), outbox.load()]).then(([sites]) => ({ sites }));
let taking = ready; // batches are taken one after the other

async function loadSites() {
  const file = await fetch(chrome.runtime.getURL("sites.json"));
  return (await file.json()).sites;
}

// ------------------------------------------------------------------ pages

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== "page" || port.sender?.id !== chrome.runtime.id) return;
  const page = newPage(port);
  port.onMessage.addListener((message) => {
    taking = taking.then(() => heard(page, message)).catch(report);
  });
  port.onDisconnect.addListener(() => {
    taking = taking.then(() => left(page)).catch(report);
  });
});

function newPage(port) {
  const { tab, url } = port.sender;
  return {
    port, tabId: tab?.id ?? -1, host: new URL(url).hostname, doc: "", room: "", platform: "",
    isRelevant: false, isLead: false, state: "", reason: "", by: "", hidden: true, read: 0,
  };
}

function heard(page, message) {
  if (message.type === "hello") return arrived(page, message);
  if (message.type === "batch") return took(page, message);
  if (message.type === "state") return stands(page, message);
  return undefined;
}

async function arrived(page, { doc, path }) {
  const { sites } = await ready;
  const { choices } = await readSettings();
  if (page.room) leave(page);
  const site = siteOf(sites, page.host);
  const choice = choices[page.host] ?? null;
  Object.assign(page, {
    doc, site, choice, state: "", by: "",
    room: roomOf(site, page.host, path),
    platform: site?.platform ?? "generic",
    isRelevant: Boolean(choice) || (site !== null && isRoom(site, path)),
  });
  rooms.add(page);
  const changed = rooms.elect(page.room);
  if (!changed.includes(page)) welcome(page);
  changed.forEach(welcome);
  beat();
}

function welcome(page) {
  const { room, site, choice, isLead, isRelevant } = page;
  say(page, { type: "welcome", room, site, choice, isLead, isRelevant, tail: outbox.tail(room) });
}

function say(page, message) {
  try {
    page.port.postMessage(message);
  } catch {
    // The page went away in this moment; `onDisconnect` follows.
  }
}

async function took(page, { n, items }) {
  if (!page.room || !Array.isArray(items)) return;
  const { doc, room, platform } = page;
  const comments = items.map((item) => commentOf(item, platform));
  await outbox.add({ doc, n, room, platform, items: comments, keys: items.map(({ key }) => key) });
  page.read += items.length;
  say(page, { type: "ack", n });
  drain();
}

function stands(page, { state, reason, by, hidden }) {
  const isNews = page.state !== state || page.reason !== reason;
  Object.assign(page, { state, reason, by, hidden });
  rooms.elect(page.room).forEach(welcome);
  if (isNews) showBadge(page);
  // Not waited for: a hostdesk that does not answer must not hold up what pages say next.
  if (isNews && state) void tellStates(rooms.reporting().filter((one) => one === page));
}

function leave(page) {
  const { room } = page;
  rooms.remove(page);
  page.isLead = false;
  rooms.elect(room).forEach(welcome);
}

/** A page was closed, or is loaded anew: then the room is not over. */
function left(page) {
  leave(page);
  const { room, platform, state } = page;
  if (!room || !state) return;
  setTimeout(() => {
    if (rooms.of(room).length === 0) void send({ room, platform }, [statusOf({ state: "ended", room, platform, detail: words("closed") })]);
  }, LEFT_MS);
}

// ------------------------------------------------------------------ hostdesk

/** Send what waits, oldest first; after a failure again by itself. */
async function drain() {
  if (inbox.posting) return;
  inbox.posting = true;
  clearTimeout(inbox.timer);
  try {
    let wait = 0;
    for (let max = POST_MAX, next = outbox.peek(max); next && !wait; next = outbox.peek(max)) {
      ({ max, wait } = await sendSome(next, max));
    }
    if (wait) inbox.timer = setTimeout(drain, wait);
  } finally {
    inbox.posting = false;
  }
}

async function sendSome(next, max) {
  const gap = await outbox.takeGap(next.room);
  const { state, waitMs } = await send(next, [...(gap ? [gapOf(gap)] : []), ...next.items]);
  if (state === "ok") await outbox.remove(next.entries);
  else if (state !== "refused") return { max, wait: waitMs || retryMs() };
  else if (next.entries.length > 1) return { max: 1, wait: 0 }; // find the one that is refused
  else await outbox.remove(next.entries); // nothing that we could do better with it
  return { max: state === "ok" ? POST_MAX : max, wait: 0 };
}

function retryMs() {
  const step = RETRY_MS[Math.min(inbox.failures, RETRY_MS.length) - 1] ?? RETRY_MS[0];
  return step * (0.8 + 0.4 * Math.random());
}

async function send(room, items) {
  const answer = await post(await readSettings(), room, items);
  inbox.failures = answer.state === "ok" ? 0 : inbox.failures + 1;
  return noted(answer);
}

function noted(answer) {
  if (inbox.state !== answer.state) {
    inbox.state = answer.state;
    for (const page of rooms.pages) showBadge(page);
  }
  return answer;
}

/** Ask hostdesk whether it is there. A worker that slept has forgotten what it knew. */
async function look() {
  const settings = await readSettings();
  return settings.token ? noted(await greet(settings)) : { state: inbox.state };
}

async function tellStates(pages) {
  for (const { room, platform, state, reason } of pages) {
    await send({ room, platform }, [statusOf({ state, room, platform, reason, detail: words(reason || state) })]);
  }
}

/** Signs of life, for as long as a page is open. Each also keeps this worker awake. */
function beat() {
  beating ||= setInterval(async () => {
    if (rooms.pages.size === 0 && outbox.count === 0) {
      clearInterval(beating);
      beating = 0;
      return;
    }
    await chrome.runtime.getPlatformInfo(); // counts as activity, also while hostdesk is away
    await tellStates(rooms.reporting());
    drain();
  }, BEAT_MS);
}

chrome.alarms.onAlarm.addListener(() => ready.then(drain));
chrome.alarms.create(WAKE, { periodInMinutes: 0.5 });
void ready.then(() => {
  if (outbox.count > 0) drain();
});

// ------------------------------------------------------------------ what the host sees and asks

function words(name) {
  return chrome.i18n.getMessage(`state_${name}`) || name;
}

const BADGE_COLOURS = { live: "#2f7d6f", covered: "#b7791f", page_changed: "#b7791f", away: "#b23b3b" };

function showBadge(page) {
  if (page.tabId < 0 || !page.state) return;
  const name = inbox.state === "ok" || inbox.state === "unknown" ? page.state : "away";
  const text = chrome.i18n.getMessage(`badge_${name}`);
  chrome.action.setBadgeText({ tabId: page.tabId, text }).catch(ignore);
  chrome.action.setBadgeBackgroundColor({ tabId: page.tabId, color: BADGE_COLOURS[name] }).catch(ignore);
}

const ANSWERS = {
  overview: async () => ({
    inbox: inbox.state === "unknown" ? (await look()).state : inbox.state,
    waiting: outbox.count, lost: outbox.lost,
    pages: [...rooms.pages].map(({ port, ...page }) => page),
  }),
  try: async () => noted(await greet(await readSettings())),
  choose: ({ tabId }) => chooseOn(tabId),
  chosen: ({ host, choice }) => chosen(host, choice),
  sites: async () => (await ready).sites,
};

chrome.runtime.onMessage.addListener((message, sender, answer) => {
  const act = sender.id === chrome.runtime.id ? ANSWERS[message?.type] : undefined;
  if (!act) return false;
  ready.then(() => act(message)).then(answer, (error) => answer({ error: String(error) }));
  return true;
});

/** Start the chooser on a page; on an unknown one with the rights that the host's click gives. */
async function chooseOn(tabId) {
  await chrome.scripting.executeScript({ target: { tabId }, files: PAGE_FILES });
  await chrome.scripting.executeScript({ target: { tabId }, func: () => globalThis.hostdesk.choose() });
}

async function chosen(host, choice) {
  const checked = new Date().toISOString().slice(0, 10);
  await keepChoice(host, choice && { ...choice, checked });
  await remember();
  for (const page of rooms.pages) if (page.host === host) say(page, { type: "again" });
}

/** Pages outside the table on which a list was chosen, and for which the host gave leave. */
async function remember() {
  const { sites } = await ready;
  const { choices } = await readSettings();
  const unknown = Object.keys(choices).filter((host) => siteOf(sites, host) === null);
  const origins = unknown.flatMap((host) => [`https://${host}/*`]);
  const { origins: allowed = [] } = await chrome.permissions.getAll();
  const matches = origins.filter((origin) => allowed.includes(origin) || allowed.includes("https://*/*"));
  await chrome.scripting.unregisterContentScripts({ ids: ["chosen"] }).catch(ignore);
  if (matches.length === 0) return;
  await chrome.scripting.registerContentScripts([{ id: "chosen", matches, js: PAGE_FILES, runAt: "document_idle", persistAcrossSessions: true }]);
}

chrome.permissions.onAdded.addListener(() => void remember().catch(report));

/** Pages that were open before the extension came are read without loading them anew. */
chrome.runtime.onInstalled.addListener(async () => {
  const { sites } = await ready;
  const tabs = await chrome.tabs.query({ url: sites.flatMap(({ matches }) => matches) });
  for (const { id } of tabs) {
    await chrome.scripting.executeScript({ target: { tabId: id, allFrames: true }, files: PAGE_FILES }).catch(ignore);
  }
});

function ignore() {
  // The tab was closed in between, or may not be touched: nothing to do.
}

function report(error) {
  console.warn("hostdesk bridge:", error);
}
