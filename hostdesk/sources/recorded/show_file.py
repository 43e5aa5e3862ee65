"""hostdesk's own show file: one JSON event a line."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from hostdesk.events import (
    AnyEvent,
    Comment,
    Gap,
    Gift,
    Health,
    HostSaid,
    Join,
    Like,
    Member,
    Stream,
)
from hostdesk.sources.recorded.clean import id_of, ms_of, name_of, text_of
from hostdesk.sources.recorded.lines import read_lines
from hostdesk.sources.recorded.recording import Trouble

_Known = Comment | Gift | Member | Join | Like | HostSaid | Stream | Health | Gap
_KINDS: dict[str, type[_Known]] = {
    kind.__struct_config__.tag: kind  # type: ignore[misc]  # our tags are strings
    for kind in (Comment, Gift, Member, Join, Like, HostSaid, Stream, Health, Gap)
}


def read(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Events of a show file; unknown kinds and keys are ignored."""
    for number, line in read_lines(stream, trouble):
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            trouble.at(number)
            continue
        if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
            trouble.at(number)
            continue
        event = _event(row)
        if event is not None:
            yield event
        elif row["kind"] in _KINDS:
            trouble.at(number)


def _event(row: dict[str, object]) -> AnyEvent | None:
    kind = _KINDS.get(str(row["kind"]))
    if kind is None or ms_of(row.get("at_ms")) is None:
        return None
    cleaned = {key: value for key, value in row.items() if value is not None}
    for key in ("author_id", "comment_id"):
        if key in cleaned:
            cleaned[key] = id_of(cleaned[key])
    for key in ("author_name", "name"):
        if key in cleaned:
            cleaned[key] = name_of(cleaned[key])
    if "text" in cleaned:
        cleaned["text"] = text_of(cleaned["text"])
    try:
        return msgspec.convert(cleaned, kind, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return None
