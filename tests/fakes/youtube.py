"""A YouTube Data API on 127.0.0.1: videos.list and liveChatMessages.list over real HTTP.

Counts quota like Google does (calls that are refused cost as well), refuses a client that
polls faster than it was asked to, and can cut, hang, lie and flood when told. It is checked
by Google's own Python client and against Google's own schema in tests/e2e/test_youtube_fake.py.
"""

import base64
import contextlib
import datetime
import gzip
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

VIDEO, CHAT, CHANNEL, TITLE = "dQw4w9WgXcQ", "KicKGFVDabc", "UC" + "x" * 22, "小鹿的店"
KEY = "AIzaSyFakeKeyOfTests-0123456789abcdefgh"
COSTS = {"/youtube/v3/videos": 1, "/youtube/v3/liveChat/messages": 5}


def iso(at_s):
    return datetime.datetime.fromtimestamp(at_s, datetime.UTC).isoformat().replace("+00:00", "Z")


def item(kind, message_id, *, author="UCann", name="Ann", at_s=None, **details):
    """One liveChatMessage as the API writes it."""
    snippet = {
        "type": kind,
        "liveChatId": CHAT,
        "authorChannelId": author,
        "publishedAt": iso(time.time() if at_s is None else at_s),
        "hasDisplayContent": True,
        **details,
    }
    who = {
        "channelId": author,
        "channelUrl": f"http://www.youtube.com/channel/{author}",
        "displayName": name,
        "profileImageUrl": "https://example.invalid/a.jpg",
        "isVerified": False,
        "isChatOwner": False,
        "isChatSponsor": False,
        "isChatModerator": False,
    }
    made = {"kind": "youtube#liveChatMessage", "etag": "e", "id": message_id, "snippet": snippet}
    return made if kind in ("tombstone", "chatEndedEvent") else made | {"authorDetails": who}


def said(text, message_id, **more):
    details = {"displayMessage": text, "textMessageDetails": {"messageText": text}}
    return item("textMessageEvent", message_id, **details, **more)


def refusal(status, reason, *, detail="", message="no"):
    """An error in Google's common format."""
    error = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "youtube.liveChat", "reason": reason}],
    }
    if detail:
        error["status"] = "INVALID_ARGUMENT"
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": detail, "domain": "googleapis.com"}]
    return status, {"error": error}


class FakeYouTube:
    """Start it with ``with``; `base` is where it answers."""

    def __init__(self, *, polling_ms=200, daily=10_000, is_strict=False):
        self.polling_ms, self.daily, self.is_strict = polling_ms, daily, is_strict
        self.items = []
        self.used = {}
        self.calls = []
        self.keys_in_url = 0
        self.live = {"activeLiveChatId": CHAT, "actualStartTime": "2026-11-22T11:00:00Z"}
        self.has_video = True
        self.oldest_token = 0
        self.next_answers = []
        """Instead of the true answers: (status, dict or bytes[, headers]), "cut" or "hang"."""
        self.hang = threading.Event()
        self._lock = threading.Lock()
        self._polled_at = {}

    def __enter__(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                fake.answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.base = self.root + "/youtube/v3"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def say(self, *items):
        with self._lock:
            self.items += items

    def answer(self, request):
        address = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        key = request.headers.get("X-Goog-Api-Key") or query.get("key", "")
        with self._lock:
            self.keys_in_url += "key" in query
            self.calls.append((address.path, query, time.monotonic()))
            planned = self.next_answers.pop(0) if self.next_answers else None
            if planned is None:
                planned = self._true_answer(address.path, query, key)
        if planned == "hang":
            self.hang.wait(30)
            planned = "cut"
        if planned == "cut":
            request.close_connection = True
            request.connection.close()
            return
        self._send(request, *planned)

    def _send(self, request, status, told, headers=()):
        body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
        with contextlib.suppress(OSError):
            request.send_response(status)
            for name, value in dict(headers).items():
                request.send_header(name, value)
            request.send_header("Content-Type", "application/json; charset=UTF-8")
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

    def _true_answer(self, path, query, key):
        if path not in COSTS:
            return refusal(404, "notFound")
        if key != KEY:
            return refusal(
                400, "badRequest", detail="API_KEY_INVALID", message="API key not valid."
            )
        if self.used.get(key, 0) + COSTS[path] > self.daily:
            return refusal(403, "quotaExceeded")
        self.used[key] = self.used.get(key, 0) + COSTS[path]
        return self._videos(query) if path.endswith("/videos") else self._messages(query, key)

    def _videos(self, query):
        found = []
        if self.has_video and query.get("id") == VIDEO:
            about = {"channelId": CHANNEL, "channelTitle": TITLE, "title": "今晚八点"}
            found = [{"kind": "youtube#video", "id": VIDEO, "snippet": about}]
            if self.live is not None:
                found[0]["liveStreamingDetails"] = self.live
        return 200, {"kind": "youtube#videoListResponse", "items": found}

    def _messages(self, query, key):
        if query.get("liveChatId") != CHAT:
            return refusal(404, "liveChatNotFound")
        now = time.monotonic()
        too_soon = now - self._polled_at.get(key, 0) < self.polling_ms / 1000 * 0.9
        self._polled_at[key] = now
        if self.is_strict and too_soon:
            return refusal(403, "rateLimitExceeded")
        token, most = query.get("pageToken"), int(query.get("maxResults", "500"))
        begin = int(base64.urlsafe_b64decode(token)) if token else max(0, len(self.items) - most)
        if begin < self.oldest_token and token:
            return refusal(400, "pageTokenInvalid")
        page = self.items[begin : begin + most]
        return 200, {
            "kind": "youtube#liveChatMessageListResponse",
            "etag": "e",
            "pollingIntervalMillis": self.polling_ms,
            "pageInfo": {"totalResults": len(page), "resultsPerPage": len(page)},
            "nextPageToken": base64.urlsafe_b64encode(str(begin + len(page)).encode()).decode(),
            "items": page,
        }


def bomb():
    """30 MB in 30 kB."""
    return 200, gzip.compress(b" " * 30_000_000), {"Content-Encoding": "gzip"}
