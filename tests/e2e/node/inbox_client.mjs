// An independent client of the inbox: Node's fetch and npm's ws. One command, one line of JSON out.
import { createRequire } from "node:module";

const [command, url, token, origin] = process.argv.slice(2);

async function socket() {
  const require = createRequire(process.env.WS_AT + "/");
  const WebSocket = require("ws");
  const headers = token && !url.includes("token=") ? { Authorization: `Bearer ${token}` } : {};
  return new WebSocket(url, { headers, ...(origin ? { origin } : {}) });
}

const commands = {
  async post() {
    const items = [{ text: "从 fetch 来", id: "7310000000000000001" }];
    const answer = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({ source: "node", items }),
    });
    return { status: answer.status, body: await answer.json() };
  },
  async big() {
    const answer = await fetch(url, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify({ text: "a".repeat(2 << 20) }),
    });
    return { status: answer.status, body: await answer.json() };
  },
  // Sends stdin's lines, then closes when as many answers as WANT came, or the server closes.
  async talk() {
    const lines = (await new Response(process.stdin).text()).split("\n").filter(Boolean);
    const wanted = Number(process.env.WANT ?? "0");
    const talk = await socket();
    const answers = [];
    return new Promise((resolve) => {
      talk.on("open", () => {
        for (const line of lines) talk.send(line);
        if (!wanted) talk.close();
      });
      talk.on("message", (data) => {
        answers.push(String(data));
        if (answers.length === wanted) talk.close();
      });
      talk.on("unexpected-response", (_, response) => {
        resolve({ status: response.statusCode, answers });
        talk.terminate();
      });
      talk.on("error", () => {});
      talk.on("close", (code) => resolve({ code, answers }));
    });
  },
  async flood() {
    const total = Number(process.env.TOTAL), size = Number(process.env.SIZE);
    const talk = await socket();
    let taken = 0;
    return new Promise((resolve) => {
      talk.on("open", () => {
        for (let start = 0; start < total; start += size) {
          const items = Array.from({ length: Math.min(size, total - start) },
            (_, n) => ({ text: `弹幕 ${start + n}`, id: start + n }));
          talk.send(JSON.stringify({ source: "flood", items }));
        }
      });
      talk.on("message", (data) => {
        taken += JSON.parse(data).taken;
        if (taken === total) talk.close();
      });
      talk.on("error", () => {});
      talk.on("close", (code) => resolve({ code, taken }));
    });
  },
};

console.log(JSON.stringify(await commands[command]()));
