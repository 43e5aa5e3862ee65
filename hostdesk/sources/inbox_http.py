"""HTTP of the inbox, without the socket: h11 reads it, this judges it.

``POST /v1/comments`` · ``GET /v1/health`` · ``OPTIONS`` of both. A request is judged by its head:
nobody without the token makes us read a body.
"""

import zlib
from collections.abc import Callable

import h11
import msgspec

from hostdesk.sources.inbox_door import Door, Visit
from hostdesk.sources.inbox_schema import MAX_MESSAGE, Refused, Taken

COMMENTS, HEALTH = "/v1/comments", "/v1/health"
MAX_HEAD = 16 << 10
PREFLIGHT_S = 600
_METHODS = {COMMENTS: "POST", HEALTH: "GET"}
_GZIP = 31
"""zlib's wbits for the gzip format."""
_STATUS_OF = {"host": 403, "origin": 403, "token": 401, "not_found": 404, "method": 405,
              "too_big": 413, "encoding": 415, "unreadable": 400}  # fmt: skip


class Push(msgspec.Struct, frozen=True):
    """A whole POST whose token was right. Give its answer to `HttpTalk.answer`."""

    visit: Visit
    body: bytes


class HttpTalk:
    """One connection. Give it bytes, then call `step` until it wants more."""

    def __init__(self, door: Door, health: Callable[[], object]) -> None:
        self._door, self._health = door, health
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._visit = Visit()
        self._method = ""
        self._encoding = ""
        self._body = bytearray()
        self.is_waiting = False
        """A push was handed out and is not answered yet."""
        self.is_over = False
        """Send what there is, then close."""

    @property
    def is_idle(self) -> bool:
        """Between two requests."""
        return not self.is_waiting and self._h11.their_state is h11.IDLE

    def receive(self, data: bytes) -> None:
        """Bytes came; empty = the other side will send no more."""
        if not self.is_over:
            self._h11.receive_data(data)

    def step(self) -> bytes | Push | None:
        """Bytes to send, a push to take, or None: nothing more with what has come."""
        while not self.is_over and not self.is_waiting:
            try:
                event = self._h11.next_event()
            except h11.RemoteProtocolError:
                return self._refuse("unreadable")
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return None
            found = self._take(event)
            if found is not None:
                return found
        return None

    def answer(self, status: int, body: Taken | Refused) -> bytes:
        """The bytes that answer the push."""
        self.is_waiting = False
        return self._respond(status, body)

    def refuse(self, status: int, why: str) -> bytes:
        """The bytes that end a connection which cannot be served now."""
        again = [("Retry-After", "1")]
        return self._respond(status, Refused(why=why), close=True, extra=again)

    def _take(self, event: object) -> bytes | Push | None:
        match event:
            case h11.Request():
                return self._head(event)
            case h11.Data():
                self._body += event.data
                limit = MAX_MESSAGE if self._method == "POST" else 0
                return self._refuse("too_big") if len(self._body) > limit else None
            case h11.EndOfMessage():
                return self._whole()
            case _:
                self.is_over = True  # closed by the other side
                return None

    def _head(self, request: h11.Request) -> bytes | None:
        """What the head alone is refused for; None: go on."""
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, v in request.headers]
        self._visit = self._door.looks(request.target.decode("latin-1"), headers)
        self._method, self._body = request.method.decode("latin-1"), bytearray()
        told = dict(headers)
        self._encoding = told.get("content-encoding", "").strip().lower()
        why = self._why_not(told)
        if why:
            return self._refuse(why)
        if self._h11.they_are_waiting_for_100_continue:
            return self._h11.send(h11.InformationalResponse(status_code=100, headers=[])) or None
        return None

    def _why_not(self, told: dict[str, str]) -> str:
        visit = self._visit
        if visit.refusal:
            return visit.refusal
        if visit.path not in _METHODS:
            return "not_found"
        if self._method not in (_METHODS[visit.path], "OPTIONS"):
            return "method"
        if self._method == "POST" and not visit.has_token:
            return "token"
        if self._encoding not in ("", "identity", "gzip"):
            return "encoding"
        return "too_big" if int(told.get("content-length", "0")) > MAX_MESSAGE else ""

    def _whole(self) -> bytes | Push:
        if self._method == "OPTIONS":
            return self._respond(204, None, extra=_preflight(self._visit.path))
        if self._method == "GET":
            health = self._health() if self._visit.has_token else {"name": "hostdesk"}
            wrong = self._visit.shows_token and not self._visit.has_token
            return self._refuse("token") if wrong else self._respond(200, health)
        body = bytes(self._body)
        if self._encoding == "gzip":
            unpacked = _unpacked(body)
            if unpacked is None or len(unpacked) > MAX_MESSAGE:
                return self._refuse("unreadable" if unpacked is None else "too_big")
            body = unpacked
        self.is_waiting = True
        return Push(self._visit, body)

    def _refuse(self, why: str) -> bytes:
        limit = MAX_MESSAGE if why == "too_big" else None
        extra = {"token": ("WWW-Authenticate", "Bearer"),
                 "method": ("Allow", f"{_METHODS.get(self._visit.path, '')}, OPTIONS")}  # fmt: skip
        told = [extra[why]] if why in extra else []
        body = Refused(why=why, limit=limit)
        return self._respond(_STATUS_OF[why], body, close=True, extra=told)

    def _respond(
        self,
        status: int,
        body: object,
        *,
        close: bool = False,
        extra: list[tuple[str, str]] | None = None,
    ) -> bytes:
        content = b"" if body is None else msgspec.json.encode(body)
        headers = [("Content-Length", str(len(content))), ("Cache-Control", "no-store")]
        if content:
            headers += [("Content-Type", "application/json"),
                        ("X-Content-Type-Options", "nosniff")]  # fmt: skip
        if status == 204:
            headers = headers[1:]
        headers += self._cross_origin() + (extra or [])
        if close:
            headers.append(("Connection", "close"))
        return self._sent(status, headers, content)

    def _cross_origin(self) -> list[tuple[str, str]]:
        """Only a page whose origin is allowed may read the answer."""
        told = [("Vary", "Origin")]
        if self._visit.origin:
            told.append(("Access-Control-Allow-Origin", self._visit.origin))
        return told

    def _sent(self, status: int, headers: list[tuple[str, str]], content: bytes) -> bytes:
        try:
            out = self._h11.send(h11.Response(status_code=status, headers=headers)) or b""
            if content and self._method != "HEAD":
                out += self._h11.send(h11.Data(data=content)) or b""
            out += self._h11.send(h11.EndOfMessage()) or b""
        except h11.LocalProtocolError:  # the other side is gone, or was answered already
            self.is_over = True
            return b""
        if self._h11.our_state is h11.DONE and self._h11.their_state is h11.DONE:
            self._h11.start_next_cycle()
        else:
            self.is_over = True
        return out


def _preflight(path: str) -> list[tuple[str, str]]:
    """What a page that is allowed may send, asked for by its browser before it does."""
    return [
        ("Access-Control-Allow-Methods", f"{_METHODS[path]}, OPTIONS"),
        ("Access-Control-Allow-Headers", "authorization, content-type, content-encoding"),
        ("Access-Control-Allow-Private-Network", "true"),
        ("Access-Control-Max-Age", str(PREFLIGHT_S)),
    ]


def _unpacked(body: bytes) -> bytes | None:
    """gzip, but never more than one byte over the limit; None where it is none, or cut off."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        found = unpacker.decompress(body, MAX_MESSAGE + 1)
    except zlib.error:
        return None
    return found if unpacker.eof or len(found) > MAX_MESSAGE else None
