// The popup: how the page in front is read, and whether hostdesk takes it.
import { ask, say } from "./words.js";

const at = (id) => document.getElementById(id);
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
const { inbox, waiting, lost, pages } = await ask({ type: "overview" });
const mine = pages.filter((page) => page.tabId === tab?.id);
const page = mine.find(({ by }) => by) ?? mine[0];

at("state").textContent = say(`state_${page ? page.reason || page.state || "looking" : "none"}`);
at("inbox").textContent = say(`inbox_${inbox}`);
at("counts").textContent = [
  page && `${say("read")} ${page.read}`,
  waiting > 0 && `${say("waiting")} ${waiting}`,
  lost > 0 && `${say("lost")} ${lost}`,
].filter(Boolean).join(" · ");

at("choose").addEventListener("click", async () => {
  await ask({ type: "choose", tabId: tab.id });
  window.close();
});
at("settings").addEventListener("click", () => chrome.runtime.openOptionsPage());

/** A site that the extension may not read yet: an unknown one, or one not granted in Firefox. */
async function offerLeave() {
  if (!tab?.url?.startsWith("https://")) return;
  const origins = [`${new URL(tab.url).origin}/*`];
  if (await chrome.permissions.contains({ origins })) return;
  at("allow").hidden = false;
  at("allow").addEventListener("click", async () => {
    if (await chrome.permissions.request({ origins })) window.close();
  });
}
await offerLeave();
