"""What the items of a YouTube live chat say. Pure; whatever cannot be read is counted.

Source: https://developers.google.com/youtube/v3/live/docs/liveChatMessages and the
discovery document ``youtube.v3`` (schema LiveChatMessage), as of 2026-11.
"""

from collections.abc import Callable
from typing import Any

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member, Removed
from hostdesk.sources.recordings import cleaning

PLATFORM = "youtube"
CHAT_ENDED = "chatEndedEvent"
_BADGES = {
    "isChatOwner": "owner",
    "isChatModerator": "moderator",
    "isChatSponsor": "member",
    "isVerified": "verified",
}
_MOST_BAN_MS = 10 * 365 * 86_400_000


class Item:
    """One item of ``items``, with what every kind of it has."""

    def __init__(self, raw: dict[str, Any], source_id: str, now_ms: int) -> None:
        self.source_id, self.now_ms = source_id, now_ms
        self.item_id = cleaning.identity(raw.get("id"))
        self.snippet = cleaning.mapping(raw.get("snippet"))
        self.kind = cleaning.name(self.snippet.get("type"))
        self.author = cleaning.mapping(raw.get("authorDetails"))
        self.sent_ms = cleaning.iso_ms(self.snippet.get("publishedAt"))

    def details(self, name: str) -> dict[str, Any]:
        """One of the objects that only some kinds have."""
        return cleaning.mapping(self.snippet.get(name))

    @property
    def author_id(self) -> AuthorId:
        """The author's channel; it stands in two places and not always in both."""
        told = cleaning.identity(self.author.get("channelId"))
        return AuthorId(told or cleaning.identity(self.snippet.get("authorChannelId")))

    @property
    def author_name(self) -> str:
        """What the author is called."""
        return cleaning.name(self.author.get("displayName"))

    def comment(self, said: object) -> Comment:
        """What the author said."""
        return Comment(
            at_ms=self.now_ms,
            comment_id=CommentId(self.item_id),
            author_id=self.author_id,
            author_name=self.author_name,
            text=cleaning.text(said),
            badges=tuple(name for key, name in _BADGES.items() if self.author.get(key) is True),
            platform=PLATFORM,
            source_id=self.source_id,
            sent_ms=self.sent_ms,
        )

    def member(self, level: object, count: object = 1) -> Member:
        """The author became a member, renewed it, or gave memberships away."""
        return Member(
            at_ms=self.now_ms,
            author_id=self.author_id,
            author_name=self.author_name,
            name=cleaning.name(level),
            count=cleaning.count(count),
            platform=PLATFORM,
        )

    def gift(self, name: str, count: int = 1, value_fen: int | None = None) -> Gift:
        """The author paid for something."""
        return Gift(
            at_ms=self.now_ms,
            author_id=self.author_id,
            author_name=self.author_name,
            name=name,
            count=count,
            value_fen=value_fen,
            platform=PLATFORM,
        )

    def removed(self, comment_id: object) -> list[AnyEvent]:
        """A comment was taken back."""
        removed_id = CommentId(cleaning.identity(comment_id))
        told = Removed(
            at_ms=self.now_ms,
            comment_id=removed_id,
            platform=PLATFORM,
            source_id=self.source_id,
        )
        return [told] if removed_id else []


def events_of(item: Item) -> list[AnyEvent] | None:
    """What the item tells; nothing for kinds that are no business of the desk (polls, modes).

    None where it should tell something and cannot be read.
    """
    if not item.kind:
        return None
    reader = _READERS.get(item.kind)
    if reader is None:
        return []
    return reader(item) or None


def _text(item: Item) -> list[AnyEvent]:
    said = item.details("textMessageDetails").get("messageText")
    comment = item.comment(said if isinstance(said, str) else item.snippet.get("displayMessage"))
    return [comment] if item.item_id and comment.text else []


def _super_chat(item: Item) -> list[AnyEvent]:
    return _with_comment(item, "superChatDetails", [_paid(item, "superChatDetails")])


def _super_sticker(item: Item) -> list[AnyEvent]:
    return [_paid(item, "superStickerDetails")]


def _new_sponsor(item: Item) -> list[AnyEvent]:
    return [item.member(item.details("newSponsorDetails").get("memberLevelName"))]


def _milestone(item: Item) -> list[AnyEvent]:
    level = item.details("memberMilestoneChatDetails").get("memberLevelName")
    return _with_comment(item, "memberMilestoneChatDetails", [item.member(level)])


def _gifting(item: Item) -> list[AnyEvent]:
    given = item.details("membershipGiftingDetails")
    return [item.member(given.get("giftMembershipsLevelName"), given.get("giftMembershipsCount"))]


def _jewels(item: Item) -> list[AnyEvent]:
    given = item.details("giftDetails")
    return [
        item.gift(cleaning.name(given.get("giftName")), cleaning.count(given.get("comboCount")))
    ]


def _deleted(item: Item) -> list[AnyEvent]:
    return item.removed(item.details("messageDeletedDetails").get("deletedMessageId"))


def _retracted(item: Item) -> list[AnyEvent]:
    return item.removed(item.details("messageRetractedDetails").get("retractedMessageId"))


def _tombstone(item: Item) -> list[AnyEvent]:
    return item.removed(item.item_id)


def _banned(item: Item) -> list[AnyEvent]:
    details = item.details("userBannedDetails")
    author = cleaning.identity(cleaning.mapping(details.get("bannedUserDetails")).get("channelId"))
    is_temporary = details.get("banType") == "temporary"
    seconds = cleaning.whole(details.get("banDurationSeconds")) if is_temporary else None
    told = Removed(
        at_ms=item.now_ms,
        author_id=AuthorId(author),
        platform=PLATFORM,
        source_id=item.source_id,
        reason="timed_out" if is_temporary else "banned",
        span_ms=None if seconds is None else min(max(seconds, 0) * 1000, _MOST_BAN_MS),
    )
    return [told] if author else []


def _with_comment(item: Item, name: str, events: list[AnyEvent]) -> list[AnyEvent]:
    """What was written beside a payment is a comment like any other."""
    comment = item.comment(item.details(name).get("userComment"))
    return [comment, *events] if comment.text and item.item_id else events


def _paid(item: Item, name: str) -> Gift:
    details = item.details(name)
    amount = cleaning.name(details.get("amountDisplayString"))
    micros = cleaning.whole(details.get("amountMicros"))
    is_yuan = details.get("currency") == "CNY" and micros is not None and micros >= 0
    return item.gift(f"SC {amount}".strip(), value_fen=(micros or 0) // 10_000 if is_yuan else None)


_READERS: dict[str, Callable[[Item], list[AnyEvent]]] = {
    "textMessageEvent": _text,
    "superChatEvent": _super_chat,
    "superStickerEvent": _super_sticker,
    "newSponsorEvent": _new_sponsor,
    "memberMilestoneChatEvent": _milestone,
    "membershipGiftingEvent": _gifting,
    "giftEvent": _jewels,
    "messageDeletedEvent": _deleted,
    "messageRetractedEvent": _retracted,
    "tombstone": _tombstone,
    "userBannedEvent": _banned,
}
# giftMembershipReceivedEvent is left out: its giver was counted with membershipGiftingEvent
