"""hostdesk's own show files: one event a line (``cli.md``; other kinds are passed over)."""

from typing import Any

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
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.json_items import decode_object
from hostdesk.sources.recordings.lines import Lines
from hostdesk.sources.recordings.tally import Tally, Timeline

_Played = Comment | Gift | Member | Join | Like | HostSaid | Stream | Health | Gap
"""What viewers, host and stream did: all that is played again."""

_KINDS = (Comment, Gift, Member, Join, Like, HostSaid, Stream, Health, Gap)
_BY_TAG: dict[str, type[_Played]] = {str(kind.__struct_config__.tag): kind for kind in _KINDS}
_DECODER = msgspec.json.Decoder(_Played)
_ABOUT_TEXT = ("text", "author_name", "name", "reason")


class ShowFileParser:
    """Fits `Parser`."""

    is_hostile = False

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._lines = Lines()
        self._timeline = Timeline(tally)

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        return [event for line in self._lines.feed(text) if (event := self._event(*line))]

    def finish(self) -> list[AnyEvent]:
        """The text is over; the last line may lack its end."""
        return [event for line in self._lines.finish() if (event := self._event(*line))]

    def _event(self, number: int, line: str | None) -> _Played | None:
        if line == "":
            return None
        event = _read(line) if line else None
        if event is None:
            if line is None or not _is_other_kind(line):
                self._tally.skip(number)
            return None
        return self._fit(event)

    def _fit(self, event: _Played) -> _Played:
        changes: dict[str, Any] = {}
        at_ms = self._timeline.at(event.at_ms)
        if at_ms != event.at_ms:
            changes["at_ms"] = at_ms
        for field in _ABOUT_TEXT:
            given = getattr(event, field, "")
            limit = cleaning.MAX_NAME if field == "author_name" else cleaning.MAX_TEXT
            if len(given) > limit or not given.isprintable():
                changes[field] = cleaning.text(given, limit)
        return msgspec.structs.replace(event, **changes) if changes else event


def _read(line: str) -> _Played | None:
    try:
        event: _Played = _DECODER.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        found = decode_object(line)
    else:
        return event
    kind = _BY_TAG.get(str(found.get("kind"))) if found else None
    return _read_loosely(found, kind) if found and kind else None


def _read_loosely(found: dict[str, Any], kind: type[_Played]) -> _Played | None:
    """Keys that have a wrong type are left out, if the event can do without them."""
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.name not in found:
            continue
        given = found[field.name]
        if isinstance(given, int) and field.name.endswith("_id"):
            given = cleaning.identity(given)
        try:
            values[field.name] = msgspec.convert(given, field.type, strict=False)
        except msgspec.ValidationError:
            continue
    try:
        event: _Played = msgspec.convert({**values, "kind": found["kind"]}, kind)
    except msgspec.ValidationError:
        return None
    return event


def _is_other_kind(line: str) -> bool:
    found = decode_object(line)
    return found is not None and isinstance(found.get("kind"), str) and found["kind"] not in _BY_TAG
