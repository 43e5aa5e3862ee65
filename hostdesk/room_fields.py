"""What a person writes about a live room on the command line, as a `Room` of the settings."""

import re
import urllib.parse
from collections.abc import Sequence

import msgspec

from hostdesk.errors import (
    RoomFieldError,
    RoomIncompleteError,
    RoomSecretError,
    RoomUnknownError,
    RoomUnnamedError,
    RoomValueError,
)
from hostdesk.rooms import title
from hostdesk.settings import INBOX, PLATFORMS, Origin, Room, Settings

_ADDRESS = {"twitch": "channel", "youtube": "channel", "bilibili": "app_id", "barrage_grab": "url"}
"""The field that a person may give without its name."""
_FIELDS = ("name", "channel", "app_id", "client_id", "url", "expected", "budget", "is_on")
_NAMED = tuple(f"{name}=" for name in _FIELDS)
_SCHEMES = {
    "bilibili": ("http", "https"),
    "youtube": ("http", "https"),
    "twitch": ("http", "https", "ws", "wss"),
    "barrage_grab": ("ws", "wss"),
}
_EXPLAINED = ("is_on", "budget", "port", "inbox", "url", "id", "origin")
"""Their words are ``reason.room_<field>``; all others are short texts."""
_SHOWN = 40
"""Letters of a wrong value that are told."""


def new_room(platform: str, told: Sequence[str], room_id: str) -> Room:
    """A room of a known platform, complete but for its secrets.

    Raises:
        RoomError: one of its kinds.
    """
    if room_id.startswith(INBOX):
        raise _wrong("id", room_id)
    pairs = list(told)
    if told and not told[0].startswith(_NAMED):
        pairs[0] = f"{_ADDRESS[platform]}={told[0]}"
    room = _room({"room_id": room_id, "platform": platform, **_fields_of(platform, pairs, room_id)})
    missing = [name for name in PLATFORMS[platform].needs if not getattr(room, name)]
    if missing:
        raise RoomIncompleteError(room=title(room), missing=" ".join(missing))
    return room


def changed_room(room: Room, pairs: Sequence[str]) -> Room:
    """The room with some of its fields changed.

    Raises:
        RoomError: one of its kinds.
    """
    return _room({**msgspec.to_builtins(room), **_fields_of(room.platform, pairs, room.room_id)})


def room_named(settings: Settings, words: Sequence[str], action: str) -> Room:
    """The room whose id, name or channel is the first word.

    Raises:
        RoomUnnamedError: there is no word.
        RoomUnknownError: there is no such room.
    """
    if not words or not words[0]:
        raise RoomUnnamedError(action=action)
    for room in settings.rooms:
        if words[0] in (room.room_id, room.name, room.channel):
            return room
    raise RoomUnknownError(name=words[0])


def free_id(platform: str, settings: Settings) -> str:
    """An id that no room has."""
    taken = {room.room_id for room in settings.rooms}
    stem = platform.replace("_", "-")
    return next(f"{stem}-{n}" for n in range(1, 1000) if f"{stem}-{n}" not in taken)


def inbox_settings(
    settings: Settings, wish: str, port: int, pages: Sequence[str] | None = None
) -> Settings:
    """The settings with the inbox ``on`` or ``off``, at ``port`` (0 = as it was).

    ``pages`` are the web pages that may push, and no others; None = as it was.

    Raises:
        RoomValueError: another wish, a port or a page that cannot be.
    """
    if wish not in ("on", "off"):
        raise _wrong("inbox", wish)
    fields = {**msgspec.to_builtins(settings), "inbox": wish == "on"}
    if pages is not None:
        fields["inbox_origins"] = tuple(dict.fromkeys(map(_origin, pages)))
    try:
        return msgspec.convert({**fields, "inbox_port": port or settings.inbox_port}, Settings)
    except msgspec.ValidationError as exc:
        if "inbox_origins" in str(exc):  # more than there may be
            raise _wrong("origin", " ".join(pages or ())) from exc
        raise _wrong("port", port) from exc


def _fields_of(platform: str, pairs: Sequence[str], room_id: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if equals and name in (*PLATFORMS[platform].secrets, *PLATFORMS[platform].logins):
            raise RoomSecretError(room=room_id, field=name)
        if not equals or name not in _FIELDS:
            known = " ".join(_known(platform))
            raise RoomFieldError(platform=platform, field=name[:_SHOWN], known=known)
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _wrong(name, value.encode("utf-8", "replace").decode())  # half a character
        fields[name] = value
    if platform == "youtube" and "channel" in fields:
        fields["channel"] = _video_id(fields["channel"])
    if fields.get("url") and not _is_address(fields["url"], _SCHEMES[platform]):
        raise _wrong("url", fields["url"])
    return fields


def _known(platform: str) -> tuple[str, ...]:
    kind = PLATFORMS[platform]
    return ("name", "is_on", *kind.needs, *kind.takes, *kind.secrets, *kind.logins)


def _room(fields: dict[str, object]) -> Room:
    try:
        return msgspec.convert(fields, Room, strict=False)
    except msgspec.ValidationError as exc:
        found = re.search(r"\$\.(\w+)", str(exc))
        field = found[1] if found else ""
        raise _wrong(field.removeprefix("room_"), fields.get(field, "")) from exc


def _wrong(field: str, value: object) -> RoomValueError:
    reason = field if field in _EXPLAINED else "text"
    return RoomValueError(field=field, value=str(value)[:_SHOWN], reason=f"room_{reason}")


def _is_address(text: str, schemes: Sequence[str]) -> bool:
    try:
        parts = urllib.parse.urlsplit(text)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _origin(page: str) -> str:
    """What a browser tells of a page: scheme, host, and a port that is not the usual one."""
    try:
        parts = urllib.parse.urlsplit(page.strip())
        host = (parts.hostname or "").encode("idna").decode()
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return msgspec.convert(f"{parts.scheme}://{host}{port}", Origin)
    except (ValueError, msgspec.ValidationError) as exc:
        raise _wrong("origin", page.encode("utf-8", "replace").decode()) from exc


def _video_id(text: str) -> str:
    """The id in any of YouTube's addresses, or the text itself."""
    found = re.search(r"(?:v=|youtu\.be/|/live/|/video/)([A-Za-z0-9_-]{11})", text)
    return found[1] if found else text
