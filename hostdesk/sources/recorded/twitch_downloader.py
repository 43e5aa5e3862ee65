"""TwitchDownloader's chat JSON: one object with ``comments[]``.

Source: lay295/TwitchDownloader, ChatRoot.cs (a9386f3).
"""

import datetime
from collections.abc import Iterator
from typing import Any, BinaryIO

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId
from hostdesk.sources.recorded.clean import BASE_MS, clock_ms, id_of, name_of, text_of
from hostdesk.sources.recorded.json_stream import items
from hostdesk.sources.recorded.recording import Trouble


def read(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Comments of a Twitch recording. Deleted accounts have no commenter."""
    for number, row in items(stream, "comments.item", trouble):
        event = _comment(row)
        if event is None:
            trouble.at(number)
        else:
            yield event


def _comment(row: Any) -> Comment | None:
    if not isinstance(row, dict):
        return None
    at_ms = time_ms(row.get("created_at"))
    if at_ms is None:
        at_ms = clock_ms(BASE_MS, row.get("content_offset_seconds"))
    message = row.get("message")
    if at_ms is None or not isinstance(message, dict):
        return None
    who = row.get("commenter")
    if not isinstance(who, dict):
        who = {}  # a deleted account
    return Comment(
        at_ms=at_ms,
        sent_ms=at_ms,
        comment_id=CommentId(id_of(row.get("_id"))),
        author_id=AuthorId(id_of(who.get("_id"))),
        author_name=name_of(who.get("display_name") or who.get("name")),
        text=text_of(message.get("body")),
        badges=_badges(message.get("user_badges")),
        platform="twitch",
    )


def _badges(badges: Any) -> tuple[str, ...]:
    if not isinstance(badges, list):
        return ()
    return tuple(id_of(each.get("_id")) for each in badges[:10] if isinstance(each, dict))


def time_ms(value: Any) -> int | None:
    """An RFC 3339 time as UTC milliseconds."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    try:
        return max(0, int(moment.timestamp() * 1000))
    except (OverflowError, ValueError):
        return None
