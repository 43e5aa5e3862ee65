"""Makes the source of a room. Each platform is imported when a room of it is first read."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from hostdesk import paths
from hostdesk.accounts import Accounts, address, chat_address, events_address
from hostdesk.ports import NowMs, Source
from hostdesk.rooms import Build
from hostdesk.settings import INBOX, Room

if TYPE_CHECKING:
    from hostdesk.sources.youtube_ledger import KeptLedger

EXTENSIONS = ("chrome-extension://*", "moz-extension://*")
"""Extensions of the user's own browser reach the inbox with its token; a page only by name."""


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What the inbox asks of the engine, each time that it matters."""

    waiting: Callable[[], int] = lambda: 0
    """How many comments are not judged yet: programs that push are told to slow down by it."""
    origins: Callable[[], Sequence[str]] = tuple
    """Web pages that may push."""


_ALONE = House()


def builder(accounts: Accounts, house: House = _ALONE) -> Build:
    """Makes sources; those of rooms with a login share it with whoever speaks there."""
    return functools.partial(build, accounts, house=house)


def build(
    accounts: Accounts,
    room: Room,
    secrets: dict[str, str],
    now_ms: NowMs,
    *,
    house: House = _ALONE,
) -> Source:
    """The source of a complete room; ``secrets`` by their short names.

    Raises:
        KeyError: a platform that `hostdesk.settings.PLATFORMS` does not know.
    """
    makers: dict[str, Callable[[Room, dict[str, str], NowMs], Source]] = {
        "bilibili": _bilibili,
        "twitch": functools.partial(_twitch, accounts),
        "youtube": _youtube,
        "barrage_grab": _barrage_grab,
        INBOX: functools.partial(_inbox, house),
    }
    return makers[room.platform](room, secrets, now_ms)


def _bilibili(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.bilibili import BASE, BilibiliRoom

    return BilibiliRoom(
        room.room_id,
        code=secrets["code"],
        app_id=room.app_id,
        key_id=secrets["key_id"],
        key_secret=secrets["key_secret"],
        now_ms=now_ms,
        expected_room=room.expected,
        base=room.url or BASE,
        name=room.name,
    )


def _twitch(accounts: Accounts, room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.twitch import URL, TwitchRoom

    as_guest = TwitchRoom(
        room.room_id,
        channel=room.channel,
        now_ms=now_ms,
        expected_room_id=room.expected,
        url=chat_address(room) or URL,
    )
    if not (room.client_id and secrets["token"]):
        return as_guest
    from hostdesk.sources.eventsub import API, WS, TwitchChatRoom
    from hostdesk.sources.twitch_member import TwitchMemberRoom

    login = accounts.of(room, secrets)
    as_member = TwitchChatRoom(
        room.room_id,
        channel=room.channel,
        token=login.token,
        renew=login.renew,
        client_id=room.client_id,
        now_ms=now_ms,
        expected_room_id=room.expected,
        api=address(room) or API,
        ws=events_address(room) or WS,
    )
    return TwitchMemberRoom(room.room_id, login.watch, as_member, as_guest)


def _youtube(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.youtube import BASE, YouTubeRoom

    return YouTubeRoom(
        room.room_id,
        video=room.channel,
        api_key=lambda: secrets["api_key"],
        now_ms=now_ms,
        budget=room.budget,
        expected_channel=room.expected,
        base=room.url or BASE,
        ledger=_ledger(),
    )


@functools.cache
def _ledger() -> "KeptLedger":
    """One for all rooms: they may share a key, and so its quota."""
    from hostdesk.sources.youtube_ledger import KeptLedger

    return KeptLedger(paths.data_folder() / "youtube-quota.json")


def _barrage_grab(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.bridge_client import URL, BarrageGrabRoom

    return BarrageGrabRoom(
        room.room_id, now_ms=now_ms, url=room.url or URL, expected_room=room.expected
    )


def _inbox(house: House, room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.inbox import Inbox

    return Inbox(
        port=int(room.url),
        token=secrets["token"],
        now_ms=now_ms,
        allowed_origins=lambda: (*EXTENSIONS, *house.origins()),
        waiting=house.waiting,
    )
