"""TwitchDownloader's JSON: one object with ``video`` and ``comments``."""

from typing import Any

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.json_items import JsonItems
from hostdesk.sources.recordings.tally import Offsets, Tally, Timeline

PLATFORM = "twitch"
_SECTIONS = frozenset({"comments", "video"})


class TwitchDownloaderParser:
    """Fits `Parser`."""

    is_hostile = False

    def __init__(self, tally: Tally) -> None:
        self._items = JsonItems(tally, _SECTIONS)
        self._timeline = Timeline(tally)
        self._offsets = Offsets()

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        found: list[AnyEvent] = []
        for section, item in self._items.feed(text):
            if section == "comments":
                found += self._events(item)
            else:
                self._offsets.start_ms = cleaning.iso_ms(item.get("created_at"))
        return found

    def finish(self) -> list[AnyEvent]:
        """The text is over."""
        self._items.finish()
        return []

    def _events(self, item: dict[str, Any]) -> list[AnyEvent]:
        sent_ms = cleaning.iso_ms(item.get("created_at"))
        offset_ms = cleaning.offset_ms(item.get("content_offset_seconds"))
        at_ms = self._timeline.at(self._offsets.at(sent_ms, offset_ms))
        commenter = cleaning.mapping(item.get("commenter"))  # null for deleted accounts
        author_id = AuthorId(cleaning.identity(commenter.get("_id")))
        author_name = cleaning.name(commenter.get("display_name") or commenter.get("name"))
        message = cleaning.mapping(item.get("message"))
        comment = Comment(
            at_ms=at_ms,
            comment_id=CommentId(cleaning.identity(item.get("_id"))),
            author_id=author_id,
            author_name=author_name,
            text=_body(message),
            badges=_badges(message),
            platform=PLATFORM,
            sent_ms=sent_ms,
        )
        events: list[AnyEvent] = [comment]
        if (bits := cleaning.whole(message.get("bits_spent")) or 0) > 0:
            events.append(Gift(at_ms=at_ms, author_id=author_id, author_name=author_name,
                               name="Bits", count=bits, platform=PLATFORM))  # fmt: skip
        if name := _membership(message):
            events.append(Member(at_ms=at_ms, author_id=author_id, author_name=author_name,
                                 name=name, platform=PLATFORM))  # fmt: skip
        return events


def _body(message: dict[str, Any]) -> str:
    body = message.get("body")
    if not isinstance(body, str):
        parts = (cleaning.mapping(part) for part in cleaning.listing(message.get("fragments")))
        body = "".join(cleaning.text(part.get("text")) for part in parts)
    return cleaning.text(body)


def _badges(message: dict[str, Any]) -> tuple[str, ...]:
    badges = (cleaning.mapping(each) for each in cleaning.listing(message.get("user_badges")))
    return tuple(name for badge in badges if (name := cleaning.identity(badge.get("_id"))))


def _membership(message: dict[str, Any]) -> str:
    notice = cleaning.mapping(message.get("user_notice_params"))
    kind = cleaning.name(notice.get("msg_id") or notice.get("msg-id"))
    return kind if "sub" in kind else ""
