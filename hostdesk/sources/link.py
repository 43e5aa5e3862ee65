"""The socket shell of every live source that speaks WebSocket: connect, feed, tell, reconnect."""

import asyncio
import contextlib
import logging
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from hostdesk.events import AnyEvent, Comment
from hostdesk.ports import NowMs, Post
from hostdesk.sources.backoff import Backoff
from hostdesk.sources.faults import fault_of
from hostdesk.sources.liveness import Liveness
from hostdesk.sources.steps import (
    MAX_FRAME,
    Fault,
    Frame,
    SocketProtocol,
    SourceFaultError,
    Step,
)

log = logging.getLogger("hostdesk.sources")

OPEN_S = 10.0
JOIN_S = 15.0
"""The platform must confirm the room within this time of the socket being open."""
LOOK_S = 1.0
YIELD_S = 0.004
KNOWN_IDS = 4_096
"""Comments remembered by id, so that what a platform repeats after a reconnect is dropped."""


class Dialled(msgspec.Struct, kw_only=True):
    """Where to connect, and what to speak there."""

    url: str
    protocol: SocketProtocol
    origin: str | None = None
    headers: Mapping[str, str] = {}


Dial = Callable[[], Awaitable[Dialled]]
"""Called for each try; raises `SourceFaultError` where the platform refuses."""


class SocketFeed:
    """One room over one WebSocket, for as long as the show runs. Fits `hostdesk.ports.Source`."""

    def __init__(self, source_id: str, platform: str, room: str, dial: Dial, now_ms: NowMs) -> None:
        self.source_id = source_id
        self._dial, self._now_ms = dial, now_ms
        self._liveness = Liveness(source_id, platform, room)
        self._backoff = Backoff(random.random)
        self._known: OrderedDict[str, None] = OrderedDict()
        self._again = asyncio.Event()
        self._post: Post = _nowhere
        self._fault: Fault | None = None
        self._silent = 0
        """Looks in a row that found the line dead."""

    def try_again(self) -> None:
        """A person changed something, or asks for it: do not wait any longer."""
        self._again.set()

    async def run(self, post: Post) -> None:
        """Post what the room says until cancelled. Never gives up."""
        self._post = post
        while True:
            self._tell(self._liveness.starts(self._now_ms()))
            fault = await self._try()
            log.info("%s: %s", self.source_id, fault.code)
            self._tell(self._liveness.lost(fault, self._now_ms()))
            await self._rest(fault)

    async def _try(self) -> Fault:
        """One connection, from dialling to its end; why it ended."""
        self._fault, self._silent = None, 0
        try:
            dialled = await self._dial()
            self._liveness.stalled_ms = dialled.protocol.stalled_ms
            async with connect(
                dialled.url,
                origin=Origin(dialled.origin) if dialled.origin else None,
                additional_headers=dict(dialled.headers),
                max_size=MAX_FRAME,
                open_timeout=OPEN_S,
                close_timeout=1.0,
                ping_interval=None,  # the protocol has its own signs of life
                compression=None,
                proxy=None,
            ) as socket:
                await self._converse(socket, dialled.protocol)
        except SourceFaultError as exc:
            return exc.fault
        except (OSError, TimeoutError, WebSocketException) as exc:
            return self._fault or fault_of(exc, self._now_ms())
        return self._fault or Fault(code="source_closed")

    async def _converse(self, socket: ClientConnection, protocol: SocketProtocol) -> None:
        """Until the connection ends, or a fault is found. Frames, and each second a look."""
        await self._follow(protocol.opened(self._now_ms()), socket)
        joined_by = self._now_ms() + round(JOIN_S * 1000)
        loop = asyncio.get_running_loop()
        yielded = loop.time()
        look_at = yielded + LOOK_S
        while self._fault is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(look_at):
                    frame = await socket.recv()
                await self._follow(protocol.received(frame, self._now_ms()), socket, frame)
            now = loop.time()
            if now >= look_at:
                look_at = now + LOOK_S
                await self._look(socket, protocol, joined_by)
            if now - yielded > YIELD_S:
                await asyncio.sleep(0)  # `recv` never yields while frames wait
                yielded = loop.time()

    async def _follow(
        self, step: Step, socket: ClientConnection, frame: Frame | None = None
    ) -> None:
        """Do what a step says: tell, send, or give the connection up."""
        now_ms = self._now_ms()
        told: list[AnyEvent] = []
        if step.joined:
            self._backoff.succeeded()
            told += self._liveness.joined(now_ms)
        events = self._fresh(step.events)
        if frame is not None:
            told += self._liveness.alive(now_ms, said=bool(events), skipped=step.skipped)
        if step.masked is not None:
            told += self._liveness.masked(now_ms, is_masked=step.masked)
        self._tell(told + events)
        with contextlib.suppress(ConnectionClosed):  # what came before it broke is still read
            for out in step.send:
                await socket.send(out)
        self._fault = step.fault

    async def _look(
        self, socket: ClientConnection, protocol: SocketProtocol, joined_by: int
    ) -> None:
        """What is due, and whether the line is dead."""
        now_ms = self._now_ms()
        await self._follow(protocol.passed(now_ms), socket)
        self._silent = self._silent + 1 if self._liveness.is_dead(now_ms) else 0
        if self._fault is not None or self._silent == 1:
            return  # a machine that was held up for a while finds its frames by the next look
        self._tell(self._liveness.passed(now_ms))
        if self._silent:
            seconds = self._liveness.stalled_ms // 1000
            self._fault = Fault(code="source_stalled", params={"seconds": seconds})
        elif now_ms > joined_by and not self._liveness.is_joined:
            self._fault = Fault(code="source_not_joined")

    def _fresh(self, events: list[AnyEvent]) -> list[AnyEvent]:
        """Without the comments that came before."""
        fresh: list[AnyEvent] = []
        for event in events:
            if isinstance(event, Comment) and event.comment_id:
                if event.comment_id in self._known:
                    continue
                self._known[event.comment_id] = None
                if len(self._known) > KNOWN_IDS:
                    self._known.popitem(last=False)
            fresh.append(event)
        return fresh

    def _tell(self, events: list[AnyEvent]) -> None:
        if events:
            self._post(events)

    async def _rest(self, fault: Fault) -> None:
        """Wait for the next try; what only a person can mend waits for a person."""
        self._again.clear()
        wait_s = self._backoff.wait_s(fault.retry_s) if fault.state == "reconnecting" else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._again.wait()


def _nowhere(events: object) -> None:
    """Before `run` there is nobody to tell."""
