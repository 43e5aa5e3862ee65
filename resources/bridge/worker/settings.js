// What the host set: where hostdesk listens, its token, and lists chosen by hand.

export const DEFAULTS = { port: 8765, token: "", choices: {} };

/** Settings as they are stored, with defaults for what is missing. */
export async function readSettings() {
  return { ...DEFAULTS, ...(await chrome.storage.local.get(Object.keys(DEFAULTS))) };
}

export const saveSettings = (changes) => chrome.storage.local.set(changes);

/** A port number, or null. */
export function portOf(text) {
  const port = Number(text);
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? port : null;
}

/** Keep which list the host chose on a site; `choice` null forgets it. */
export async function keepChoice(host, choice) {
  const { choices } = await readSettings();
  if (choice) choices[host] = choice;
  else delete choices[host];
  await saveSettings({ choices });
}
