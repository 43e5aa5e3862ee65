"""Messages of Bilibili's Open Live, read: typed and fast, with a second, patient try."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from hostdesk.sources.bilibili_commands import (
    Command,
    Ended,
    Enlisted,
    Entered,
    Given,
    Liked,
    LiveEnded,
    LiveStarted,
    Mirrored,
    PaidMessage,
    PaidMessagesRemoved,
    Said,
)
from hostdesk.sources.recordings import cleaning

MAX_MENDED = 64 * 1024
"""Bytes of one message that are read a second time, patiently; real ones stay below 8 KiB."""

AnyCommand = TypeVar("AnyCommand", bound=Command)


class UnreadableError(ValueError):
    """A message that is known by name but cannot be read."""


_PREFIX = "LIVE_OPEN_PLATFORM_"
_KINDS: dict[str, type[Command]] = {
    "DM": Said,
    "DM_MIRROR": Mirrored,
    "SEND_GIFT": Given,
    "GUARD": Enlisted,
    "SUPER_CHAT": PaidMessage,
    "SUPER_CHAT_DEL": PaidMessagesRemoved,
    "LIKE": Liked,
    "LIVE_ROOM_ENTER": Entered,
    "LIVE_START": LiveStarted,
    "LIVE_END": LiveEnded,
    "INTERACTION_END": Ended,
}


class _Envelope(msgspec.Struct):
    cmd: str
    data: msgspec.Raw = msgspec.Raw(b"{}")


_envelope: Callable[[bytes], _Envelope] = msgspec.json.Decoder(_Envelope).decode
_decoders: dict[str, tuple[type[Command], Callable[[Any], Command]]] = {
    _PREFIX + name: (kind, msgspec.json.Decoder(kind, strict=False).decode)
    for name, kind in _KINDS.items()
}


def command_of(body: bytes) -> Command | None:
    """The command of one message; None where it is one that we do not use.

    Raises:
        UnreadableError: it is none, or not as the platform writes it.
    """
    try:
        envelope = _envelope(body)
        known = _decoders.get(envelope.cmd) or _decoders.get(envelope.cmd.partition(":")[0])
        return known[1](envelope.data) if known else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _mended(body)


def _mended(body: bytes) -> Command | None:
    """Half an emoji, a number for a text, null: what can be used is, the rest is left out."""
    if len(body) > MAX_MENDED or not body.startswith(b"{"):
        raise UnreadableError
    try:
        found = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as exc:
        raise UnreadableError from exc
    name = cleaning.mapping(found).get("cmd")
    if not isinstance(name, str):
        raise UnreadableError
    known = _decoders.get(name.partition(":")[0])
    return _rebuilt(known[0], cleaning.mapping(found.get("data"))) if known else None


def _rebuilt(kind: type[AnyCommand], data: dict[str, Any]) -> AnyCommand:
    fit: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        value = data.get(field.encode_name)
        if field.type is str:
            value = cleaning.text(value) or cleaning.identity(value) or None
        if value is not None:
            try:
                fit[field.name] = msgspec.convert(value, field.type, strict=False)
            except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
                continue
    try:
        return kind(**fit)
    except TypeError as exc:  # what makes it a message is missing
        raise UnreadableError from exc
