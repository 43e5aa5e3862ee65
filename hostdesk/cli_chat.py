"""``hostdesk connect say`` and its like: speak and moderate through the running engine."""

import argparse
import sys
import uuid
from collections.abc import Iterator

from hostdesk.desk.rows import ChatRow
from hostdesk.errors import RoomUnnamedError, RoomValueError
from hostdesk.events import AskId, ChatAct, ChatAsked
from hostdesk.room_fields import room_named
from hostdesk.rooms import title
from hostdesk.seats import scripting
from hostdesk.seats.link_file import LinkFacts
from hostdesk.settings import Settings
from hostdesk.text import Words

ACTS: dict[str, ChatAct] = {
    "say": "say",
    "announce": "announce",
    "pin": "pin",
    "unpin": "unpin",
    "delete": "delete",
    "timeout": "time_out",
    "shield": "shield_on",
}
_TEXTS = ("say", "announce", "pin")
_ON_COMMENT = ("delete", "timeout")
_FAILED = ("failed", "unseen", "undone")


def command(
    args: argparse.Namespace, say: Words, settings: Settings, engine: LinkFacts | None
) -> int:
    """Do it and tell what became of it; 1 where it failed or was not seen in the chat."""
    room = room_named(settings, args.words, args.action)
    if engine is None:
        print(say("cli.not_running"), file=sys.stderr)
        return 1
    ask = _ask(args.action, room.room_id, args.words[1:])
    return _told(scripting.chat(engine, ask), title(room), say)


def _ask(action: str, room_id: str, rest: list[str]) -> ChatAsked:
    act, text, name = ACTS[action], "", ""
    if action in _TEXTS:
        text = " ".join(rest)
    elif action in _ON_COMMENT:
        name = _name(action, rest)
    elif action == "shield":
        act = _shield(rest)
    return ChatAsked(
        at_ms=0,
        ask_id=AskId(uuid.uuid4().hex),
        room_id=room_id,
        act=act,
        text=text,
        author_name=name,
        confirmed=True,  # it was typed out: nobody does that by a slip of the finger
    )


def _name(action: str, rest: list[str]) -> str:
    if not rest:
        raise RoomUnnamedError(action=action)
    return " ".join(rest)


def _shield(rest: list[str]) -> ChatAct:
    wish = rest[0] if rest else "on"
    if wish not in ("on", "off"):
        raise RoomValueError(field="shield", value=wish[:40], reason="room_inbox")
    return "shield_on" if wish == "on" else "shield_off"


def _told(rows: Iterator[ChatRow], room: str, say: Words) -> int:
    phase = ""
    for row in rows:
        if row.phase == phase:
            continue
        phase = row.phase
        if phase == "failed":
            print(" ".join(say.error(row.error_code, row.params)), file=sys.stderr)
            continue
        what = row.text or say(f"chat.act.{row.act}")
        print(say(f"chat.phase.{phase}", seconds=3, room=room, what=what), flush=True)
    return 1 if phase in _FAILED else 0
