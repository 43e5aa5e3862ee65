"""One connection to the inbox: a WebSocket (left to websockets) or HTTP (`inbox_http`).

Both share a port. websockets answers only GET, so the first bytes decide: a GET that wants to
be upgraded is handed on untouched, everything else goes to h11.
"""

import asyncio
import re
from typing import Any, Protocol, cast

from typing_extensions import override
from websockets.asyncio.server import ServerConnection

from hostdesk.sources.inbox_door import Visit
from hostdesk.sources.inbox_http import MAX_HEAD, HttpTalk, Push

HEAD_S = 5.0
"""The head of a request must be there within this time."""
BODY_S = 15.0
IDLE_S = 75.0
LINGER_S = 2.0
"""After a refusal: what is still being sent is thrown away, so that the answer is read."""
MAX_THROWN = 8 << 20

_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"


class House(Protocol):
    """What a connection needs from the inbox."""

    def comes(self, connection: "Connection") -> None:
        """A connection was made."""
        ...

    def goes(self, connection: "Connection") -> None:
        """It is gone."""
        ...

    def take(self, connection: "Connection", push: Push) -> None:
        """Take a push; `Connection.answer` follows."""
        ...

    def talk(self) -> HttpTalk:
        """For a connection that turned out to be HTTP."""
        ...


class Connection(ServerConnection):
    """Made by `websockets.asyncio.server.serve` for each connection."""

    def __init__(self, *args: Any, house: House, **more: Any) -> None:
        super().__init__(*args, **more)
        self.visit = Visit()
        """Who is there, where it is a WebSocket."""
        self._house = house
        self._wire: asyncio.Transport | None = None
        self._first = bytearray()
        self._talk: HttpTalk | None = None
        self.is_socket = False
        """It is a WebSocket, and websockets looks after it."""
        self._is_lingering = False
        self._rests = False
        """The last request was answered, and no byte of a next one came."""
        self._thrown = 0
        self.came = self.loop.time()
        """When it was made, by the loop's clock."""
        self._due = self.came + HEAD_S

    @property
    def is_idle(self) -> bool:
        """Nobody would miss it: no WebSocket, and no push that waits for its answer."""
        return not self.is_socket and not (self._talk and self._talk.is_waiting)

    @property
    def is_late(self) -> bool:
        """It has been slower than a program on this machine can be."""
        return self.is_idle and self.loop.time() > self._due

    def cut(self) -> None:
        """End it without another word."""
        if self._wire is not None:
            self._wire.abort()

    def turn_away(self) -> None:
        """There are too many."""
        self._talk = self._house.talk()
        self._write(self._talk.refuse(503, "busy"))
        self._linger()

    def answer(self, status: int, body: Any) -> None:
        """Answer the push that was handed out."""
        if self._talk is None or self._wire is None or self._wire.is_closing():
            return
        self._write(self._talk.answer(status, body))
        self._wire.resume_reading()
        self._advance(answered=True)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.Transport", transport)
        self._house.comes(self)

    @override
    def data_received(self, data: bytes) -> None:
        if self.is_socket:
            super().data_received(data)
        elif self._is_lingering:
            self._throw(len(data))
        elif self._talk is not None:
            self._hear(data)
        else:
            self._decide(data)

    @override
    def eof_received(self) -> None:
        if self.is_socket:
            super().eof_received()
        elif self._talk is not None:
            self._hear(b"")
        # returning nothing lets asyncio close the transport once all is written

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_socket:
            super().connection_lost(exc)
        self._house.goes(self)

    def _decide(self, data: bytes) -> None:
        """WebSocket or HTTP? A GET tells only with its whole head."""
        self._first += data
        head, end, _ = self._first.partition(_HEAD_END)
        could_be = self._first.startswith(b"GET ") or b"GET ".startswith(bytes(self._first))
        if could_be and not end and len(self._first) <= MAX_HEAD:
            return
        first, self._first = bytes(self._first), bytearray()
        if could_be and end and _UPGRADE.search(head):
            assert self._wire is not None
            self.is_socket = True
            super().connection_made(self._wire)
            super().data_received(first)
        else:
            self._talk, self._due = self._house.talk(), self.came + BODY_S
            self._hear(first)

    def _hear(self, data: bytes) -> None:
        assert self._talk is not None
        if self._rests:
            self._rests, self._due = False, self.loop.time() + BODY_S
        self._talk.receive(data)
        self._advance()

    def _advance(self, *, answered: bool = False) -> None:
        assert self._talk is not None
        assert self._wire is not None
        while (step := self._talk.step()) is not None:
            if isinstance(step, Push):
                self._wire.pause_reading()
                self._house.take(self, step)
                return
            self._write(step)
            answered = True
        if self._talk.is_over:
            self._linger()
        elif answered and self._talk.is_idle:
            self._rests, self._due = True, self.loop.time() + IDLE_S

    def _write(self, out: bytes) -> None:
        if self._wire is not None and out:
            self._wire.write(out)

    def _linger(self) -> None:
        """The answer is on its way: say so, and wait until the other side has read it."""
        self._is_lingering = True
        self._due = self.loop.time() + LINGER_S
        if self._wire is not None and self._wire.can_write_eof() and not self._wire.is_closing():
            self._wire.write_eof()

    def _throw(self, count: int) -> None:
        self._thrown += count
        if self._thrown > MAX_THROWN:
            self.cut()
