"""What one line of Twitch's chat says, as events.

Source: dev.twitch.tv "Twitch IRC" (commands and tags). Twitch adds kinds of USERNOTICE without
telling: of a kind that is not known here, the words of the viewer are a comment.
"""

import functools
from collections import OrderedDict

from hostdesk.events import (
    AnyEvent,
    AuthorId,
    Comment,
    CommentId,
    Gift,
    Join,
    Member,
    Removed,
)
from hostdesk.sources.irc_lines import IrcLine
from hostdesk.sources.recordings import cleaning

PLATFORM = "twitch"
MAX_BADGES = 16
KNOWN_BADGES = 512
"""Combinations of badges that are kept taken apart. Only short ones are."""
KNOWN_GIFTS = 64
"""Gifts to many that are remembered, so that their single ones are not counted again."""

FIRST_BADGE = "first-msg"
"""Beside Twitch's own badges: the first words of this viewer in this channel."""
SHARED_BADGE = "shared-chat"
"""The words were written in another channel with which this one shares its chat."""

_ACTION, _CTCP = "\x01ACTION ", "\x01"
_NOBODY = frozenset({"", "0"})
_ANONYMOUS_GIFTER = "ananonymousgifter"
_PLANS = {"Prime": "Prime", "1000": "Tier 1", "2000": "Tier 2", "3000": "Tier 3"}
_MEMBERSHIPS = frozenset(
    {
        "sub",
        "resub",
        "extendsub",
        "primepaidupgrade",
        "giftpaidupgrade",
        "anongiftpaidupgrade",
    }
)
_GIFTS = frozenset({"subgift", "anonsubgift"})
_GIFTS_TO_MANY = frozenset({"submysterygift", "anonsubmysterygift"})
_GIFT_IDS = ("msg-param-community-gift-id", "msg-param-origin-id")


class TwitchReader:
    """Makes events of the lines of one channel. Remembers only which gifts belong together."""

    def __init__(self, source_id: str) -> None:
        self._source_id = source_id
        self._gifts: OrderedDict[str, None] = OrderedDict()

    def said(self, line: IrcLine, at_ms: int) -> list[AnyEvent]:
        """PRIVMSG: a comment, and a gift where bits came with it. Nothing: it has no words."""
        events: list[AnyEvent] = []
        if comment := self._comment(line, at_ms):
            events.append(comment)
        if bits := _number(line.tags.get("bits", "")):
            events.append(_gift(line, at_ms, "Bits", bits))
        return events

    def noticed(self, line: IrcLine, at_ms: int) -> list[AnyEvent]:
        """USERNOTICE: a membership, a gift, viewers sent by another channel, words."""
        events: list[AnyEvent] = []
        kind = line.tag("msg-id")
        if kind in _MEMBERSHIPS:
            events.append(_member(line, at_ms))
        elif kind in _GIFTS_TO_MANY:
            many = _number(line.tags.get("msg-param-mass-gift-count", ""))
            self._remember(line)
            events.append(_gift(line, at_ms, _gift_name(line), max(many, 1)))
        elif kind in _GIFTS and not self._is_of_many(line):
            events.append(_gift(line, at_ms, _gift_name(line), 1))
        elif kind == "raid":
            events.append(_arrival(line, at_ms))
        if comment := self._comment(line, at_ms):
            events.append(comment)
        return events

    def cleared(self, line: IrcLine, at_ms: int) -> list[AnyEvent]:
        """CLEARCHAT: one viewer timed out or banned, or (nobody named) the chat wiped."""
        author_id = line.tags.get("target-user-id") or line.param(1)
        span_ms = _number(line.tags.get("ban-duration", "")) * 1000
        found = Removed(
            at_ms=at_ms,
            author_id=AuthorId(_id_of(author_id)),
            platform=PLATFORM,
            source_id=self._source_id,
            reason=("timed_out" if span_ms else "banned") if author_id else "cleared",
            span_ms=span_ms or None,
        )
        return [] if author_id and not found.author_id else [found]

    def deleted(self, line: IrcLine, at_ms: int) -> list[AnyEvent]:
        """CLEARMSG: one comment taken back. Nothing: it does not say which."""
        comment_id = _id_of(line.tags.get("target-msg-id", ""))
        if not comment_id:
            return []
        return [
            Removed(
                at_ms=at_ms,
                comment_id=CommentId(comment_id),
                platform=PLATFORM,
                source_id=self._source_id,
                reason="deleted",
            )
        ]

    def _comment(self, line: IrcLine, at_ms: int) -> Comment | None:
        words = line.param(1)
        if words.startswith(_ACTION):
            words = words[len(_ACTION) :].removesuffix(_CTCP)
        if not words.isprintable() or len(words) > cleaning.MAX_TEXT:
            words = cleaning.text(words)
        if not words or words.isspace():
            return None
        tags = line.tags
        author_id, author_name = _author(line)
        return Comment(
            at_ms=at_ms,
            comment_id=CommentId(_id_of(tags.get("id") or tags.get("msgid") or "")),
            author_id=author_id,
            author_name=author_name,
            text=words,
            badges=_badges(tags),
            platform=PLATFORM,
            source_id=self._source_id,
            reply_to=_id_of(tags.get("reply-parent-msg-id") or "") or None,
            sent_ms=_sent_ms(tags),
        )

    def _remember(self, line: IrcLine) -> None:
        for name in _GIFT_IDS:
            if gift_id := line.tag(name):
                self._gifts[gift_id[: cleaning.MAX_ID]] = None
        while len(self._gifts) > KNOWN_GIFTS:
            self._gifts.popitem(last=False)

    def _is_of_many(self, line: IrcLine) -> bool:
        return any(line.tag(name)[: cleaning.MAX_ID] in self._gifts for name in _GIFT_IDS)


def _author(line: IrcLine) -> tuple[AuthorId, str]:
    """Who it was. Without tags (a plain IRC server) the login is all that tells people apart."""
    tags = line.tags
    login = tags.get("login") or line.prefix.partition("!")[0]
    name = _name_of(line.tag("display-name")) or _name_of(login)
    author_id = tags.get("user-id")
    if author_id is None:
        author_id = login
    is_hidden = author_id in _NOBODY or login == _ANONYMOUS_GIFTER or not name.strip("*")
    return AuthorId("" if is_hidden else _id_of(author_id)), name


def _id_of(text: str) -> str:
    """An id: nearly every one is fit as it is."""
    is_fit = len(text) <= cleaning.MAX_ID and text.isprintable() and " " not in text
    return text if is_fit else cleaning.identity(text)


def _name_of(text: str) -> str:
    is_fit = len(text) <= cleaning.MAX_NAME and text.isprintable() and " " not in text
    return text if is_fit else cleaning.name(text)


def _badges(tags: dict[str, str]) -> tuple[str, ...]:
    worn = tags.get("badges")
    badges = () if not worn else _known_badges(worn) if len(worn) <= 128 else _worn_badges(worn)
    if tags.get("first-msg") == "1":
        badges += (FIRST_BADGE,)
    if (origin := tags.get("source-room-id")) and origin != tags.get("room-id"):
        badges += (SHARED_BADGE,)
    return badges


def _worn_badges(worn: str) -> tuple[str, ...]:
    """ "moderator/1,subscriber/12" are the badges "moderator" and "subscriber"."""
    names = [_name_of(each.partition("/")[0]) for each in worn.split(",", MAX_BADGES)]
    return tuple(name for name in names[:MAX_BADGES] if name)


_known_badges = functools.lru_cache(KNOWN_BADGES)(_worn_badges)


def _sent_ms(tags: dict[str, str]) -> int | None:
    """Twitch's own time, or that of IRCv3 "server-time"."""
    if sent_ms := _number(tags.get("tmi-sent-ts", "")):
        return sent_ms
    return cleaning.iso_ms(tags.get("time"))


def _number(text: str) -> int:
    """A whole number that is not negative and of sensible size; 0 where it is none."""
    return int(text) if len(text) <= 15 and text.isdecimal() else 0


def _member(line: IrcLine, at_ms: int) -> Member:
    author_id, author_name = _author(line)
    return Member(
        at_ms=at_ms,
        author_id=author_id,
        author_name=author_name,
        name=_plan(line),
        platform=PLATFORM,
    )


def _gift(line: IrcLine, at_ms: int, name: str, count: int) -> Gift:
    author_id, author_name = _author(line)
    return Gift(
        at_ms=at_ms,
        author_id=author_id,
        author_name=author_name,
        name=name,
        count=count,
        platform=PLATFORM,
    )


def _arrival(line: IrcLine, at_ms: int) -> Join:
    """Another channel sent its viewers here. Many at once, and nothing wrong with that."""
    author_id, author_name = _author(line)
    return Join(
        at_ms=at_ms,
        author_id=author_id,
        author_name=author_name,
        count=max(_number(line.tags.get("msg-param-viewerCount", "")), 1),
        platform=PLATFORM,
    )


def _gift_name(line: IrcLine) -> str:
    return f"Gift Sub {_plan(line)}".strip()


def _plan(line: IrcLine) -> str:
    plan = line.tag("msg-param-sub-plan")
    return _PLANS.get(plan) or cleaning.name(plan)
