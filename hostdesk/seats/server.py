"""The engine's end of the link: one writer task and one slot for each seat.

A window that hangs holds nobody up: its news waits in its slot and is merged.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hostdesk.desk.rows import Digest
from hostdesk.events import AnyAsk
from hostdesk.seats.protocol import (
    MAX_FRAME,
    MAX_PAGE,
    VERSION,
    Answer,
    Bye,
    Door,
    FromSeat,
    LoginNow,
    LoginWanted,
    LoginWish,
    LogoutWanted,
    Message,
    News,
    Page,
    PageWanted,
    Refused,
    RoomAgain,
    SaveSettings,
    SeatAsk,
    SettingsNow,
    SettingsWanted,
    StopWanted,
    Welcome,
    encode,
    merge,
)
from hostdesk.settings import Login

log = logging.getLogger("hostdesk.seats")

HELLO_TIMEOUT_S = 5.0
Asked = Callable[[AnyAsk], Answer]
Paged = Callable[[int, int], Page]
Set = Callable[[SaveSettings | None], Awaitable[SettingsNow]]
Again = Callable[[str], None]
LogIn = Callable[[LoginWish], AsyncIterator[Login]]


class _Seat:
    """What waits to be sent to one window."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.digest: Digest | None = None
        self.messages: deque[Message] = deque()
        self.wake = asyncio.Event()
        self.login: asyncio.Task[None] | None = None

    def give(self, message: Message) -> None:
        self.messages.append(message)
        self.wake.set()

    def news(self, digest: Digest) -> None:
        self.digest = merge(self.digest, digest)
        self.wake.set()

    def take(self) -> list[Message]:
        messages = list(self.messages)
        self.messages.clear()
        if self.digest is not None:
            messages.append(News(digest=self.digest))
            self.digest = None
        self.wake.clear()
        return messages


class SeatServer:
    """Serves seats on 127.0.0.1. Fits `hostdesk.ports.Audience`."""

    def __init__(
        self,
        *,
        pid: int,
        rehearsal: bool,
        asked: Asked,
        paged: Paged,
        snapshot: Callable[[], Digest],
        settings: Set,
        again: Again,
        log_in: LogIn,
        stop: Callable[[], None],
    ) -> None:
        self.token = secrets.token_urlsafe(24)
        self._pid, self._rehearsal = pid, rehearsal
        self._asked, self._paged, self._snapshot = asked, paged, snapshot
        self._settings, self._again, self._stop = settings, again, stop
        self._log_in = log_in
        self._seats: set[_Seat] = set()

    @property
    def count(self) -> int:
        """How many seats are there now."""
        return len(self._seats)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Listen while inside; gives the port."""
        async with serve(
            self._meet, "127.0.0.1", 0, compression=None, max_size=MAX_FRAME, origins=[None]
        ) as server:
            try:
                yield next(iter(server.sockets)).getsockname()[1]
            finally:
                for seat in self._seats:
                    seat.give(Bye())
                await asyncio.sleep(0.05)

    def publish(self, digest: Digest) -> None:
        """Give every seat this digest, merged with what it has not taken yet."""
        for seat in self._seats:
            seat.news(digest)

    async def _meet(self, socket: ServerConnection) -> None:
        door = Door(self.token)
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                first = await socket.recv()
        except (TimeoutError, ConnectionClosed):
            return
        if door.receive(first) is None:
            await _turn_away(socket, door)
            return
        await self._host(socket, door)

    async def _host(self, socket: ServerConnection, door: Door) -> None:
        seat = _Seat(door.seat)
        seat.give(Welcome(protocol=VERSION, pid=self._pid, rehearsal=self._rehearsal))
        seat.news(self._snapshot())
        self._seats.add(seat)
        log.info("seat %s came, %d now", seat.name, self.count)
        try:
            async with asyncio.TaskGroup() as tasks:
                writer = tasks.create_task(_write(socket, seat))
                await self._read(socket, door, seat, tasks)
                writer.cancel()
        except* ConnectionClosed:
            pass
        finally:
            self._seats.discard(seat)
            log.info("seat %s left, %d now", seat.name, self.count)

    async def _read(
        self, socket: ServerConnection, door: Door, seat: _Seat, tasks: asyncio.TaskGroup
    ) -> None:
        async for frame in socket:
            message = door.receive(frame)
            if message is None:
                await _turn_away(socket, door)
                return
            if isinstance(message, SeatAsk):  # answered here: the writer would wait for its turn
                await socket.send(encode(self._asked(message.ask)))
            else:
                self._serve(message, seat, tasks)
            await asyncio.sleep(0)  # `async for` does not yield while frames are queued

    def _serve(self, message: FromSeat, seat: _Seat, tasks: asyncio.TaskGroup) -> None:
        match message:
            case PageWanted(from_seq=from_seq, until_seq=until_seq):
                seat.give(self._paged(max(from_seq, until_seq - MAX_PAGE + 1), until_seq))
            case SettingsWanted():
                tasks.create_task(self._show_settings(None, seat))
            case SaveSettings():
                tasks.create_task(self._show_settings(message, seat))
            case RoomAgain(room_id=room_id):
                self._again(room_id)
            case LoginWanted() | LogoutWanted():
                if seat.login is not None:
                    seat.login.cancel()  # a new code takes the place of one that waits
                seat.login = tasks.create_task(self._follow_login(message, seat))
            case StopWanted():
                self._stop()
            case _:
                pass  # a second hello says nothing new

    async def _follow_login(self, wish: LoginWish, seat: _Seat) -> None:
        async for told in self._log_in(wish):
            seat.give(LoginNow(login=told))

    async def _show_settings(self, wish: SaveSettings | None, seat: _Seat) -> None:
        """Beside the seat's asks: a keyring may wait for a person."""
        seat.give(await self._settings(wish))


async def _write(socket: ServerConnection, seat: _Seat) -> None:
    while True:
        await seat.wake.wait()
        for message in seat.take():
            await socket.send(encode(message))


async def _turn_away(socket: ServerConnection, door: Door) -> None:
    log.warning("a seat was refused: %s", door.refusal)
    if door.refusal is not None:
        await socket.send(encode(Refused(why=door.refusal)))
    await socket.close()
