"""Every setting as data: its default, its bounds, and the section it stands in.

The words for each one are ``setting.<name>`` in ``resources/text``.
"""

from typing import Annotated, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
_SHORT = 80
Short = Annotated[str, msgspec.Meta(max_length=_SHORT)]


Origin = Annotated[
    str, msgspec.Meta(pattern=r"^https?://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?\Z", max_length=200)
]
"""What a browser tells of a page's address: ``https://live.kuaishou.com``."""

RoomId = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,30}$")]


class Room(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One live room that comments come from. Keys and tokens lie in the keyring.

    Which fields a platform wants stands in `PLATFORMS`.
    """

    room_id: RoomId
    """Ours; also the id of its source and the first part of the names of its secrets."""
    platform: Short
    name: Short = ""
    """What people call it; empty = the address."""
    channel: Short = ""
    """Twitch: login of the channel. YouTube: id of the video."""
    app_id: Short = ""
    """Bilibili: id of the user's own application."""
    client_id: Short = ""
    """Twitch: id of the user's own application; empty = read without a login."""
    url: Short = ""
    """Address of a local bridge; for a platform, another address than its own (a relay)."""
    expected: Short = ""
    """Room or owner that the platform must report; empty = whoever it is."""
    budget: Annotated[int, msgspec.Meta(ge=100, le=10_000_000)] = 10_000
    """YouTube: units of quota that may be used on one day."""
    is_on: bool = True


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """What must be known to connect to a room of one platform."""

    needs: tuple[str, ...] = ()
    """Fields of `Room` without which nothing works."""
    takes: tuple[str, ...] = ()
    """Further fields that may be filled in."""
    secrets: tuple[str, ...] = ()
    """Kept in the keyring as ``<room_id>.<secret>``; all are needed."""
    logins: tuple[str, ...] = ()
    """Secrets that a login brings; without them the room is read as a guest."""


class Login(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the login for a room goes: a code to type at ``url``, then its end. Never a token."""

    room_id: str
    step: Literal["code", "done", "out", "failed"]
    user_code: str = ""
    url: str = ""
    expires_ms: int = 0
    login: str = ""
    """Whose login it is, once it is done."""
    error_code: str = ""
    params: dict[str, str | int] = {}


PLATFORMS: dict[str, Platform] = {
    "bilibili": Platform(
        needs=("app_id",), takes=("expected",), secrets=("code", "key_id", "key_secret")
    ),
    "twitch": Platform(
        needs=("channel",), takes=("client_id", "expected"), logins=("token", "refresh")
    ),
    "youtube": Platform(needs=("channel",), takes=("budget", "expected"), secrets=("api_key",)),
    "barrage_grab": Platform(takes=("url", "expected")),
}

INBOX = "inbox"
"""Id of the local inbox, which is run like a room. Its token is the secret ``inbox.token``."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What a person may choose. The OBS password is not here: it lies in the keyring."""

    locale: Literal["zh", "en"] = "zh"
    """Language of the windows and of the words put on the picture."""
    obs_host: Short = "127.0.0.1"
    obs_port: Port = 4455
    platform: Short = "douyin"
    """Whose safe area and reply length hold."""
    contact: Short = ""
    """Official place to send buyers to; empty = the locale's usual words (订单页客服)."""
    shop: Short = ""
    rooms: tuple[Room, ...] = ()
    """Live rooms; their comments are one feed."""
    orders: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    """The shop's order list (CSV), matched to those who write; empty = none."""
    inbox: bool = False
    """Listen on 127.0.0.1 for comments that other programs push (browser bridge, scripts)."""
    inbox_port: Port = 8765
    inbox_origins: Annotated[tuple[Origin, ...], msgspec.Meta(max_length=20)] = ()
    """Web pages that may push to the inbox, with its token; every other page is refused."""


def found_instead(error_code: str, params: dict[str, str | int]) -> str:
    """What to expect (`Room.expected`) if the room that answered is the right one after all.

    "" where no other room answered, or one that cannot be named.
    """
    if error_code != "source_other_room":
        return ""
    found = str(params.get("found_id") or params.get("found") or "").strip()
    return found if found.isprintable() and len(found) <= _SHORT else ""


def changed(before: Settings, after: Settings) -> frozenset[str]:
    """Names of the settings that differ."""
    fields = Settings.__struct_fields__
    return frozenset(name for name in fields if getattr(before, name) != getattr(after, name))
