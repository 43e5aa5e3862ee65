// Words for people come from _locales; elements name theirs with data-words.

export const say = (name) => chrome.i18n.getMessage(name) || name;

for (const element of document.querySelectorAll("[data-words]")) element.textContent = say(element.dataset.words);
document.documentElement.lang = chrome.i18n.getUILanguage();
document.title = say("name");

/** Ask the extension's worker. */
export const ask = (message) => chrome.runtime.sendMessage(message);
