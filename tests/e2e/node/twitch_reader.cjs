// tmi.js reads a channel of our Twitch stand-in and prints what it understood, a JSON object a line.
// node twitch_reader.cjs <folder with node_modules> <port> <channel>; ends when stdin does.
const { createRequire } = require("node:module");
const [folder, port, channel] = process.argv.slice(2);
const tmi = createRequire(`${folder}/`)("tmi.js");

const tell = (event, more) => process.stdout.write(JSON.stringify({ event, ...more }) + "\n");
const who = (tags) => ({ id: tags.id, user: tags["user-id"], name: tags["display-name"] });
const client = new tmi.Client({
  options: { skipUpdatingEmotesets: true },
  logger: { setLevel() {}, info() {}, warn() {}, error() {} },
  connection: { server: "127.0.0.1", port: Number(port), secure: false, reconnect: true, reconnectInterval: 500 },
  channels: [channel],
});

client.on("connected", () => tell("connected"));
client.on("disconnected", (why) => tell("disconnected", { why }));
client.on("join", (room, name, self) => tell("join", { room, self }));
client.on("roomstate", (room, state) => tell("roomstate", { room, id: state["room-id"] }));
client.on("chat", (room, tags, text) =>
  tell("chat", { ...who(tags), text, badges: tags.badges, sent: tags["tmi-sent-ts"], reply: tags["reply-parent-msg-id"] }));
client.on("action", (room, tags, text) => tell("action", { ...who(tags), text }));
client.on("cheer", (room, tags, text) => tell("cheer", { ...who(tags), text, bits: tags.bits }));
client.on("timeout", (room, name, why, seconds) => tell("timeout", { name, seconds }));
client.on("ban", (room, name) => tell("ban", { name }));
client.on("clearchat", (room) => tell("clearchat", { room }));
client.on("messagedeleted", (room, name, text, tags) => tell("deleted", { text, id: tags["target-msg-id"] }));
client.on("resub", (room, name, months, text) => tell("resub", { name, months, text }));
client.on("subgift", (room, name, streak, recipient) => tell("subgift", { name, recipient }));
client.on("submysterygift", (room, name, count) => tell("submysterygift", { name, count }));
client.on("raided", (room, name, viewers) => tell("raided", { name, viewers }));
client.on("usernotice", (kind, room, tags, text) => tell(kind, { ...who(tags), text }));
client.on("notice", (room, kind, text) => tell("notice", { kind, text }));
client.on("ping", () => tell("ping"));
client.on("pong", (latency) => tell("pong", { seconds: latency }));

client.connect().catch((why) => tell("failed", { why: String(why) }));
process.stdin.on("end", () => process.exit(0)).resume();
