// Settings: where hostdesk listens, its token, which lists were chosen, what is known of each site.
import { portOf, readSettings, saveSettings } from "../worker/settings.js";
import { ask, say } from "./words.js";

const at = (id) => document.getElementById(id);
const isChinese = chrome.i18n.getUILanguage().startsWith("zh");

const settings = await readSettings();
at("port").value = settings.port;
at("token").value = settings.token;

async function save() {
  const port = portOf(at("port").value);
  if (port === null) {
    at("answer").textContent = say("bad_port");
    return false;
  }
  await saveSettings({ port, token: at("token").value.trim() });
  at("answer").textContent = say("saved");
  return true;
}

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
at("try").addEventListener("click", async () => {
  if (!(await save())) return;
  const { state } = await ask({ type: "try" });
  at("answer").textContent = say(`inbox_${state}`);
});

function row(table, ...cells) {
  const line = table.insertRow();
  for (const cell of cells) line.insertCell().append(cell);
}

for (const site of await ask({ type: "sites" })) {
  const when = site.checked ?? say("never_checked");
  row(at("sites"), isChinese ? site.name.zh : site.name.en, `${when} (${say(`confidence_${site.confidence}`)})`);
}

async function showChosen() {
  const { choices } = await readSettings();
  at("chosen").replaceChildren();
  at("none").hidden = Object.keys(choices).length > 0;
  for (const [host, choice] of Object.entries(choices)) {
    const button = document.createElement("button");
    button.textContent = say("forget");
    button.addEventListener("click", async () => {
      await ask({ type: "chosen", host, choice: null });
      await showChosen();
    });
    row(at("chosen"), host, choice.checked ?? "", button);
  }
}
await showChosen();
