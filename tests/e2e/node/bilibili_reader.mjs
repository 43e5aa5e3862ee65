// Reads a Bilibili live socket with npm's bilibili-live-ws, and prints what it understood.
// node bilibili_reader.mjs FOLDER ADDRESS ROOM AUTH_BODY
import { createRequire } from "node:module";
import path from "node:path";

const [folder, address, room, authBody] = process.argv.slice(2);
const require = createRequire(path.join(folder, "package.json"));
const { LiveWS } = require("bilibili-live-ws");

const print = (kind, value) => process.stdout.write(JSON.stringify({ kind, value }) + "\n");
const live = new LiveWS(Number(room), { address, authBody: JSON.parse(authBody) });
live.on("live", () => print("live", null));
live.on("heartbeat", (online) => print("heartbeat", online));
live.on("msg", (message) => print("msg", message));
live.on("error", (error) => print("error", String(error)));
live.on("close", () => process.exit(0));
