"""Reading ``resources/replies``."""

import msgspec

from hostdesk.content import entries, files
from hostdesk.counsel.library import Library
from hostdesk.counsel.replies import SLOTS, Reply
from hostdesk.errors import ContentError

FOLDER = "replies"
SLOTS_FILE = f"{FOLDER}/slots.toml"

Defaults = dict[str, dict[str, str]]


def names() -> list[str]:
    """The files that replies come from."""
    return entries.names(FOLDER)


def load_defaults() -> Defaults:
    """What stands in for a slot that nobody filled, by locale.

    Raises:
        ContentError: not a table of words for each locale.
    """
    try:
        return msgspec.convert(files.read_toml(SLOTS_FILE), Defaults)
    except msgspec.ValidationError as exc:
        raise ContentError(file=SLOTS_FILE, entry="", field="", detail=str(exc)) from exc


def load_library(defaults: Defaults) -> Library:
    """All replies.

    Raises:
        ContentError: a reply is wrong; it names file, entry and field.
    """
    found = entries.collect(FOLDER, "reply", Reply)
    for name, reply in found:
        entries.check_topics(name, reply.id, reply.topics)
        unknown = sorted(reply.slots() - SLOTS)
        if unknown:
            raise ContentError(
                file=name, entry=reply.id, field="slots", detail=f"no such slot: {unknown[0]}"
            )
    return Library([reply for _, reply in found], defaults)
