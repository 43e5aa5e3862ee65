"""The live rooms of the settings as running sources: started, changed and stopped one by one."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hostdesk.errors import HostdeskError
from hostdesk.events import AnyEvent, SourceState
from hostdesk.ports import NowMs, Post, Source
from hostdesk.settings import INBOX, PLATFORMS, Platform, Room, Settings

log = logging.getLogger("hostdesk.rooms")

_INBOX = Platform(secrets=("token",))

AGAIN_S = 5.0
"""A source that ended by a bug of ours is started again, but not more often than this."""


class Vault(Protocol):
    """The part of the keyring that rooms need."""

    async def get_many(self, names: Sequence[str]) -> dict[str, str]:
        """Secrets by name; empty where there is none."""
        ...


Build = Callable[[Room, dict[str, str], NowMs], Source]
"""Makes the source of a complete room; its secrets by their short names."""


class Rooms:
    """Runs one task for each room, and the inbox. Each fails alone."""

    def __init__(self, settings: Settings, vault: Vault, build: Build, now_ms: NowMs) -> None:
        self._settings, self._vault, self._build = settings, vault, build
        self._now_ms = now_ms
        self._running: dict[str, asyncio.Task[None]] = {}
        self._as_started: dict[str, Room] = {}
        self._changed = asyncio.Event()
        self._again: set[str] = set()

    @property
    def count(self) -> int:
        """How many rooms are being read, or tried."""
        return len(self._running)

    def use(self, settings: Settings, renewed: Sequence[str] = ()) -> None:
        """The settings changed; ``renewed`` rooms have new secrets and start anew."""
        self._settings = settings
        self._again |= set(renewed)
        self._changed.set()

    def try_again(self, room_id: str) -> None:
        """A person asks for it: do not wait any longer."""
        self._again.add(room_id)
        self._changed.set()

    async def run(self, post: Post) -> None:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    self._changed.clear()
                    await self._settle(tasks, post)
                    await self._changed.wait()
        finally:
            self._running.clear()

    async def _settle(self, tasks: asyncio.TaskGroup, post: Post) -> None:
        """Make what runs the same as what is wanted."""
        wanted = {room.room_id: room for room in wanted_rooms(self._settings)}
        for room_id in list(self._running):
            is_as_before = wanted.get(room_id) == self._as_started[room_id]
            if is_as_before and room_id not in self._again:
                continue
            await self._stop(room_id)
            if room_id not in wanted:
                post([SourceState(at_ms=self._now_ms(), source_id=room_id, state="ended")])
        self._again.clear()
        for room_id, room in wanted.items():
            if room_id not in self._running:
                self._as_started[room_id] = room
                task = tasks.create_task(self._keep(room_id, _bound(self._run_room, room), post))
                self._running[room_id] = task

    async def _stop(self, room_id: str) -> None:
        task = self._running.pop(room_id)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _run_room(self, room: Room, post: Post) -> None:
        kind = _INBOX if room.room_id == INBOX else PLATFORMS.get(room.platform)
        if kind is None:
            unknown: dict[str, str | int] = {"platform": room.platform}
            self._tell(post, room, "source_platform", unknown | {"known": " ".join(PLATFORMS)})
            return
        names = (*kind.secrets, *kind.logins)
        found = await self._vault.get_many([f"{room.room_id}.{name}" for name in names])
        secrets = {name: found.get(f"{room.room_id}.{name}", "") for name in names}
        missing = [name for name in kind.needs if not getattr(room, name)]
        missing += [name for name in kind.secrets if not secrets[name]]
        if missing:
            params: dict[str, str | int] = {"missing": " ".join(missing), "room": title(room)}
            self._tell(post, room, "source_incomplete", params)
            return
        await self._build(room, secrets, self._now_ms).run(post)

    def _tell(self, post: Post, room: Room, code: str, params: dict[str, str | int]) -> None:
        post(
            [
                SourceState(
                    at_ms=self._now_ms(),
                    source_id=room.room_id,
                    state="refused",
                    error_code=code,
                    params=params,
                    platform=room.platform,
                    room=title(room),
                )
            ]
        )

    async def _keep(self, name: str, run: Callable[[Post], Awaitable[None]], post: Post) -> None:
        """One source that ends by an error is told and started again; the others go on."""
        while True:
            try:
                await run(post)
            except HostdeskError as exc:
                log.warning("%s: %s", name, exc.code)
                self._tell_failed(post, name, exc.code, exc.params)
            except Exception as exc:
                log.exception("source %s ended by a bug of ours: %s", name, type(exc).__name__)
                self._tell_failed(post, name, "bug", {})
            else:
                return  # ended in order, or waits for the settings to change
            await asyncio.sleep(AGAIN_S)

    def _tell_failed(self, post: Post, name: str, code: str, params: dict[str, str | int]) -> None:
        now_ms = self._now_ms()
        post(
            [
                SourceState(
                    at_ms=now_ms,
                    source_id=name,
                    state="reconnecting",
                    error_code=code,
                    params=params,
                )
            ]
        )


def wanted_rooms(settings: Settings) -> list[Room]:
    """What is to be run: the rooms that are on, and the inbox."""
    rooms = [room for room in settings.rooms if room.is_on]
    if settings.inbox:
        port = str(settings.inbox_port)
        rooms.append(Room(room_id=INBOX, platform=INBOX, url=port))
    return rooms


def title(room: Room) -> str:
    """What people call the room."""
    return room.name or room.channel or room.room_id


def _bound(
    run: Callable[[Room, Post], Awaitable[None]], room: Room
) -> Callable[[Post], Awaitable[None]]:
    return lambda post: run(room, post)


def merged(post: Post, stamp: Callable[[AnyEvent], AnyEvent]) -> Post:
    """A post through which each event is stamped (with what the shop knows of its author)."""
    return lambda events: post([stamp(event) for event in events])
