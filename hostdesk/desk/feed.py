"""The feed on receipt: rows for the windows, the pace, and who spoke for the first time."""

from collections import deque

from hostdesk.analysis.people import number_of
from hostdesk.desk.compact import NumberMap
from hostdesk.desk.removals import Removals
from hostdesk.desk.rows import FeedRow
from hostdesk.events import AnyEvent, Comment, Gap, Gift, HostSaid, Member, Removed, Stream

PACE_MS = 60_000
SPEAKERS_MS = 300_000
MAX_AUTHORS = 300_000
"""Beyond this many authors nobody is marked as a first-timer any more (memory)."""
_SPAN_MS = 10_000
"""Speakers are counted in spans of ten seconds."""


class Feed:
    """Turns events into rows, in order of receipt, before anyone judges them."""

    def __init__(self) -> None:
        self.total = 0
        self.last_seq = 0
        self.removals = Removals()
        self._pace: deque[tuple[int, int]] = deque()  # (second, comments in it)
        self._in_pace = 0
        self._last_span = NumberMap()  # of each author
        self._spans: dict[int, int] = {}  # span → people who spoke last in it

    def receive(self, seq: int, event: AnyEvent) -> FeedRow | None:
        """Take one event; return its row, if it has one."""
        self.last_seq = seq
        if isinstance(event, Comment):
            return self._comment(seq, event)
        if isinstance(event, Removed):
            self.removals.take(seq, event)
        return _other(seq, event)

    def per_min(self, now_ms: int) -> int:
        """Comments in the minute before ``now_ms``."""
        while self._pace and self._pace[0][0] <= now_ms - PACE_MS:
            self._in_pace -= self._pace.popleft()[1]
        return self._in_pace

    def speakers(self, now_ms: int) -> int:
        """Distinct people who spoke in the five minutes before ``now_ms``, to ten seconds."""
        first = (now_ms - SPEAKERS_MS) // _SPAN_MS
        for span in [span for span in self._spans if span <= first]:
            del self._spans[span]
        return sum(self._spans.values())

    def _comment(self, seq: int, comment: Comment) -> FeedRow:
        self.total += 1
        self.removals.heard(seq, comment)
        self._count(comment.at_ms)
        first = bool(comment.author_id) and self._spoke(comment.author_id, comment.at_ms)
        return FeedRow(
            seq,
            comment.at_ms,
            "comment",
            comment.author_name,
            comment.text,
            comment.has_order is True,
            first,
            0,
            comment.order == "possible",
        )

    def _spoke(self, author: str, at_ms: int) -> bool:
        """Count a speaker; whether it is the author's first comment of the show."""
        span, known = at_ms // _SPAN_MS, len(self._last_span)
        before = self._last_span.put(number_of(author), span, MAX_AUTHORS)
        if before is None and len(self._last_span) == known:
            return False
        if before in self._spans:
            self._spans[before] -= 1
        self._spans[span] = self._spans.get(span, 0) + 1
        return before is None

    def _count(self, at_ms: int) -> None:
        second = at_ms - at_ms % 1000
        if self._pace and self._pace[-1][0] >= second:
            last, count = self._pace[-1]
            self._pace[-1] = (last, count + 1)
        else:
            self._pace.append((second, 1))
        self._in_pace += 1


def row_of(seq: int, event: AnyEvent) -> FeedRow | None:
    """The row of an event as a page of history shows it (nobody is a first-timer there)."""
    if isinstance(event, Comment):
        name, order = event.author_name, event.has_order is True
        return FeedRow(seq, event.at_ms, "comment", name, event.text, order)
    return _other(seq, event)


def _other(seq: int, event: AnyEvent) -> FeedRow | None:
    match event:
        case HostSaid(at_ms=at_ms, text=text):
            return FeedRow(seq, at_ms, "host", "", text)
        case Gift(at_ms=at_ms, author_name=author, name=name, count=count):
            return FeedRow(seq, at_ms, "gift", author, name, count=count)
        case Member(at_ms=at_ms, author_name=author, name=name, count=count):
            return FeedRow(seq, at_ms, "member", author, name, count=count)
        case Gap(at_ms=at_ms, until_ms=until_ms, source=source):
            return FeedRow(seq, at_ms, "gap", "", source, count=until_ms - at_ms)
        case Stream(at_ms=at_ms, state=state):
            return FeedRow(seq, at_ms, "stream", "", state)
        case _:
            return None
