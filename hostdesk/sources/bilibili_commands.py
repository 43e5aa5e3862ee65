"""What Bilibili's Open Live tells, as our events.

Source: open-live.bilibili.com, "长连CMD说明" (LIVE_OPEN_PLATFORM_*).
"""

import functools
from typing import Any

import msgspec
from typing_extensions import override

from hostdesk.events import (
    AnyEvent,
    AuthorId,
    Comment,
    CommentId,
    Gift,
    Join,
    Like,
    Member,
    Removed,
)
from hostdesk.sources.recordings import cleaning

PLATFORM = "bilibili"
PAID_MESSAGE = "SC"
GUARDS = {1: "总督", 2: "提督", 3: "舰长"}
"""The platform's own names of its memberships, by level."""

MAX_REMOVED = 200

_COIN_PER_FEN = 10
"""Prices are in thousandths of a yuan."""
_MONTH = "月"


class Place(msgspec.Struct, frozen=True):
    """Where and when a command was heard."""

    source_id: str
    now_ms: int


class Command(msgspec.Struct):
    """A command of the platform. ``msg_id`` is unique; the platform may repeat a message."""

    msg_id: str = ""

    def events(self, place: Place) -> list[AnyEvent]:
        """What happened in the room."""
        return []


class Said(Command, kw_only=True):
    """DM: a viewer said something."""

    msg: str
    open_id: str = ""
    uname: str = ""
    timestamp: int = 0
    guard_level: int = 0
    fans_medal_wearing_status: bool = False
    is_admin: int = 0
    reply_open_id: str = ""

    @property
    def is_masked(self) -> bool:
        """The platform does not tell who it was."""
        return self.open_id in ("", "0")

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The comment."""
        return self._comment(place, _badges(self.is_admin > 0, self.guard_level > 0, self._is_fan))

    @property
    def _is_fan(self) -> bool:
        return self.fans_medal_wearing_status

    def _comment(self, place: Place, badges: tuple[str, ...]) -> list[AnyEvent]:
        text = cleaning.text(self.msg).strip()
        if not text:
            return []
        return [
            Comment(
                at_ms=place.now_ms,
                comment_id=CommentId(cleaning.identity(self.msg_id)),
                author_id=AuthorId("" if self.is_masked else cleaning.identity(self.open_id)),
                author_name=cleaning.name(self.uname),
                text=text,
                badges=badges,
                platform=PLATFORM,
                source_id=place.source_id,
                reply_to=cleaning.identity(self.reply_open_id) or None,
                sent_ms=cleaning.unix_ms(self.timestamp),
            )
        ]


class Mirrored(Said, kw_only=True):
    """DM_MIRROR: said in a room that is linked with ours. Fields may be missing."""

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The comment, marked."""
        return self._comment(place, ("mirror",))


class Given(Command, kw_only=True):
    """SEND_GIFT."""

    open_id: str = ""
    uname: str = ""
    gift_name: str = ""
    gift_num: int = 1
    price: int = 0
    r_price: int = 0
    """What was really paid for one piece, where it was reduced."""
    paid: bool | None = None

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The gift; a free one has a price in another coin, which is no money."""
        count = cleaning.count(self.gift_num)
        value_fen = _fen(self.r_price or self.price, count) if self.paid else None
        return [
            Gift(
                at_ms=place.now_ms,
                author_id=_author(self.open_id),
                author_name=cleaning.name(self.uname),
                name=cleaning.name(self.gift_name),
                count=count,
                value_fen=0 if self.paid is False else value_fen,
                platform=PLATFORM,
            )
        ]


class Buyer(msgspec.Struct, kw_only=True):
    """Who bought a membership."""

    open_id: str = ""
    uname: str = ""


class Enlisted(Command, kw_only=True):
    """GUARD: a membership was bought."""

    user_info: Buyer = msgspec.field(default_factory=Buyer)
    guard_level: int = 0
    guard_num: int = 1
    guard_unit: str = ""
    """A month; anything else ("*3天") is the whole quantity, and ``guard_num`` does not count."""
    price: int = 0

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The member."""
        by_month = self.guard_unit in ("", _MONTH)
        count = cleaning.count(self.guard_num) if by_month else 1
        name = GUARDS.get(self.guard_level, "") + ("" if by_month else self.guard_unit)
        return [
            Member(
                at_ms=place.now_ms,
                author_id=_author(self.user_info.open_id),
                author_name=cleaning.name(self.user_info.uname),
                name=cleaning.name(name),
                count=count,
                value_fen=_fen(self.price, count) if self.price > 0 else None,
                platform=PLATFORM,
            )
        ]


class PaidMessage(Command, kw_only=True):
    """SUPER_CHAT: a paid message. Both a gift and a comment."""

    message_id: int | str = ""
    open_id: str = ""
    uname: str = ""
    message: str = ""
    rmb: float = 0
    timestamp: int = 0

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The gift, then what was said."""
        rmb = cleaning.real(self.rmb)
        author_id, author_name = _author(self.open_id), cleaning.name(self.uname)
        gift = Gift(
            at_ms=place.now_ms,
            author_id=author_id,
            author_name=author_name,
            name=PAID_MESSAGE,
            value_fen=None if rmb is None else round(rmb * 100),
            platform=PLATFORM,
        )
        said = Comment(
            at_ms=place.now_ms,
            comment_id=_paid_id(self.message_id),
            author_id=author_id,
            author_name=author_name,
            text=cleaning.text(self.message).strip(),
            badges=("sc",),
            platform=PLATFORM,
            source_id=place.source_id,
            sent_ms=cleaning.unix_ms(self.timestamp),
        )
        return [gift, said] if said.text else [gift]


class PaidMessagesRemoved(Command, kw_only=True):
    """SUPER_CHAT_DEL: the platform took paid messages back."""

    message_ids: list[Any] = []

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """One for each."""
        return [
            Removed(
                at_ms=place.now_ms,
                comment_id=comment_id,
                platform=PLATFORM,
                source_id=place.source_id,
            )
            for each in self.message_ids[:MAX_REMOVED]
            if (comment_id := _paid_id(each))
        ]


class Liked(Command, kw_only=True):
    """LIKE: one viewer's presses of two seconds."""

    open_id: str = ""
    uname: str = ""
    like_count: int = 1

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The likes."""
        return [
            Like(
                at_ms=place.now_ms,
                author_id=_author(self.open_id),
                author_name=cleaning.name(self.uname),
                count=cleaning.count(self.like_count),
                platform=PLATFORM,
            )
        ]


class Entered(Command, kw_only=True):
    """LIVE_ROOM_ENTER."""

    open_id: str = ""
    uname: str = ""

    @override
    def events(self, place: Place) -> list[AnyEvent]:
        """The one who came."""
        return [
            Join(
                at_ms=place.now_ms,
                author_id=_author(self.open_id),
                author_name=cleaning.name(self.uname),
                platform=PLATFORM,
            )
        ]


class LiveStarted(Command):
    """LIVE_START: the room is on air, says the platform. Whether we are, OBS knows better."""


class LiveEnded(Command):
    """LIVE_END: the room is off air, says the platform; its feed goes on."""


class Ended(Command, kw_only=True):
    """INTERACTION_END: the platform closed the feed of this game."""

    game_id: str = ""


def _author(open_id: str) -> AuthorId:
    return AuthorId("" if open_id == "0" else cleaning.identity(open_id))


def _paid_id(message_id: object) -> CommentId:
    """Apart from ids of comments, because a removal names the message and not its push."""
    told = cleaning.identity(message_id)
    return CommentId(f"sc:{told}" if told else "")


def _fen(price: int, count: int) -> int | None:
    whole = cleaning.whole(price * count)
    return None if whole is None else whole // _COIN_PER_FEN


@functools.cache
def _badges(is_moderator: bool, is_guard: bool, is_fan: bool) -> tuple[str, ...]:
    badges = {"moderator": is_moderator, "guard": is_guard, "fan": is_fan}
    return tuple(name for name, is_so in badges.items() if is_so)
