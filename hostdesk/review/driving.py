"""Drives the desk through a journal once more, so that the look back tells what the desk told."""

from collections import deque
from collections.abc import Iterable, Iterator

from hostdesk.desk.desk import Desk
from hostdesk.events import AnyEvent, Stream
from hostdesk.findings import Derived

Row = tuple[int, int | None, AnyEvent]
"""(seq, judged, event) as the journal keeps it: ``judged`` is None for events in line."""

MAX_WAITING = 50_000
"""Events kept back until it is known before which ask they were judged. Judging was never
further behind than that, unless a machine could not keep up with a flood."""


class Taken:
    """One event, what analysis had made of it, and whether the desk did what was asked."""

    __slots__ = ("accepted", "derived", "event", "seq")

    def __init__(
        self, seq: int, event: AnyEvent, derived: list[Derived], *, accepted: bool
    ) -> None:
        self.seq, self.event, self.derived, self.accepted = seq, event, derived, accepted


def drive(
    desk: Desk, rows: Iterable[Row], derived: Iterable[tuple[int, Derived]]
) -> Iterator[Taken]:
    """Yield every event after the desk took it, in the order in which it was handled live.

    ``derived`` comes in order of judging. Nothing is judged anew. An event that makes the
    desk raise is told as not accepted: it was refused, or put aside, live as well.
    """
    findings = _Findings(derived)
    waiting: deque[tuple[int, AnyEvent]] = deque()
    for seq, judged, event in rows:
        if judged is None:
            waiting.append((seq, event))
            if len(waiting) > MAX_WAITING:
                yield _take(desk, *waiting.popleft(), findings)
            continue
        while waiting and waiting[0][0] <= judged:
            yield _take(desk, *waiting.popleft(), findings)
        yield _take(desk, seq, event, None)
    while waiting:
        yield _take(desk, *waiting.popleft(), findings)


class _Findings:
    def __init__(self, derived: Iterable[tuple[int, Derived]]) -> None:
        self._coming = iter(derived)
        self._next = next(self._coming, None)

    def until(self, seq: int) -> list[Derived]:
        found: list[Derived] = []
        while self._next is not None and self._next[0] <= seq:
            found.append(self._next[1])
            self._next = next(self._coming, None)
        return found


def _take(desk: Desk, seq: int, event: AnyEvent, findings: _Findings | None) -> Taken:
    found = findings.until(seq) if findings else []
    try:
        if isinstance(event, Stream):
            desk.uplink(event)
        desk.receive(event)
        if found:
            desk.judged(event, found)
    except Exception:  # noqa: BLE001  (refused live too; or one bad event, which costs no more)
        return Taken(seq, event, found, accepted=False)
    return Taken(seq, event, found, accepted=True)
