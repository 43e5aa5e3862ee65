"""What Twitch's EventSub tells of a chat, as events. The names are those of `twitch_events`.

Source: dev.twitch.tv/docs/eventsub/eventsub-subscription-types, ``channel.chat.*`` version 1.
Twitch adds kinds of notices without telling: of one that is not known here, the viewer's words
are a comment.
"""

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Join, Member, Removed
from hostdesk.sources.recordings import cleaning

PLATFORM = "twitch"
KINDS = (
    "channel.chat.message",
    "channel.chat.message_delete",
    "channel.chat.clear",
    "channel.chat.clear_user_messages",
    "channel.chat.notification",
)
"""What is subscribed to, version 1, the most important first; scope ``user:read:chat``."""

MAX_BADGES = 16
KNOWN_GIFTS = 64
"""Gifts to many that are remembered, so that their single ones are not counted again."""
SHARED_BADGE = "shared-chat"
"""The words were written in another channel with which this one shares its chat."""

_ACTION, _CTCP = "\x01ACTION ", "\x01"
_PLANS = {"1000": "Tier 1", "2000": "Tier 2", "3000": "Tier 3"}
_MEMBERSHIPS = frozenset(
    {"sub", "resub", "gift_paid_upgrade", "prime_paid_upgrade", "pay_it_forward"}
)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One notification, and when it was sent and received."""

    event: dict[str, Any]
    at_ms: int
    sent_ms: int | None = None

    def object(self, name: str) -> dict[str, Any]:
        """One of the objects in it; an empty one where it is null."""
        return cleaning.mapping(self.event.get(name))

    def identity(self, name: str) -> str:
        """One of the ids in it."""
        return cleaning.identity(self.event.get(name))


class EventSubReader:
    """Reads the notifications of one channel. Remembers only which gifts belong together."""

    def __init__(self, source_id: str) -> None:
        self._source_id = source_id
        self._gifts: OrderedDict[str, None] = OrderedDict()
        self._readers: dict[str, Callable[[Told], list[AnyEvent] | None]] = {
            "channel.chat.message": self._said,
            "channel.chat.message_delete": self._deleted,
            "channel.chat.clear": self._wiped,
            "channel.chat.clear_user_messages": self._cleared,
            "channel.chat.notification": self._noticed,
        }
        self._notices: dict[str, Callable[[Told, dict[str, Any]], list[AnyEvent]]] = {
            "community_sub_gift": self._gift_to_many,
            "sub_gift": self._gift_to_one,
            "raid": _raid,
            "charity_donation": _donation,
        }

    def events(self, kind: str, told: Told) -> list[AnyEvent] | None:
        """What a notification of ``kind`` tells; None where it cannot be read.

        Of a kind that was not asked for: nothing.
        """
        reader = self._readers.get(kind)
        return [] if reader is None else reader(told)

    def _said(self, told: Told) -> list[AnyEvent] | None:
        if not told.object("message"):
            return None
        comment = self._comment(told)
        events: list[AnyEvent] = [comment] if comment else []
        if told.event.get("cheer") and (bits := _number(told.object("cheer").get("bits"))):
            events.append(_gift(told, "Bits", bits))
        return events

    def _deleted(self, told: Told) -> list[AnyEvent] | None:
        comment_id = told.identity("message_id")
        return [self._removed(told, comment_id=comment_id)] if comment_id else None

    def _cleared(self, told: Told) -> list[AnyEvent] | None:
        """All words of one viewer: timed out or banned, Twitch does not say which."""
        author_id = told.identity("target_user_id")
        return [self._removed(told, author_id=author_id)] if author_id else None

    def _wiped(self, told: Told) -> list[AnyEvent] | None:
        if not told.identity("broadcaster_user_id"):
            return None  # too much follows from it to be guessed
        return [msgspec.structs.replace(self._removed(told), reason="cleared")]

    def _removed(self, told: Told, *, comment_id: str = "", author_id: str = "") -> Removed:
        return Removed(
            at_ms=told.at_ms,
            comment_id=CommentId(comment_id),
            author_id=AuthorId(author_id),
            platform=PLATFORM,
            source_id=self._source_id,
        )

    def _noticed(self, told: Told) -> list[AnyEvent] | None:
        """A membership, a gift, viewers sent by another channel, an announcement."""
        kind = cleaning.name(told.event.get("notice_type"))
        if not kind:
            return None
        kind = kind.removeprefix("shared_chat_")
        events: list[AnyEvent] = []
        if kind in _MEMBERSHIPS:
            events.append(_member(told, _plan(_details(told, kind))))
        elif kind in self._notices:
            events += self._notices[kind](told, _details(told, kind))
        if comment := self._comment(told):
            events.append(comment)
        return events

    def _gift_to_many(self, told: Told, details: dict[str, Any]) -> list[AnyEvent]:
        if gift_id := cleaning.identity(details.get("id")):
            self._gifts[gift_id] = None
            if len(self._gifts) > KNOWN_GIFTS:
                self._gifts.popitem(last=False)
        return [_gift(told, _gift_name(details), max(_number(details.get("total")), 1))]

    def _gift_to_one(self, told: Told, details: dict[str, Any]) -> list[AnyEvent]:
        if cleaning.identity(details.get("community_gift_id")) in self._gifts:
            return []
        return [_gift(told, _gift_name(details), 1)]

    def _comment(self, told: Told) -> Comment | None:
        words = told.object("message").get("text")
        if isinstance(words, str) and words.startswith(_ACTION):
            words = words[len(_ACTION) :].removesuffix(_CTCP)
        text = cleaning.text(words)
        if not text or text.isspace():
            return None
        author_id, author_name = _author(told)
        return Comment(
            at_ms=told.at_ms,
            comment_id=CommentId(told.identity("message_id")),
            author_id=author_id,
            author_name=author_name,
            text=text,
            badges=_badges(told),
            platform=PLATFORM,
            source_id=self._source_id,
            reply_to=_parent(told) if told.event.get("reply") else None,
            sent_ms=told.sent_ms,
        )


def _raid(told: Told, details: dict[str, Any]) -> list[AnyEvent]:
    """Another channel sent its viewers here. Many at once, and nothing wrong with that."""
    return [
        Join(
            at_ms=told.at_ms,
            author_id=AuthorId(cleaning.identity(details.get("user_id"))),
            author_name=cleaning.name(details.get("user_name") or details.get("user_login")),
            count=max(_number(details.get("viewer_count")), 1),
            platform=PLATFORM,
        )
    ]


def _donation(told: Told, details: dict[str, Any]) -> list[AnyEvent]:
    return [_gift(told, cleaning.name(details.get("charity_name")), 1)]


def _details(told: Told, kind: str) -> dict[str, Any]:
    """The object of its kind; in a shared chat it has a name of its own."""
    return told.object(kind) or told.object(f"shared_chat_{kind}")


def _author(told: Told) -> tuple[AuthorId, str]:
    """Who it was; nobody where Twitch says that a gift was given anonymously."""
    name = cleaning.name(
        told.event.get("chatter_user_name") or told.event.get("chatter_user_login")
    )
    is_hidden = told.event.get("chatter_is_anonymous") is True
    return AuthorId("" if is_hidden else told.identity("chatter_user_id")), name


def _parent(told: Told) -> str | None:
    return cleaning.identity(told.object("reply").get("parent_message_id")) or None


def _badges(told: Told) -> tuple[str, ...]:
    worn = cleaning.listing(told.event.get("badges"))[:MAX_BADGES]
    found = [name for each in worn if (name := _badge(each))]
    origin = told.event.get("source_broadcaster_user_id")
    if origin and origin != told.event.get("broadcaster_user_id"):
        found.append(SHARED_BADGE)
    return tuple(found)


def _badge(worn: object) -> str:
    name = worn.get("set_id") if isinstance(worn, dict) else None
    return _badge_name(name) if isinstance(name, str) and len(name) <= cleaning.MAX_NAME else ""


@functools.lru_cache(maxsize=256)
def _badge_name(name: str) -> str:
    """The same few again and again."""
    return cleaning.name(name)


def _member(told: Told, name: str) -> Member:
    author_id, author_name = _author(told)
    return Member(
        at_ms=told.at_ms,
        author_id=author_id,
        author_name=author_name,
        name=name,
        platform=PLATFORM,
    )


def _gift(told: Told, name: str, count: int) -> Gift:
    author_id, author_name = _author(told)
    return Gift(
        at_ms=told.at_ms,
        author_id=author_id,
        author_name=author_name,
        name=name,
        count=count,
        platform=PLATFORM,
    )


def _gift_name(details: dict[str, Any]) -> str:
    return f"Gift Sub {_plan(details)}".strip()


def _plan(details: dict[str, Any]) -> str:
    if details.get("is_prime") is True:
        return "Prime"
    tier = cleaning.name(details.get("sub_tier"))
    return _PLANS.get(tier, tier)


def _number(value: object) -> int:
    """A whole number that is not negative and of sensible size; 0 where it is none."""
    number = cleaning.whole(value) if isinstance(value, int | float) else None
    return number if number is not None and 0 < number < 10**12 else 0
