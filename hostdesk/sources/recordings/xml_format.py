"""Bilibili-style XML: comments of a video, and of shows as 录播姬, blrec and DanmakuFactory write.

A comment's ``p`` is "seconds, mode, size, colour, time of sending, pool, author, id". Gifts,
paid messages (``sc``) and memberships (``guard``, ``toast``) carry their offset in ``ts``.
"""

import heapq

import msgspec

from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.recordings.tally import FIXED_START_MS, Tally, Timeline
from hostdesk.sources.recordings.xml_stream import XmlStream

PLATFORM = "bilibili"
PAID_MESSAGE = "SC"
GUARDS = {1: "总督", 2: "提督", 3: "舰长"}
"""The platform's own names of its memberships, by level."""

SORTED_AT_ONCE = 20_000
"""Events held to put a video's comments in order; files of shows are in order."""
HELD_FOR_START = 1_000
"""Events held until the first comment tells when the recording began."""

_SAME_PURCHASE_MS = 30_000
"""blrec writes one purchase twice: as ``guard`` and as ``toast``."""
_GOLD = frozenset({"gold", "金瓜子"})
_GOLD_PER_FEN = 10
_GUARD_GOLD = 100_000
"""A membership's price from here on is in gold, below in yuan (the dearest costs 19,998)."""
_SECONDS_END_MS = 100_000_000_000
_MONEY = frozenset({"sc", "gift", "guard", "toast"})
_STARTS = frozenset({"record_start_time", "BililiveRecorderRecordInfo"})


class XmlParser:
    """Fits `Parser`."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._stream = XmlStream(_MONEY | _STARTS | {"d"}, self._element, tally)
        self._timeline = Timeline(tally)
        self._found: list[tuple[int, AnyEvent]] = []
        """Offset in milliseconds, and the event without its time."""
        self._start_ms: int | None = None
        self._is_video = False
        self._unsorted: list[tuple[int, int, AnyEvent]] = []
        self._count = 0
        self._last_offset_ms = 0
        self._members: dict[str, int] = {}

    @property
    def is_hostile(self) -> bool:
        """Whether a document type or an entity was met."""
        return self._stream.is_hostile

    def feed(self, text: str) -> list[AnyEvent]:
        """Take the next piece, of any size; the events that are complete with it."""
        self._stream.feed(text)
        return [] if self._start_ms is None else self._take()

    def finish(self) -> list[AnyEvent]:
        """The text is over; the events that were held back."""
        self._stream.finish()
        return self._take() + self._sorted(keep=0)

    # ------------------------------------------------------------------------- elements

    def _element(self, name: str, attributes: dict[str, str], said: str) -> None:
        if name == "d":
            self._comment(attributes, said)
        elif name in _MONEY:
            self._money(name, attributes, said)
        elif self._start_ms is None:
            iso = cleaning.iso_ms(attributes.get("start_time"))
            self._start_ms = iso if iso is not None else cleaning.unix_ms(said)

    def _comment(self, attributes: dict[str, str], said: str) -> None:
        fields = [_value(field) for field in attributes.get("p", "").split(",")]
        fields += [""] * (8 - len(fields))
        offset_ms = self._offset(fields[0])
        sent_ms = cleaning.unix_ms(fields[4])
        if self._start_ms is None:
            self._learn_start(offset_ms, sent_ms, cleaning.whole(fields[4]) or 0)
        comment = Comment(
            at_ms=0,
            comment_id=CommentId("" if fields[7] == "0" else cleaning.identity(fields[7])),
            author_id=AuthorId(cleaning.identity(_value(attributes.get("uid", fields[6])))),
            author_name=cleaning.name(_value(attributes.get("user", ""))),
            text=cleaning.text(said),
            platform=PLATFORM,
            sent_ms=sent_ms,
        )
        self._found.append((offset_ms, comment))

    def _learn_start(self, offset_ms: int, sent_ms: int | None, written: int) -> None:
        """Times of sending are milliseconds in a show; a video's comments come over years."""
        self._is_video = 0 < written < _SECONDS_END_MS
        known = sent_ms is not None and not self._is_video
        self._start_ms = sent_ms - offset_ms if sent_ms and known else FIXED_START_MS

    def _money(self, name: str, attributes: dict[str, str], said: str) -> None:
        offset_ms = self._offset(attributes.get("ts", ""))
        author_id = AuthorId(cleaning.identity(_value(attributes.get("uid", ""))))
        author_name = cleaning.name(_value(attributes.get("user", "")))
        how_many = cleaning.count(_first(attributes, "giftcount", "count", "num"))
        if name in ("guard", "toast"):
            if self._is_known_purchase(author_id or author_name, offset_ms):
                return
            made: AnyEvent = Member(
                at_ms=0,
                author_id=author_id,
                author_name=author_name,
                name=_guard_name(attributes),
                count=how_many,
                value_fen=_guard_fen(attributes),
                platform=PLATFORM,
            )
        else:
            made = Gift(
                at_ms=0,
                author_id=author_id,
                author_name=author_name,
                name=PAID_MESSAGE if name == "sc" else cleaning.name(attributes.get("giftname")),
                count=how_many,
                value_fen=_paid_fen(attributes)
                if name == "sc"
                else _gift_fen(attributes, how_many),
                platform=PLATFORM,
            )
        if name == "sc" and said.strip():
            words = Comment(at_ms=0, author_id=author_id, author_name=author_name,
                            text=cleaning.text(said), platform=PLATFORM)  # fmt: skip
            self._found.append((offset_ms, words))
        self._found.append((offset_ms, made))
        if self._start_ms is None and len(self._found) >= HELD_FOR_START:
            self._start_ms = FIXED_START_MS

    def _is_known_purchase(self, who: str, offset_ms: int) -> bool:
        before_ms = self._members.get(who)
        self._members[who] = offset_ms
        if len(self._members) > 100:
            del self._members[next(iter(self._members))]
        return before_ms is not None and abs(offset_ms - before_ms) <= _SAME_PURCHASE_MS

    # ----------------------------------------------------------------------------- time

    def _offset(self, seconds: str) -> int:
        """Milliseconds from the start; the one before where none can be read."""
        offset_ms = cleaning.offset_ms(seconds)
        if offset_ms is None or offset_ms < 0:
            self._tally.clamped += 1
            offset_ms = self._last_offset_ms if offset_ms is None else 0
        self._last_offset_ms = offset_ms
        return offset_ms

    def _take(self) -> list[AnyEvent]:
        found, self._found = self._found, []
        if not self._is_video:
            return [self._timed(offset_ms, event) for offset_ms, event in found]
        for offset_ms, event in found:
            self._count += 1
            heapq.heappush(self._unsorted, (offset_ms, self._count, event))
        return self._sorted(keep=SORTED_AT_ONCE)

    def _sorted(self, keep: int) -> list[AnyEvent]:
        ready: list[AnyEvent] = []
        while len(self._unsorted) > keep:
            offset_ms, _, event = heapq.heappop(self._unsorted)
            ready.append(self._timed(offset_ms, event))
        return ready

    def _timed(self, offset_ms: int, event: AnyEvent) -> AnyEvent:
        start_ms = FIXED_START_MS if self._start_ms is None else self._start_ms
        return msgspec.structs.replace(event, at_ms=self._timeline.at(start_ms + offset_ms))


def _value(field: str) -> str:
    field = field.strip()
    return "" if field.upper() == "NULL" else field


def _first(attributes: dict[str, str], *names: str) -> str:
    return next((attributes[name] for name in names if name in attributes), "")


def _guard_name(attributes: dict[str, str]) -> str:
    written = cleaning.name(_first(attributes, "giftname", "role_name", "role"))
    return written or GUARDS.get(cleaning.whole(attributes.get("level")) or 0, "")


def _guard_fen(attributes: dict[str, str]) -> int | None:
    price = cleaning.whole(attributes.get("price"))
    if price is None or price <= 0:
        return None
    return price // _GOLD_PER_FEN if price >= _GUARD_GOLD else price * 100


def _paid_fen(attributes: dict[str, str]) -> int | None:
    price = cleaning.real(attributes.get("price"))
    return None if price is None or price < 0 else round(price * 100)


def _gift_fen(attributes: dict[str, str], how_many: int) -> int | None:
    """Only blrec tells a gift's price, in gold (1,000 a yuan) for one piece."""
    price = cleaning.whole(attributes.get("price"))
    if price is None or price < 0 or attributes.get("cointype") not in _GOLD:
        return None
    return price * how_many // _GOLD_PER_FEN
