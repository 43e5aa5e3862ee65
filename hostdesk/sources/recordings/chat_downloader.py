"""chat-downloader's JSON: a list, or an object a line; every key may be missing."""

from typing import Any

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.json_items import JsonItems, decode_object
from hostdesk.sources.recordings.lines import Lines
from hostdesk.sources.recordings.tally import Offsets, Tally, Timeline

_JOINED = frozenset({"membership_item", "subscription", "resubscription"})
_YOUTUBE_CHANNEL = ("UC", 24)
_CHINESE_MONEY = frozenset({"CNY", "RMB", "CN¥"})


class ChatDownloaderParser:
    """Fits `Parser`: the list."""

    is_hostile = False

    def __init__(self, tally: Tally) -> None:
        self._items = JsonItems(tally)
        self._messages = _Messages(tally)

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        items = self._items.feed(text)
        return [event for _, item in items for event in self._messages.events(item)]

    def finish(self) -> list[AnyEvent]:
        """The text is over."""
        self._items.finish()
        return []


class ChatDownloaderLinesParser:
    """Fits `Parser`: an object a line."""

    is_hostile = False

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._lines = Lines()
        self._messages = _Messages(tally)

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        return [event for line in self._lines.feed(text) for event in self._events(*line)]

    def finish(self) -> list[AnyEvent]:
        """The text is over; the last line may lack its end."""
        return [event for line in self._lines.finish() for event in self._events(*line)]

    def _events(self, number: int, line: str | None) -> list[AnyEvent]:
        if line == "":
            return []
        item = decode_object(line) if line else None
        if item is None:
            self._tally.skip(number)
            return []
        return self._messages.events(item)


class _Messages:
    def __init__(self, tally: Tally) -> None:
        self._timeline = Timeline(tally)
        self._offsets = Offsets()

    def events(self, item: dict[str, Any]) -> list[AnyEvent]:
        """What one message says: words, a gift, a membership, or several of them."""
        sent_ms = cleaning.micro_ms(item.get("timestamp"))
        offset_ms = cleaning.offset_ms(item.get("time_in_seconds"))
        at_ms = self._timeline.at(self._offsets.at(sent_ms, offset_ms))
        author = cleaning.mapping(item.get("author"))
        author_id = AuthorId(cleaning.identity(author.get("id")))
        author_name = cleaning.name(author.get("display_name") or author.get("name"))
        platform = _platform(author_id)
        kind = cleaning.name(item.get("message_type"))
        events: list[AnyEvent] = []
        if item.get("message") is not None or not _is_extra(item, kind):
            comment = Comment(
                at_ms=at_ms,
                comment_id=CommentId(cleaning.identity(item.get("message_id"))),
                author_id=author_id,
                author_name=author_name,
                text=cleaning.text(item.get("message")),
                badges=_badges(author),
                platform=platform,
                sent_ms=sent_ms,
            )
            events.append(comment)
        if money := cleaning.mapping(item.get("money") or item.get("amount")):
            events.append(Gift(at_ms=at_ms, author_id=author_id, author_name=author_name,
                               name=_gift_name(money), value_fen=_fen(money),
                               platform=platform))  # fmt: skip
        if kind in _JOINED:
            events.append(Member(at_ms=at_ms, author_id=author_id, author_name=author_name,
                                 name=kind, platform=platform))  # fmt: skip
        return events


def _is_extra(item: dict[str, Any], kind: str) -> bool:
    """No words: a sticker, a membership, a note of the platform."""
    return kind != "text_message" and (kind != "" or "message" not in item)


def _platform(author_id: str) -> str:
    start, length = _YOUTUBE_CHANNEL
    return "youtube" if author_id.startswith(start) and len(author_id) == length else ""


def _badges(author: dict[str, Any]) -> tuple[str, ...]:
    badges = (cleaning.mapping(each) for each in cleaning.listing(author.get("badges")))
    found = (cleaning.name(badge.get("name") or badge.get("title")) for badge in badges)
    return tuple(name.lower() for name in found if name)


def _gift_name(money: dict[str, Any]) -> str:
    written = cleaning.name(money.get("text"))
    return f"SC {written}".strip()


def _fen(money: dict[str, Any]) -> int | None:
    amount = cleaning.real(money.get("amount"))
    currency = cleaning.name(money.get("currency"))
    return round(amount * 100) if amount is not None and currency in _CHINESE_MONEY else None
