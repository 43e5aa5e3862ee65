"""Events in line that wait to be judged: bounded in memory, the rest stays in the journal."""

from collections import deque

from hostdesk.events import AnyEvent
from hostdesk.ports import Journal

MAX_WAITING = 20_000
"""Beyond this many events wait in the journal only, and are read back in their turn."""


READ_BACK = 500
"""Events read back at a time: more would hold up the loop for longer than 5 ms."""


class Backlog:
    """First in, first out. Nothing is ever dropped while there is a journal."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, AnyEvent]] = deque()
        self._spilled_from: int | None = None
        self._last_seq = 0

    def __bool__(self) -> bool:
        return bool(self._waiting) or self._spilled_from is not None

    def __len__(self) -> int:
        """How many wait (an upper bound while some wait in the journal)."""
        spilled = self._last_seq - self._spilled_from + 1 if self._spilled_from else 0
        return len(self._waiting) + spilled

    @property
    def ready(self) -> int:
        """How many can be taken now."""
        return len(self._waiting)

    def put(self, seq: int, event: AnyEvent, *, can_spill: bool) -> None:
        """An event in line was received."""
        self._last_seq = seq
        if self._spilled_from is not None:
            return
        if can_spill and len(self._waiting) >= MAX_WAITING:
            self._spilled_from = seq
        else:
            self._waiting.append((seq, event))

    def take(self) -> tuple[int, AnyEvent]:
        """The oldest one."""
        return self._waiting.popleft()

    def read_back(self, journal: Journal) -> None:
        """Take the next events from the journal, which must be committed."""
        if self._waiting or self._spilled_from is None:
            return
        rows = journal.read(self._spilled_from, READ_BACK)
        self._waiting.extend((seq, event) for seq, judged, event in rows if judged is None)
        last = rows[-1][0] if rows else self._last_seq
        self._spilled_from = last + 1 if last < self._last_seq else None
