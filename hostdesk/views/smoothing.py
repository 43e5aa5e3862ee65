"""Clumps of comments, as some platforms deliver them, shown at the pace of people speaking.

Only the feed is smoothed: judging, journal and flags never wait. A clump is what comes after
a silence; it is spread over the time until the next is expected, never more than a second.
"""

from collections.abc import Callable, Iterator

import msgspec
from PySide6.QtCore import QElapsedTimer, QObject, QTimer

from hostdesk.desk.rows import Digest

LONGEST_MS = 1_000
SILENCE_MS = 300
"""Shorter pauses are how people speak."""
LEAST_ROWS = 4
FASTEST_PER_S = 60
"""More than this cannot be read anyway; then nothing is held back."""
STEP_MS = 50


class Smoother(QObject):
    """Passes digests on, those that bring a clump in pieces."""

    def __init__(self, owner: QObject, take: Callable[[Digest], None]) -> None:
        super().__init__(owner)
        self._take = take
        self._pieces: list[Digest] = []
        self._per_step = 1
        self._last_total = 0
        self._since_rows = QElapsedTimer()
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._on_time)

    @property
    def lag_ms(self) -> int:
        """How long the last row that waits will have waited."""
        steps = -(-len(self._pieces) // self._per_step)
        return steps * STEP_MS if self._timer.isActive() else 0

    def apply(self, digest: Digest) -> None:
        """Take a digest; its rows follow at once, or within a second."""
        silence = self._since_rows.elapsed() if self._since_rows.isValid() else 0
        if digest.rows:
            self._since_rows.start()
        pieces = []
        if self._last_total and silence >= SILENCE_MS and is_clump(digest, self._last_total):
            pieces = list(split(digest, self._last_total))
        self.flush()
        self._last_total = digest.total or self._last_total
        if not pieces or len(pieces) * 1000 > FASTEST_PER_S * min(silence, LONGEST_MS):
            self._take(digest)
            return
        steps = max(min(silence, LONGEST_MS) // STEP_MS, 1)
        self._per_step = -(-len(pieces) // steps)
        self._pieces = pieces
        self._timer.start()
        self._on_time()

    def flush(self) -> None:
        """Everything that waits is shown now."""
        self._timer.stop()
        pieces, self._pieces = self._pieces, []
        for piece in pieces:
            self._take(piece)

    def _on_time(self) -> None:
        for piece in self._pieces[: self._per_step]:
            self._take(piece)
        del self._pieces[: self._per_step]
        if not self._pieces:
            self._timer.stop()


def is_clump(digest: Digest, total: int) -> bool:
    """Several rows without a hole between them, and none that is told apart from its place."""
    comments = sum(row.kind == "comment" for row in digest.rows)
    return (
        len(digest.rows) >= LEAST_ROWS
        and digest.total - total == comments
        and not digest.flagged_rows
    )


def split(digest: Digest, total: int) -> Iterator[Digest]:
    """The digest as one for each row, the last with all that is not a row."""
    for at, row in enumerate(digest.rows):
        total += row.kind == "comment"
        is_last = at == len(digest.rows) - 1
        if is_last:
            yield msgspec.structs.replace(digest, rows=(row,))
        else:
            flags = tuple(flag for flag in digest.flags if flag.seq == row.seq)
            yield Digest(rows=(row,), flags=flags, last_seq=row.seq, total=total)
