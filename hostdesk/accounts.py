"""The logins of live rooms: one for each, shared by who reads there and who speaks there.

What speaks to the platform is imported when the first login is used: most shows need none.
"""

import contextlib
import urllib.parse
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from hostdesk.errors import HostdeskError, LoginImpossibleError, RoomUnknownError
from hostdesk.ports import NowMs
from hostdesk.seats.protocol import LoginWish, LogoutWanted
from hostdesk.settings import Login, Room, Settings

if TYPE_CHECKING:
    from hostdesk.sources.twitch_device import Tokens
    from hostdesk.sources.twitch_login import TwitchLogin

_LOCAL = ("127.0.0.1", "localhost")


class Store(Protocol):
    """The part of the keyring that logins need."""

    async def get_many(self, names: Sequence[str]) -> dict[str, str]:
        """Secrets by name; empty where there is none."""
        ...

    async def set_many(self, values: Mapping[str, str]) -> bool:
        """Keep secrets; False where they hold for this run only."""
        ...


class Accounts:
    """Makes logins, and puts their tokens into the keyring as soon as they change."""

    def __init__(self, store: Store, now_ms: NowMs) -> None:
        self._store, self._now_ms = store, now_ms
        self._logins: dict[str, tuple[Room, TwitchLogin]] = {}

    def of(self, room: Room, secrets: Mapping[str, str]) -> "TwitchLogin":
        """The login of a room; another one where its application, address or tokens changed.

        ``secrets`` are those of the room by their short names: "token" and "refresh".
        """
        from hostdesk.sources.twitch_device import Tokens
        from hostdesk.sources.twitch_login import BASE, TwitchLogin

        found = self._logins.get(room.room_id)
        if found is not None:
            before, login = found
            is_same = (before.client_id, before.url) == (room.client_id, room.url)
            if is_same and login.token() == secrets.get("token", ""):
                return login
        tokens = Tokens(access=secrets.get("token", ""), refresh=secrets.get("refresh", ""))
        login = TwitchLogin(
            room.client_id,
            now_ms=self._now_ms,
            keep=lambda new: self._store.set_many(_named(room.room_id, new)),
            tokens=tokens,
            base=address(room) or BASE,
        )
        self._logins[room.room_id] = (room, login)
        return login

    async def known(self, room: Room) -> "TwitchLogin":
        """The login of a room as the keyring knows it."""
        names = [f"{room.room_id}.token", f"{room.room_id}.refresh"]
        token, refresh = (await self._store.get_many(names)).values()
        return self.of(room, {"token": token, "refresh": refresh})

    async def serve(self, wish: LoginWish, settings: Settings) -> AsyncIterator[Login]:
        """Do what a person wants with the login of one of the rooms. Never raises."""
        room = next((each for each in settings.rooms if each.room_id == wish.room_id), None)
        if room is None:
            yield _failed(wish.room_id, RoomUnknownError(name=wish.room_id))
        elif isinstance(wish, LogoutWanted):
            yield await self.log_out(room)
        else:
            async for told in self.log_in(room, reads_only=wish.reads_only):
                yield told

    async def log_in(self, room: Room, *, reads_only: bool = False) -> AsyncIterator[Login]:
        """What to show a person, step by step: the code, then how it ended. Never raises."""
        scopes = _scopes(reads_only=reads_only)
        try:
            _check(room)
            login = await self.known(room)
            code = await login.ask(scopes)
            yield Login(
                room_id=room.room_id,
                step="code",
                user_code=code.user_code,
                url=code.url,
                expires_ms=code.expires_ms,
            )
            await login.wait(code, scopes)
            account = await login.validate()
            yield Login(room_id=room.room_id, step="done", login=account.login)
        except HostdeskError as exc:
            yield _failed(room.room_id, exc)

    async def log_out(self, room: Room) -> Login:
        """Forget the login here, and at Twitch where it can be told. Never raises."""
        login = await self.known(room)
        with contextlib.suppress(HostdeskError):  # it is forgotten here all the same
            await login.log_out()
        self._logins.pop(room.room_id, None)
        return Login(room_id=room.room_id, step="out")


def address(room: Room) -> str:
    """Where login, Helix and EventSub are, if not at Twitch: an http address of the room.

    A token goes there: it is encrypted, or stays on this machine.
    """
    try:
        parts = urllib.parse.urlsplit(room.url)
    except ValueError:
        return ""
    is_local = parts.scheme == "http" and parts.hostname in _LOCAL
    return room.url.rstrip("/") if is_local or parts.scheme == "https" else ""


def events_address(room: Room) -> str:
    """The WebSocket of EventSub at `address`."""
    return f"{_as_socket(room)}/ws" if address(room) else ""


def chat_address(room: Room) -> str:
    """The WebSocket of IRC, if not Twitch's own."""
    return f"{_as_socket(room)}/irc" if address(room) else room.url


def _as_socket(room: Room) -> str:
    return "ws" + address(room).removeprefix("http")


def _scopes(*, reads_only: bool) -> tuple[str, ...]:
    """To read; else to speak and to moderate as well: announce, time out, delete, shield."""
    from hostdesk.sources.twitch_device import MODERATE_SCOPES, READ_SCOPES, SPEAK_SCOPES

    return READ_SCOPES if reads_only else (*READ_SCOPES, *SPEAK_SCOPES, *MODERATE_SCOPES)


def _check(room: Room) -> None:
    if room.platform != "twitch":
        raise LoginImpossibleError(reason="login_platform", room=room.room_id)
    if not room.client_id:
        raise LoginImpossibleError(reason="login_client", room=room.room_id)


def _failed(room_id: str, exc: HostdeskError) -> Login:
    from hostdesk.sources.steps import SourceFaultError

    code, params = exc.code, exc.params
    if isinstance(exc, SourceFaultError):
        code, params = exc.fault.code, exc.fault.params
    return Login(room_id=room_id, step="failed", error_code=code, params=params)


def _named(room_id: str, tokens: "Tokens") -> dict[str, str]:
    return {f"{room_id}.token": tokens.access, f"{room_id}.refresh": tokens.refresh}
