// Kick chat into hostdesk's inbox: a program of its own, run by you, beside hostdesk.
//
//   npm install ws@8
//   HOSTDESK_TOKEN=… node kick_bridge.mjs CHATROOM_ID [PORT]
//
// The id of the chat room stands in https://kick.com/api/v2/channels/NAME as chatroom.id (open it
// in your browser). This reads the public chat socket that Kick's own page uses. It is not a
// documented interface: where Kick changes its address, set KICK_SOCKET. Nothing is ever sent.
import WebSocket from "ws";

const [chatroom, port = "8765"] = process.argv.slice(2);
const token = process.env.HOSTDESK_TOKEN;
const socketUrl = process.env.KICK_SOCKET ??
  "wss://ws-us2.pusher.com/app/32cbd69e4b950bf97679?protocol=7&client=js&version=8.4.0&flash=false";
const beatMs = 8000, maxBatch = 500, maxWaiting = 20000;
if (!chatroom || !token) throw new Error("usage: HOSTDESK_TOKEN=… node kick_bridge.mjs CHATROOM_ID [PORT]");

const waiting = [];
let posting = false, heardMs = Date.now(), retryMs = 1000;

function put(item) {
  waiting.push(item);
  waiting.splice(0, waiting.length - maxWaiting);
  void post();
}

async function post() {
  if (posting) return;
  posting = true;
  try {
    while (waiting.length) {
      const items = waiting.slice(0, maxBatch);
      const answer = await fetch(`http://127.0.0.1:${port}/v1/comments`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ source: "kick", platform: "kick", room: chatroom, items }),
        signal: AbortSignal.timeout(10000),
      });
      const text = await answer.text();
      if (answer.status >= 500) throw new Error(`${answer.status} ${text}`);
      if (!answer.ok) console.error("hostdesk refuses:", answer.status, text);
      waiting.splice(0, items.length);
    }
  } catch (error) {
    console.error("hostdesk:", error.message); // kept; the next item or heartbeat tries again
  } finally {
    posting = false;
  }
}

const who = (sender) => ({ author_id: String(sender?.id ?? ""), author_name: sender?.username ?? "" });

const hear = {
  ChatMessageEvent: (data) => put({
    id: data.id, text: data.content, ...who(data.sender), sent_ms: Date.parse(data.created_at) || null,
    badges: (data.sender?.identity?.badges ?? []).map((badge) => badge.type),
  }),
  MessageDeletedEvent: (data) => put({ kind: "removed", id: data.message?.id }),
  UserBannedEvent: (data) => put({ kind: "removed", author_id: String(data.user?.id ?? ""), reason: "banned" }),
  ChatroomClearEvent: () => put({ kind: "removed", reason: "cleared" }),
};

function connect() {
  const socket = new WebSocket(socketUrl, { maxPayload: 1 << 20 });
  const probe = setInterval(() => {
    if (Date.now() - heardMs > 18000) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.send('{"event":"pusher:ping","data":{}}');
  }, beatMs);
  heardMs = Date.now();
  socket.on("message", (raw) => {
    heardMs = Date.now();
    let frame;
    try { frame = JSON.parse(raw); } catch { return; }
    const data = typeof frame.data === "string" && frame.data ? JSON.parse(frame.data) : frame.data ?? {};
    if (frame.event === "pusher:connection_established") {
      const channel = `chatrooms.${chatroom}.v2`;
      socket.send(JSON.stringify({ event: "pusher:subscribe", data: { auth: "", channel } }));
    } else if (frame.event === "pusher_internal:subscription_succeeded") {
      retryMs = 1000;
      put({ kind: "status", state: "live" });
    } else if (frame.event === "pusher:ping") {
      socket.send('{"event":"pusher:pong","data":{}}');
    } else {
      hear[frame.event?.split("\\").pop()]?.(data);
    }
  });
  socket.on("error", (error) => console.error("Kick:", error.message));
  socket.on("close", () => {
    clearInterval(probe);
    put({ kind: "status", state: "reconnecting" });
    setTimeout(connect, retryMs * (0.7 + 0.3 * Math.random()));
    retryMs = Math.min(retryMs * 2, 30000);
  });
}

setInterval(() => { if (Date.now() - heardMs < 18000) put({ kind: "heartbeat" }); }, beatMs);
connect();
