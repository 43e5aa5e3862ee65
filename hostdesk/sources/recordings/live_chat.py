"""yt-dlp's ``live_chat.json``: one action of YouTube's chat a line."""

import re
from typing import Any

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.json_items import decode_object
from hostdesk.sources.recordings.lines import Lines
from hostdesk.sources.recordings.tally import Offsets, Tally, Timeline

PLATFORM = "youtube"
_TEXT = "liveChatTextMessageRenderer"
_PAID = ("liveChatPaidMessageRenderer", "liveChatPaidStickerRenderer")
_MEMBER = "liveChatMembershipItemRenderer"
_GIVEN = "liveChatSponsorshipsGiftPurchaseAnnouncementRenderer"
_FIRST_NUMBER = re.compile(r"\d{1,6}")
_CHINESE_MONEY = re.compile(r"^(?:CN¥|CNY|RMB)\s*([\d,]{1,12}(?:\.\d\d?)?)$")


class LiveChatParser:
    """Fits `Parser`."""

    is_hostile = False

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._lines = Lines()
        self._timeline = Timeline(tally)
        self._offsets = Offsets()

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        return [event for line in self._lines.feed(text) for event in self._line(*line)]

    def finish(self) -> list[AnyEvent]:
        """The text is over; the last line may lack its end."""
        return [event for line in self._lines.finish() for event in self._line(*line)]

    def _line(self, number: int, line: str | None) -> list[AnyEvent]:
        if line == "":
            return []
        item = decode_object(line) if line else None
        if item is None:
            self._tally.skip(number)
            return []
        replayed = cleaning.mapping(item.get("replayChatItemAction"))
        offset = cleaning.whole(
            replayed.get("videoOffsetTimeMsec", item.get("videoOffsetTimeMsec"))
        )
        actions = cleaning.listing(replayed.get("actions")) or [item]
        return [event for action in actions for event in self._action(action, offset)]

    def _action(self, action: object, offset_ms: int | None) -> list[AnyEvent]:
        added = cleaning.mapping(cleaning.mapping(action).get("addChatItemAction"))
        for name, renderer in cleaning.mapping(added.get("item")).items():
            if name in (_TEXT, _MEMBER, _GIVEN, *_PAID) and isinstance(renderer, dict):
                return self._events(name, renderer, offset_ms)
        return []  # deletions, pinned lines, tickers that repeat a paid message

    def _events(self, name: str, renderer: dict[str, Any], offset_ms: int | None) -> list[AnyEvent]:
        sent_ms = cleaning.micro_ms(renderer.get("timestampUsec"))
        at_ms = self._timeline.at(self._offsets.at(sent_ms, offset_ms))
        head = _gift_head(renderer) if name == _GIVEN else renderer
        author_id = AuthorId(cleaning.identity(renderer.get("authorExternalChannelId")))
        author_name = cleaning.name(_words(head.get("authorName")))
        events: list[AnyEvent] = []
        said = _words(renderer.get("message"))
        if name == _TEXT or said:
            comment = Comment(
                at_ms=at_ms,
                comment_id=CommentId(cleaning.identity(renderer.get("id"))),
                author_id=author_id,
                author_name=author_name,
                text=cleaning.text(said),
                badges=_badges(head),
                platform=PLATFORM,
                sent_ms=sent_ms,
            )
            events.append(comment)
        if name in _PAID:
            amount = cleaning.name(_words(renderer.get("purchaseAmountText")))
            events.append(Gift(at_ms=at_ms, author_id=author_id, author_name=author_name,
                               name=f"SC {amount}".strip(), value_fen=_fen(amount),
                               platform=PLATFORM))  # fmt: skip
        if name in (_MEMBER, _GIVEN):
            title = _words(head.get("headerSubtext") or head.get("primaryText"))
            events.append(Member(at_ms=at_ms, author_id=author_id, author_name=author_name,
                                 name=cleaning.name(title), count=_how_many(name, title),
                                 platform=PLATFORM))  # fmt: skip
        return events


def _words(value: object) -> str:
    """YouTube's text: plain, or runs of text and emoji (by their shortcut)."""
    text = cleaning.mapping(value)
    simple = text.get("simpleText")
    if isinstance(simple, str):
        return simple
    return "".join(_run(cleaning.mapping(run)) for run in cleaning.listing(text.get("runs")))


def _run(run: dict[str, Any]) -> str:
    if isinstance(run.get("text"), str):
        return str(run["text"])
    emoji = cleaning.mapping(run.get("emoji"))
    if (
        not emoji.get("isCustomEmoji")
        and len(emoji_id := cleaning.identity(emoji.get("emojiId"))) < 16
    ):
        return emoji_id
    shortcuts = cleaning.listing(emoji.get("shortcuts"))
    return cleaning.name(shortcuts[0]) if shortcuts else ""


def _gift_head(renderer: dict[str, Any]) -> dict[str, Any]:
    header = cleaning.mapping(renderer.get("header"))
    return cleaning.mapping(header.get("liveChatSponsorshipsHeaderRenderer"))


def _badges(head: dict[str, Any]) -> tuple[str, ...]:
    found: list[str] = []
    for each in cleaning.listing(head.get("authorBadges")):
        badge = cleaning.mapping(cleaning.mapping(each).get("liveChatAuthorBadgeRenderer"))
        icon = cleaning.name(cleaning.mapping(badge.get("icon")).get("iconType"))
        if icon or "customThumbnail" in badge:
            found.append(icon.lower() or "member")
    return tuple(found)


def _how_many(name: str, title: str) -> int:
    number = _FIRST_NUMBER.search(title) if name == _GIVEN else None
    return cleaning.count(number[0]) if number else 1


def _fen(amount: str) -> int | None:
    match = _CHINESE_MONEY.match(amount)
    yuan = cleaning.real(match[1].replace(",", "")) if match else None
    return None if yuan is None else round(yuan * 100)
