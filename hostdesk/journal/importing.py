"""A recording in: its events become a show of their own, as if they had been received live."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from hostdesk.errors import JournalError
from hostdesk.events import AnyEvent, ShowClosed, ShowOpened, Tick
from hostdesk.journal.show_file import ShowJournal

TICK_MS = 1_000
LONGEST_LULL_MS = 600_000
"""Time ticks on for ten minutes after the last event; a longer hole in a recording is skipped."""


def import_events(
    path: Path, opened: ShowOpened, batches: Iterable[Sequence[AnyEvent]], *, ticks: bool = True
) -> int:
    """Write a recording's events to a new show file; returns how many there were.

    The show is opened and closed, and time ticks by the second as it does live. ``path``
    appears only when all is in it; what was concluded from the events is the caller's.

    Raises:
        JournalError, DiskFullError: it cannot be written.
        RecordingError: whatever ``batches`` raises; nothing is left behind.
    """
    if path.exists():
        raise JournalError(path=str(path))
    half = path.with_name(f"{path.stem}.part")
    _remove(half)
    journal = ShowJournal.create(half, opened)
    try:
        count = _fill(journal, opened, batches, ticks=ticks)
        journal.commit()
    except BaseException:
        journal.close()
        _remove(half)
        raise
    journal.close()
    half.replace(path)
    return count


def _fill(
    journal: ShowJournal, opened: ShowOpened, batches: Iterable[Sequence[AnyEvent]], *, ticks: bool
) -> int:
    count, at_ms = 0, opened.at_ms
    journal.append([opened], 0)
    for batch in batches:
        journal.append(list(_ticking(batch, at_ms)) if ticks else batch, None)
        count += len(batch)
        at_ms = max([at_ms, *(event.at_ms for event in batch)])
        journal.commit()
    journal.append([ShowClosed(at_ms=at_ms, why="source_ended")], journal.last_seq)
    return count


def _ticking(batch: Sequence[AnyEvent], at_ms: int) -> Iterator[AnyEvent]:
    for event in batch:
        if event.at_ms > at_ms + LONGEST_LULL_MS:
            at_ms = event.at_ms - LONGEST_LULL_MS
        first = at_ms - at_ms % TICK_MS + TICK_MS
        for second in range(first, event.at_ms + 1, TICK_MS):
            yield Tick(at_ms=second)
        at_ms = max(at_ms, event.at_ms)
        yield event


def _remove(half: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            half.with_name(half.name + suffix).unlink(missing_ok=True)
