// hostdesk's local inbox, and nothing else: the only place of the extension that sends.

const TIMEOUT_MS = 8000;
const SOURCE = "bridge";

/**
 * Post items of one room.
 * @returns {Promise<{state: string, waitMs: number}>} state is one of ok · away: nobody answers ·
 *   token: wrong or none · origin: extensions are not let in · busy: later · refused: not this message
 */
export function post(settings, { room, platform }, items) {
  const body = JSON.stringify({ source: SOURCE, room, platform, items });
  return speak(settings, "/v1/comments", { method: "POST", body });
}

/** Whether hostdesk is there and takes our token; says nothing else to it. */
export const greet = (settings) => speak(settings, "/v1/health", { method: "GET" });

async function speak({ port, token }, path, request) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...request,
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { state: stateOf(answer.status), waitMs: waitOf(answer) };
  } catch {
    return { state: "away", waitMs: 0 };
  }
}

function stateOf(status) {
  if (status >= 200 && status < 300) return "ok";
  if (status === 401) return "token";
  if (status === 403) return "origin";
  if (status === 429 || status >= 500) return "busy";
  return status === 404 ? "away" : "refused"; // 404: some other program listens there
}

function waitOf(answer) {
  const seconds = Number(answer.headers.get("Retry-After"));
  return Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : 0;
}

/** A comment of a page as the inbox wants it (docs/inbox.md). */
export function commentOf({ id, name, text, authorId, seen }, platform) {
  const item = { kind: "comment", text, author_name: name, comment_id: id, platform };
  if (authorId) item.author_id = authorId;
  if (seen) item.sent_ms = seen;
  return item;
}

/** How a page stands, in the inbox's words; `reason` is a code, `detail` is for people. */
export function statusOf({ state, room, platform, reason, detail }) {
  return { kind: "status", state, room, platform, reason, detail };
}

/** Comments that were read and had to be thrown away, because hostdesk was away for too long. */
export function gapOf({ fromMs, untilMs, room, platform }) {
  return { kind: "gap", from_ms: fromMs, until_ms: untilMs, room, platform };
}
