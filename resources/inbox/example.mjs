// Push comments to hostdesk's inbox: node example.mjs TOKEN [PORT]. Needs nothing but Node 18 or newer.
const [token, port = "8765"] = process.argv.slice(2);

/** One batch; "source" names your program, "room" the live room. */
async function push(...items) {
  const batch = { source: "example-js", platform: "kick", room: "demo", items };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/comments`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify(batch),
    signal: AbortSignal.timeout(5000),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
  return answer.json();
}

// An id beyond 2^53 must be text: JavaScript would round the number.
console.log(JSON.stringify(await push({ id: "7310000000000000001", author_name: "小鹿", text: "多少钱" })));
console.log(JSON.stringify(await push())); // a sign of life: one every 8 seconds while nobody speaks
