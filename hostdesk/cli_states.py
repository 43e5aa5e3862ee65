"""Rooms and how each is doing, as lines of a terminal or as JSON."""

import argparse
import json
import shlex

import msgspec

from hostdesk.desk.rows import SourceRow
from hostdesk.events import SourceState
from hostdesk.rooms import title
from hostdesk.settings import Room, found_instead
from hostdesk.source_words import notes, troubles
from hostdesk.text import Words


def starting(room: Room) -> SourceRow:
    """A room that nothing was heard of yet."""
    name = title(room)
    return SourceRow(
        source_id=room.room_id, state="starting", last_ms=0, platform=room.platform, room=name
    )


def row_of(event: SourceState) -> SourceRow:
    """What a source said last, as a running engine would tell it."""
    return SourceRow(
        source_id=event.source_id,
        state=event.state,
        last_ms=event.at_ms,
        error_code=event.error_code,
        params=event.params,
        skipped=event.skipped,
        platform=event.platform,
        room=event.room,
        masked=event.masked,
    )


def print_room(room: Room, state: str, args: argparse.Namespace, say: Words) -> None:
    """One room of the settings; ``state`` "" = nobody knows."""
    if args.json:
        known = {**msgspec.to_builtins(room), "state": state}
        print(json.dumps(known, ensure_ascii=False))
        return
    words = say.get(f"status.source.{state}", "") if state != "off" else say("connect.off")
    print(f"{room.room_id}\t{room.platform}\t{title(room)}\t{words}")


def print_state(row: SourceRow, args: argparse.Namespace, say: Words) -> None:
    """How one source is doing, and what to do where it is not well."""
    if args.json:
        print(json.dumps(msgspec.to_builtins(row), ensure_ascii=False))
        return
    words = say.get(f"status.source.{row.state}", row.state)
    said = [*troubles(row, say), _is_it(row, say), *notes(row, say)]
    print("\t".join([row.source_id, row.room, words, " ".join(filter(None, said))]))


def _is_it(row: SourceRow, say: Words) -> str:
    """How to say that the room that was found is the right one."""
    found = found_instead(row.error_code, row.params)
    expected = shlex.quote(f"expected={found}")
    return say("connect.is_it", id=row.source_id, expected=expected) if found else ""
