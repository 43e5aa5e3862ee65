"""Items of the inbox as events of the desk, cleaned. Nothing here raises."""

from collections.abc import Callable
from typing import Any

from hostdesk.events import (
    AnyEvent,
    AuthorId,
    Comment,
    CommentId,
    Gap,
    Gift,
    Join,
    Like,
    Member,
    Removed,
)
from hostdesk.sources.inbox_formats.own import plain
from hostdesk.sources.inbox_schema import Item
from hostdesk.sources.recordings import cleaning

MAX_BADGES = 8
LONGEST_GAP_MS = 6 * 3600 * 1000
IN_A_ROW = 5
"""So many comments of one kind tell that names are hidden, or shown again."""

_MASKED_IDS = frozenset({"", "0"})
_REASONS = frozenset({"deleted", "timed_out", "banned", "cleared"})


def event_of(item: Item, source_id: str, platform: str, now_ms: int) -> AnyEvent | None:
    """What the item says happened; None where it says nothing that can be used."""
    if item.kind == "comment":
        return _comment(item, source_id, platform, now_ms)
    make = _MAKERS.get(item.kind)
    return make(item, source_id, platform, now_ms) if make else None


def id_of(item: Item) -> str:
    """By which a repeated item is known; "" where it has no id."""
    return plain(item.comment_id if item.comment_id is not None else item.id)


def is_masked(comment: Comment) -> bool:
    """The platform hides who wrote it (``author_id`` 0, or stars in the name)."""
    return "*" in comment.author_name and not comment.author_id


class Masking:
    """Whether a feed hides who speaks. A single anonymous viewer does not tell."""

    def __init__(self) -> None:
        self._is_masked = False
        self._against = 0

    def takes(self, *, masked: bool) -> bool | None:
        """One comment more. True or False when it changes; None otherwise."""
        self._against = self._against + 1 if masked != self._is_masked else 0
        if self._against < IN_A_ROW:
            return None
        self._is_masked, self._against = masked, 0
        return masked


def _comment(item: Item, source_id: str, platform: str, now_ms: int) -> Comment | None:
    text = cleaning.text(item.text).strip()
    if not text:
        return None
    name = cleaning.name(item.author_name)
    return Comment(
        at_ms=now_ms,
        comment_id=CommentId(id_of(item)),
        author_id=_author_id(item),
        author_name=name,
        text=text,
        author_level=None if item.author_level is None else cleaning.whole(item.author_level),
        badges=_badges(item.badges) if item.badges else (),
        has_order=item.has_order,
        platform=platform,
        source_id=source_id,
        reply_to=plain(item.reply_to) or None,
        sent_ms=None if item.sent_ms is None else cleaning.unix_ms(item.sent_ms),
    )


def _author_id(item: Item) -> AuthorId:
    """ "" for people whom the platform masks: they are not one person."""
    author = plain(item.author_id)
    return AuthorId("" if author in _MASKED_IDS or "*" in author else author)


def _badges(badges: list[Any]) -> tuple[str, ...]:
    found = (plain(badge) for badge in badges[:MAX_BADGES])
    return tuple(badge[: cleaning.MAX_NAME].lower() for badge in found if badge)


def _gift(item: Item, source_id: str, platform: str, now_ms: int) -> Gift:
    name = cleaning.name(item.author_name)
    return Gift(
        at_ms=now_ms,
        author_id=_author_id(item),
        author_name=name,
        name=cleaning.name(item.name),
        count=cleaning.count(item.count),
        value_fen=cleaning.whole(item.value_fen),
        platform=platform,
    )


def _member(item: Item, source_id: str, platform: str, now_ms: int) -> Member:
    name = cleaning.name(item.author_name)
    return Member(
        at_ms=now_ms,
        author_id=_author_id(item),
        author_name=name,
        name=cleaning.name(item.name),
        count=cleaning.count(item.count),
        value_fen=cleaning.whole(item.value_fen),
        platform=platform,
    )


def _join(item: Item, source_id: str, platform: str, now_ms: int) -> Join:
    name = cleaning.name(item.author_name)
    return Join(
        at_ms=now_ms,
        author_id=_author_id(item),
        author_name=name,
        count=cleaning.count(item.count),
        platform=platform,
    )


def _like(item: Item, source_id: str, platform: str, now_ms: int) -> Like:
    name = cleaning.name(item.author_name)
    return Like(
        at_ms=now_ms,
        author_id=_author_id(item),
        author_name=name,
        count=cleaning.count(item.count),
        platform=platform,
    )


def _removed(item: Item, source_id: str, platform: str, now_ms: int) -> Removed | None:
    """Without any id it is the whole chat; that must be said with the reason "cleared"."""
    comment_id, author_id = id_of(item), _author_id(item)
    reason: Any = item.reason if item.reason in _REASONS else "deleted"
    if not comment_id and not author_id and reason != "cleared":
        return None
    span_ms = cleaning.whole(item.span_ms)
    return Removed(
        at_ms=now_ms,
        comment_id=CommentId(comment_id),
        author_id=author_id,
        platform=platform,
        source_id=source_id,
        reason=reason,
        span_ms=span_ms if span_ms is not None and span_ms > 0 else None,
    )


def _gap(item: Item, source_id: str, platform: str, now_ms: int) -> Gap | None:
    """The bridge knows of comments that it could not see. Its clock is ours: one machine."""
    from_ms, until_ms = cleaning.unix_ms(item.from_ms), cleaning.unix_ms(item.until_ms)
    until_ms = min(until_ms or now_ms, now_ms)
    if from_ms is None or from_ms >= until_ms:
        return None
    from_ms = max(from_ms, now_ms - LONGEST_GAP_MS)
    return Gap(at_ms=from_ms, until_ms=max(until_ms, from_ms), source=source_id)


_MAKERS: dict[str, Callable[[Item, str, str, int], AnyEvent | None]] = {
    "gift": _gift,
    "member": _member,
    "join": _join,
    "like": _like,
    "removed": _removed,
    "gap": _gap,
}
