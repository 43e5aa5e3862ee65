"""The local inbox: any program on this machine can push comments to it. See ``docs/inbox.md``.

A server on 127.0.0.1 for WebSockets and POSTs. What is said is decided by `inbox_protocol` and
`inbox_http`; here are only the sockets, the clock of a second, and the loop's turns.
"""

import asyncio
import functools
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from hostdesk.events import AnyEvent, SourceState, SourceStateName
from hostdesk.ports import NowMs, Post
from hostdesk.sources.inbox_connection import HEAD_S, Connection
from hostdesk.sources.inbox_door import Door, Visit
from hostdesk.sources.inbox_feeds import Feeds
from hostdesk.sources.inbox_http import HttpTalk, Push
from hostdesk.sources.inbox_protocol import Answer, Close, Conversation, posted, text_of
from hostdesk.sources.inbox_schema import MAX_MESSAGE, Refused
from hostdesk.sources.steps import PROBE_MS

log = logging.getLogger("hostdesk.sources.inbox")
_socket_log = logging.getLogger("hostdesk.sources.inbox.socket")
_socket_log.setLevel(logging.WARNING)  # at DEBUG websockets writes whole addresses, token and all

SOURCE_ID = "inbox"
DEFAULT_PORT = 8765
MAX_CONNECTIONS = 64
TOKEN_S = 5.0
PONG_S = 9.0
AGAIN_S = 5.0
LOOK_S = 1.0
ROOM = 5_000
"""Wait with the next message while more than this many comments are not judged yet."""
WAIT_S = 0.01
_PATHS = ("/", "/v1/comments")
_STATUS_OF = {"host": 403, "origin": 403, "token": 401, "not_found": 404}


class Inbox:
    """Everything that is pushed. Each program is a source of its own. Fits `ports.Source`."""

    source_id = SOURCE_ID

    def __init__(
        self,
        *,
        port: int = DEFAULT_PORT,
        token: str | Callable[[], str],
        now_ms: NowMs,
        allowed_origins: Sequence[str] | Callable[[], Sequence[str]] = (),
        waiting: Callable[[], int] = lambda: 0,
    ) -> None:
        """``waiting``: how many comments are not judged yet. Port 0 takes any free one."""
        self._port, self._now_ms, self._waiting = port, now_ms, waiting
        self._door = Door(token, allowed_origins)
        self._feeds = Feeds()
        self._connections: set[Connection] = set()
        self._holders = 0
        self._post: Post = _nowhere
        self._tasks: asyncio.TaskGroup | None = None
        self._told: tuple[str, str] | None = None
        self.port = 0
        """The port that is listened on; 0 while none is."""

    async def run(self, post: Post) -> None:
        """Listen until cancelled. While another program has the port, try again."""
        self._post = post
        try:
            while True:
                await self._try()
                await asyncio.sleep(AGAIN_S)
        finally:
            self._tell_all(self._feeds.ended(self._now_ms()))
            self._tell("ended")

    async def _try(self) -> None:
        try:
            async with self._serving() as server:
                self.port = next(iter(server.sockets)).getsockname()[1]
                log.info("inbox listens on port %d", self.port)
                self._tell("quiet")
                await self._look_after()
        except OSError as exc:
            log.info("inbox: port %d: %s", self._port, exc.strerror)
            self._tell("refused", "inbox_port_taken")
        finally:
            self.port = 0

    # ------------------------------------------------- what a connection needs (`House`)

    def comes(self, connection: Connection) -> None:
        """A connection was made; the one that has idled longest makes room for it."""
        if len(self._connections) >= MAX_CONNECTIONS:
            idle = [each for each in self._connections if each.is_idle]
            if not idle:
                connection.turn_away()
            else:
                min(idle, key=lambda each: each.came).cut()
        self._connections.add(connection)

    def goes(self, connection: Connection) -> None:
        """It is gone."""
        self._connections.discard(connection)

    def take(self, connection: Connection, push: Push) -> None:
        """A POST is whole: its events, then its answer."""
        if self._tasks is None:  # the inbox is being closed
            connection.cut()
        else:
            self._tasks.create_task(self._take_push(connection, push))

    def talk(self) -> HttpTalk:
        """For a connection that turned out to be HTTP."""
        return HttpTalk(self._door, self._health)

    # ---------------------------------------------------------------------- at work

    def _serving(self) -> Server:
        made = functools.partial(Connection, house=self)
        return serve(
            self._meet,
            "127.0.0.1",
            self._port,
            process_request=self._looks,
            create_connection=cast("type[ServerConnection]", made),
            compression=None,
            server_header=None,
            max_size=MAX_MESSAGE,
            max_queue=4,
            open_timeout=HEAD_S,
            close_timeout=1.0,
            ping_interval=None,  # pings are sent here, because an answer is a sign of life
            logger=_socket_log,
        )

    async def _look_after(self) -> None:
        """Once a second: what is due, who is silent, who is too slow."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                while True:
                    await asyncio.sleep(LOOK_S)
                    self._tell_all(self._feeds.passed(self._now_ms()))
                    for connection in [each for each in self._connections if each.is_late]:
                        connection.cut()
        finally:
            self._tasks = None
            for connection in [each for each in self._connections if not each.is_socket]:
                connection.cut()

    def _looks(self, connection: ServerConnection, request: Request) -> Response | None:
        """Judge the handshake of a WebSocket. None: it may come in."""
        assert isinstance(connection, Connection)
        visit = self._door.looks(request.path, request.headers.raw_items())
        why = _why_not(visit)
        if not why:
            connection.visit = visit
            return None
        log.info("inbox: a connection was refused: %s", why)
        answer = connection.respond(_STATUS_OF[why], text_of(Refused(why=why)))
        del answer.headers["Content-Type"]
        answer.headers["Content-Type"] = "application/json"
        return answer

    async def _meet(self, socket: ServerConnection) -> None:
        """One WebSocket, from its handshake to its end."""
        assert isinstance(socket, Connection)
        self._holders += 1
        talk = Conversation(self._feeds, self._door, socket.visit, self._holders)
        self._tell_all(talk.opened(self._now_ms()))
        try:
            async with asyncio.TaskGroup() as tasks:
                pinger = tasks.create_task(self._ping(socket, talk))
                await self._listen(socket, talk)
                pinger.cancel()
        except* ConnectionClosed:
            pass
        finally:
            self._tell_all(talk.closed(self._now_ms()))

    async def _listen(self, socket: Connection, talk: Conversation) -> None:
        if not talk.is_in:
            try:
                async with asyncio.timeout(TOKEN_S):
                    first = await socket.recv()
            except TimeoutError:
                await socket.close(4401, "token")
                return
            await self._follow(socket, talk.received(first, self._now_ms()))
        async for frame in socket:
            await self._until_there_is_room()
            await self._follow(socket, talk.received(frame, self._now_ms()))

    async def _follow(
        self, socket: Connection, steps: Iterator[list[AnyEvent] | str | Close]
    ) -> None:
        for step in steps:
            match step:
                case str():
                    await socket.send(step)
                case Close():
                    log.info("inbox: a connection was closed: %s", step.reason)
                    await socket.close(step.code, step.reason)
                case _:
                    self._tell_all(step)
                    await asyncio.sleep(0)

    async def _ping(self, socket: Connection, talk: Conversation) -> None:
        """Ask for a sign of life; without one the connection is given up."""
        while True:
            await asyncio.sleep(PROBE_MS / 1000)
            pong = await socket.ping()
            try:
                async with asyncio.timeout(PONG_S):
                    await pong
            except TimeoutError:
                socket.transport.abort()
                return
            self._tell_all(talk.answered(self._now_ms()))

    async def _take_push(self, connection: Connection, push: Push) -> None:
        await self._until_there_is_room()
        for step in posted(self._feeds, push.visit.sender, push.body, self._now_ms()):
            if isinstance(step, Answer):
                connection.answer(step.status, step.body)
            else:
                self._tell_all(step)
                await asyncio.sleep(0)

    async def _until_there_is_room(self) -> None:
        """The sender waits with us: its socket fills up, and its POST is answered later."""
        while self._waiting() > ROOM:  # noqa: ASYNC110  (the backlog has no event to wait for)
            await asyncio.sleep(WAIT_S)

    def _health(self) -> dict[str, Any]:
        """Answer to ``GET /v1/health`` with the token."""
        feeds = [
            {"source_id": feed.source_id, "platform": feed.platform, "room": feed.room,
             "state": feed.state}
            for feed in self._feeds
        ]  # fmt: skip
        return {"name": "hostdesk", "protocol": 1, "feeds": feeds}

    def _tell_all(self, events: list[AnyEvent]) -> None:
        if events:
            self._post(events)

    def _tell(self, state: SourceStateName, code: str = "") -> None:
        """How the inbox itself is, when that changes."""
        if self._told == (state, code):
            return
        self._told = (state, code)
        told = SourceState(
            at_ms=self._now_ms(),
            source_id=SOURCE_ID,
            state=state,
            error_code=code,
            params={"port": self._port} if code else {},
            room=str(self._port),
        )
        self._post([told])


def _why_not(visit: Visit) -> str:
    if visit.refusal:
        return visit.refusal
    if visit.path not in _PATHS:
        return "not_found"
    return "token" if visit.shows_token and not visit.has_token else ""


def _nowhere(events: object) -> None:
    """Before `run` there is nobody to tell."""
