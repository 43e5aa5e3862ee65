"""Whose message it is, by its shape; then its items. Never raises, whatever comes."""

from collections.abc import Callable
from typing import Any

import msgspec

from hostdesk.sources.inbox_formats import barrage_grab, own, user_script, wxlivespy
from hostdesk.sources.inbox_formats.reading import UNREADABLE, Reading, loosely


class _Shape(msgspec.Struct):
    """The keys that tell the formats apart, unread."""

    kind: msgspec.Raw = msgspec.Raw()
    text: msgspec.Raw = msgspec.Raw()
    items: msgspec.Raw = msgspec.Raw()
    token: msgspec.Raw = msgspec.Raw()
    Type: msgspec.Raw = msgspec.Raw()
    Data: msgspec.Raw = msgspec.Raw()
    events: msgspec.Raw = msgspec.Raw()
    type: msgspec.Raw = msgspec.Raw()


_SHAPE = msgspec.json.Decoder(_Shape)
_ODD = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises; a ValidationError is a DecodeError."""


def read(frame: str | bytes) -> Reading:
    """The items of one message of at most `MAX_MESSAGE` bytes."""
    text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
    text = text.strip("\ufeff \t\r\n")
    try:
        return _read_strictly(text)
    except _ODD:
        return _read_loosely(loosely(text))


def _read_strictly(text: str) -> Reading:
    if text.startswith("["):
        return own.read_items(text)
    shape = _SHAPE.decode(text)
    if _has(shape.items) or (_has(shape.token) and not _has(shape.kind)):
        return own.read_batch(text, is_greeting=not _has(shape.items))
    if _has(shape.kind):
        return own.read_item(text)
    if _has(shape.Type) and _has(shape.Data):
        return barrage_grab.read_json(text)
    if _has(shape.events):
        return wxlivespy.read_json(text)
    if _has(shape.type):
        return user_script.read_json(text)
    return own.read_item(text) if _has(shape.text) else UNREADABLE


def _read_loosely(found: object) -> Reading:
    if not isinstance(found, dict):
        return own.read_loosely(found)
    for has, reader in _LOOSE:
        if has(found):
            return reader(found)
    return UNREADABLE


def _is_own(found: dict[str, Any]) -> bool:
    return "items" in found or "kind" in found or "token" in found


_LOOSE: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], Reading]], ...] = (
    (_is_own, own.read_loosely),
    (lambda found: "Type" in found and "Data" in found, barrage_grab.read_loosely),
    (lambda found: "events" in found, wxlivespy.read_loosely),
    (lambda found: "type" in found, user_script.read_loosely),
    (lambda found: "text" in found, own.read_loosely),
)


def _has(part: msgspec.Raw) -> bool:
    return bytes(part) != b""
