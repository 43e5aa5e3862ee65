"""chat-downloader's JSON: an array, or one object a line; every key may be missing.

Source: xenova/chat-downloader, sites/common.py (94ed3fe).
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift
from hostdesk.sources.recorded.clean import BASE_MS, clock_ms, id_of, ms_of, name_of, text_of
from hostdesk.sources.recorded.json_stream import items
from hostdesk.sources.recorded.lines import read_lines
from hostdesk.sources.recorded.recording import Trouble


def read_array(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Events of an array."""
    for number, row in items(stream, "item", trouble):
        yield from _told(row, number, trouble)


def read_rows(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Events of one object a line."""
    for number, line in read_lines(stream, trouble):
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            trouble.at(number)
            continue
        yield from _told(row, number, trouble)


def _told(row: Any, number: int, trouble: Trouble) -> Iterator[AnyEvent]:
    event = _event(row) if isinstance(row, dict) else None
    if event is None:
        trouble.at(number)
    else:
        yield event


def _event(row: dict[str, Any]) -> AnyEvent | None:
    at_ms = _at_ms(row)
    if at_ms is None:
        return None
    author = row.get("author")
    if not isinstance(author, dict):
        author = {}
    who = AuthorId(id_of(author.get("id")))
    name = name_of(author.get("display_name") or author.get("name"))
    text = text_of(row.get("message"))
    if not text and row.get("money"):
        money = row["money"] if isinstance(row["money"], dict) else {}
        return Gift(at_ms=at_ms, author_id=who, author_name=name, name=text_of(money.get("text")))
    return Comment(
        at_ms=at_ms,
        sent_ms=at_ms,
        comment_id=CommentId(id_of(row.get("message_id"))),
        author_id=who,
        author_name=name,
        text=text,
        badges=_badges(author.get("badges")),
    )


def _at_ms(row: dict[str, Any]) -> int | None:
    stamp = row.get("timestamp")
    if isinstance(stamp, int | float) and not isinstance(stamp, bool):
        return ms_of(stamp / 1000)  # microseconds
    return clock_ms(BASE_MS, row.get("time_in_seconds"))


def _badges(badges: Any) -> tuple[str, ...]:
    if not isinstance(badges, list):
        return ()
    return tuple(
        name_of(each.get("name") or each.get("title"))
        for each in badges[:10]
        if isinstance(each, dict)
    )
