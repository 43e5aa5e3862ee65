"""Who speaks in this room: new faces, low levels, known orders, and what is usual here."""

import functools
import zlib
from collections import OrderedDict

import msgspec

from hostdesk.events import Comment

MAX_PEOPLE = 12_000
"""People remembered; the one who has been silent longest is forgotten first."""

LOW_LEVEL = 2
"""Platform levels up to this one cost nothing to have."""

_BUCKET_MS = 10_000
_ACTIVE_BUCKETS = 30
_SHARE_OVER = 250
_MASKED_IDS = frozenset({"", "0", "-1", "null", "none"})


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What is known of the author of one comment, at that moment."""

    author: int
    """Key of the person; the comment's number, negative, where the platform masks it."""
    masked: bool
    new: bool
    low: bool | None
    ordered: bool
    active: int
    """Distinct people who spoke in the last five minutes."""
    usual_new: float
    """Share of comments by new people that is usual in this room, 0..1."""
    usual_low: float

    @property
    def fresh(self) -> bool:
        """New to the room, or an account that costs nothing to have."""
        return self.new or bool(self.low)


# one person is one number, because thousands are remembered and go into every checkpoint:
# the bucket in which they last spoke, how often they spoke, and whether an order is known
_ORDERED = 1
_ONE_COMMENT = 2
_COMMENTS = 0xFFFF_FFFE
_BUCKET = 32


class Room:
    """Remembers people. Bounded; the oldest are forgotten."""

    def __init__(self) -> None:
        self._people: OrderedDict[int, int] = OrderedDict()
        self._spoke_in: dict[int, int] = {}
        self._newest = 0
        self._active = 0
        self._comments = 0
        self._levels = 0
        self._usual_new = 1.0
        self._usual_low = 0.5

    def speaks(self, seq: int, comment: Comment) -> Standing:
        """Take one comment's author into account."""
        number = person_number(comment)
        key, masked = -seq if number is None else number, number is None
        person = _spoken(0, comment) if masked else self._person(key, comment)
        new = person & _COMMENTS == _ONE_COMMENT
        low = None if comment.author_level is None else comment.author_level <= LOW_LEVEL
        standing = Standing(
            author=key,
            masked=masked,
            new=new and not masked,
            low=low,
            ordered=bool(person & _ORDERED),
            active=self.active(comment.at_ms),
            usual_new=self._usual_new,
            usual_low=self._usual_low,
        )
        self._learn(new=new, low=low)
        return standing

    def active(self, now_ms: int) -> int:
        """Distinct people who spoke in the last five minutes."""
        newest = now_ms // _BUCKET_MS
        if newest != self._newest:
            self._newest = newest
            for bucket in [b for b in self._spoke_in if b <= newest - _ACTIVE_BUCKETS]:
                self._active -= self._spoke_in.pop(bucket)
        return self._active

    def _person(self, key: int, comment: Comment) -> int:
        """The person as they stand after this comment, now the newest of all."""
        bucket = comment.at_ms // _BUCKET_MS
        before = self._people.pop(key, None)
        if before is None:
            self._add(bucket, 1)
            if len(self._people) >= MAX_PEOPLE:
                self._people.popitem(last=False)
        elif before >> _BUCKET != bucket:
            self._add(before >> _BUCKET, -1)
            self._add(bucket, 1)
        known = (before or 0) & (_COMMENTS | _ORDERED)
        person = self._people[key] = _spoken(bucket << _BUCKET | known, comment)
        return person

    def _add(self, bucket: int, count: int) -> None:
        if count > 0 or bucket in self._spoke_in:
            self._spoke_in[bucket] = self._spoke_in.get(bucket, 0) + count
            self._active += count

    def _learn(self, *, new: bool, low: bool | None) -> None:
        self._comments += 1
        self._usual_new += (new - self._usual_new) / min(self._comments, _SHARE_OVER)
        if low is not None:
            self._levels += 1
            self._usual_low += (low - self._usual_low) / min(self._levels + 1, _SHARE_OVER)


def _spoken(person: int, comment: Comment) -> int:
    """One comment more. The count stops before it would run over."""
    if person & _COMMENTS != _COMMENTS:
        person += _ONE_COMMENT
    return person | bool(comment.has_order)


def person_number(comment: Comment) -> int | None:
    """A number for the person, or None where the platform masks who it was."""
    platform = number_of(f"{comment.platform}/")
    author = comment.author_id.strip()
    if author.casefold() not in _MASKED_IDS and "*" not in author:
        return platform ^ number_of(author)
    name = comment.author_name.strip()
    return platform ^ number_of(f"@{name}") if name and "*" not in name else None


@functools.lru_cache(maxsize=512)
def number_of(text: str) -> int:
    """60 bits for ``text``, the same in every process (``hash`` is not), half the size of it.

    Forwards and backwards, because a second CRC of the same bytes tells nothing new.
    """
    told = text.encode("utf-8", "replace")
    return zlib.crc32(told) << 28 | zlib.crc32(told[::-1]) >> 4
