"""Makes the source of a room. Each platform is imported when a room of it is first read."""

import functools
from typing import TYPE_CHECKING

from hostdesk import paths
from hostdesk.ports import NowMs, Source
from hostdesk.settings import INBOX, Room

if TYPE_CHECKING:
    from hostdesk.sources.youtube_ledger import KeptLedger

EXTENSIONS = ("chrome-extension://*", "moz-extension://*")
"""Pages never reach the inbox, extensions of the user's own browser do, with the token."""


def build(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    """The source of a complete room; ``secrets`` by their short names.

    Raises:
        KeyError: a platform that `hostdesk.settings.PLATFORMS` does not know.
    """
    return {
        "bilibili": _bilibili,
        "twitch": _twitch,
        "youtube": _youtube,
        "barrage_grab": _barrage_grab,
        INBOX: _inbox,
    }[room.platform](room, secrets, now_ms)


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


def _twitch(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    if room.client_id and secrets["token"]:
        from hostdesk.sources.eventsub import TwitchChatRoom

        return TwitchChatRoom(
            room.room_id,
            channel=room.channel,
            token=lambda: secrets["token"],
            client_id=room.client_id,
            now_ms=now_ms,
        )
    from hostdesk.sources.twitch import URL, TwitchRoom

    return TwitchRoom(
        room.room_id,
        channel=room.channel,
        now_ms=now_ms,
        expected_room_id=room.expected,
        url=room.url or URL,
    )


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


def _inbox(room: Room, secrets: dict[str, str], now_ms: NowMs) -> Source:
    from hostdesk.sources.inbox import Inbox

    return Inbox(
        port=int(room.url),
        token=secrets["token"],
        now_ms=now_ms,
        allowed_origins=EXTENSIONS,
    )
