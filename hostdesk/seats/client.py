"""A window's end of the link: finds the engine, comes back by itself, sends asks in time."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from hostdesk.events import AnyAsk
from hostdesk.ports import NowMs
from hostdesk.seats import link_file
from hostdesk.seats.protocol import (
    MAX_FRAME,
    STALE_MS,
    VERSION,
    Answer,
    FromEngine,
    Hello,
    Message,
    PageWanted,
    Refused,
    SeatAsk,
    SeatLinkError,
    Welcome,
    encode,
    read_from_engine,
)

log = logging.getLogger("hostdesk.seats")

RETRY_S = 0.25
OPEN_TIMEOUT_S = 3.0
SLICE_FRAMES = 8
"""Frames read before the loop gets a turn: `async for` alone never yields."""


class SeatClient:
    """Keeps one link to the engine of ``data``. All calls come from the loop's thread."""

    def __init__(
        self,
        data: Path,
        seat: str,
        now_ms: NowMs,
        on_message: Callable[[FromEngine], None],
        on_link: Callable[[bool], None],
    ) -> None:
        self._data, self._seat, self._now_ms = data, seat, now_ms
        self._on_message, self._on_link = on_message, on_link
        self._outbox: deque[tuple[int, Message]] = deque()
        self._wake = asyncio.Event()

    def ask(self, ask: AnyAsk) -> None:
        """Send what a person asked, or answer ``ask_stale`` when it could not go in time."""
        self._send(SeatAsk(ask=ask))

    def page(self, from_seq: int, until_seq: int) -> None:
        """Ask for rows of the past."""
        self._send(PageWanted(from_seq=from_seq, until_seq=until_seq))

    def send(self, message: Message) -> None:
        """Send any other message of a seat."""
        self._send(message)

    async def run(self) -> None:
        """Keep the link until cancelled."""
        while True:
            facts = link_file.read(self._data)
            if facts is not None:
                try:
                    await self._talk(facts)
                except* (OSError, TimeoutError, WebSocketException, SeatLinkError) as group:
                    log.info("no engine: %s", type(group.exceptions[0]).__name__)
                self._on_link(False)
            self._answer_stale()
            await asyncio.sleep(RETRY_S)

    async def _talk(self, facts: link_file.LinkFacts) -> None:
        url = f"ws://127.0.0.1:{facts.port}"
        async with connect(
            url, compression=None, max_size=MAX_FRAME, open_timeout=OPEN_TIMEOUT_S, proxy=None
        ) as socket:
            await socket.send(encode(Hello(token=facts.token, protocol=VERSION, seat=self._seat)))
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(self._write(socket))
                await self._read(socket)
                writer.cancel()

    async def _read(self, socket: ClientConnection) -> None:
        count = 0
        async for frame in socket:
            if isinstance(frame, str):
                raise SeatLinkError("text frame")
            message = read_from_engine(frame)
            if isinstance(message, Welcome):
                self._on_link(True)
            if isinstance(message, Refused):
                raise SeatLinkError(message.why)
            self._on_message(message)
            count += 1
            if count % SLICE_FRAMES == 0:
                await asyncio.sleep(0)

    async def _write(self, socket: ClientConnection) -> None:
        while True:
            self._answer_stale()
            while self._outbox:
                await socket.send(encode(self._outbox[0][1]))
                self._outbox.popleft()
            self._wake.clear()
            await self._wake.wait()

    def _send(self, message: Message) -> None:
        self._outbox.append((self._now_ms(), message))
        self._wake.set()

    def _answer_stale(self) -> None:
        limit = self._now_ms() - STALE_MS
        fresh: deque[tuple[int, Message]] = deque()
        for sent_ms, message in self._outbox:
            if sent_ms > limit:
                fresh.append((sent_ms, message))
            elif isinstance(message, SeatAsk):
                ask_id = message.ask.ask_id
                self._on_message(Answer(ask_id=ask_id, ok=False, error_code="ask_stale"))
        self._outbox = fresh
