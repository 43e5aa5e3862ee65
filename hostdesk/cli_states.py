"""Rooms and how each is doing, as lines of a terminal or as JSON."""

import argparse
import json
import shlex

import msgspec

from hostdesk.desk.rows import SourceRow
from hostdesk.rooms import title
from hostdesk.settings import Room, found_instead
from hostdesk.source_words import notes, troubles
from hostdesk.text import Words


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
