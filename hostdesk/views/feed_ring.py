"""The newest rows of the feed, ready to be drawn: plain data, no Qt.

Rows are kept in the order of ``seq``. Where the engine left rows out (a burst, or a window
that opened late) a `Hole` stands in their place until somebody looks there and a page of
them comes. Each filter has its own column, kept as rows and flags arrive: changing the
filter costs nothing.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Lane
from hostdesk.views.feed_column import (
    Chosen,
    Column,
    Entry,
    Hole,
    flag_in,
    key_of,
    pack,
    with_flag,
)

__all__ = ["ALL", "FLAGGED", "Entry", "FeedRing", "Filter", "Hole", "key_of"]

MAX_ROWS = 50_000
PAGE_ROWS = 200
"""How many numbers one page of the engine covers at most."""

Filter: TypeAlias = Lane | str
"""A lane, or one of these two."""
ALL, FLAGGED = "all", "flagged"

_MAX_EARLY = 2_000
"""Flags that came before their row are kept for so many rows."""


class FeedRing:
    """At most `MAX_ROWS` entries, oldest first, and the flags of those that are here."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max = max_rows
        self._pages: list[tuple[int, int]] = []
        self.clear()

    def clear(self) -> None:
        """Another show begins."""
        self._everything = Column()
        self._chosen: dict[Filter, Chosen] = {
            by: Chosen(self._everything) for by in (*Lane, FLAGGED)
        }
        self._gone = Chosen(self._everything)
        self._early: dict[int, RowFlag] = {}
        self.last_seq = 0
        self.total = 0
        self.evicted = 0
        self._pages.clear()

    def entries(self, by: Filter = ALL) -> Sequence[Entry]:
        """What the filter lets through, oldest first. Do not keep: it changes."""
        return self._everything if by == ALL else self._chosen[by]

    def find(self, by: Filter, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return self._everything.place(key) if by == ALL else self._chosen[by].place(key)

    def flag(self, seq: int) -> RowFlag | None:
        """What this row was judged to be; None where nobody said so (yet)."""
        packed = self._everything.packed(seq)
        return flag_in(packed, seq) if isinstance(packed, bytes) else self._early.get(seq)

    def is_gone(self, seq: int) -> bool:
        """Whether the platform took this row back."""
        return self._gone.has(seq)

    def apply(self, digest: Digest) -> list[int]:
        """Take what is new; return the seqs that look different now."""
        if digest.last_seq and digest.last_seq < self.last_seq:
            self._forget_after(digest.last_seq, digest.total)
        fresh = [row for row in digest.rows if row.seq > self.last_seq]
        extra = [row for row in digest.flagged_rows if row.seq > self.last_seq]
        self._note_hole(digest, fresh, extra)
        for row in fresh:
            self._everything.append(row.seq, pack(row, self._arrived(row.seq)))
        known = self.last_seq
        self._insert(digest.flagged_rows, known)
        self.last_seq = max(known, digest.last_seq, fresh[-1].seq if fresh else 0)
        self.total = max(self.total, digest.total)
        changed = self._flag_all(digest.flags) + self._mark_gone(digest.gone)
        self._evict()
        return changed

    def page_to_ask(self, hole: Hole) -> tuple[int, int] | None:
        """The newest rows of a hole, to be asked for; None while they are under way."""
        wanted = max(hole.seq, hole.until_seq - PAGE_ROWS + 1), hole.until_seq
        if wanted in self._pages:
            return None
        self._pages.append(wanted)
        return wanted

    def is_asked(self, hole: Hole) -> bool:
        """Whether a page of this hole is under way."""
        return any(hole.seq <= until <= hole.until_seq for _, until in self._pages)

    def forget_pages(self) -> None:
        """The engine went away: what was asked will not come."""
        self._pages.clear()

    def insert_page(
        self,
        rows: Sequence[FeedRow],
        flags: Sequence[RowFlag],
        span: tuple[int, int] | None,
        gone: Sequence[int] = (),
    ) -> list[int]:
        """Put a page into its hole. ``span`` is what it covers; None = the oldest one asked."""
        if span in self._pages:
            self._pages.remove(span)
        elif span is None and self._pages:
            span = self._pages.pop(0)
        elif span is None and rows:
            span = rows[0].seq, rows[-1].seq
        added = self._insert(rows, 0)
        if span:
            self._shrink(span, added)
        changed = self._flag_all(flags) + self._mark_gone(gone)
        self._evict()
        return changed

    def _note_hole(
        self, digest: Digest, fresh: Sequence[FeedRow], extra: Sequence[FeedRow]
    ) -> None:
        here = {row.seq for row in (*fresh, *extra) if row.kind == "comment"}
        missing = digest.total - self.total - len(here)
        if missing <= 0:
            return
        hole = Hole(self.last_seq + 1, fresh[0].seq - 1 if fresh else digest.last_seq, missing)
        if hole.until_seq >= hole.seq:
            self._everything.append(key_of(hole), hole)

    def _insert(self, rows: Iterable[FeedRow], known: int) -> int:
        """Put rows where they belong; return how many comments were not here before.

        A flagged row up to ``known`` came out of a hole by itself: one fewer is missing there.
        """
        added = 0
        for row in rows:
            if self._everything.packed(row.seq) is not None:
                continue
            self._everything.insert(row.seq, pack(row, self._arrived(row.seq)))
            if row.kind != "comment":
                continue
            added += 1
            found = self._everything.hole_before(row.seq) if row.seq <= known else None
            if found:
                found[1].count = max(found[1].count - 1, 0)
        return added

    def _shrink(self, span: tuple[int, int], added: int) -> None:
        found = self._everything.hole_before(span[0] + 0.25)
        if found is None:
            return
        hole = found[1]
        if not hole.seq <= span[1] <= hole.until_seq:
            return
        hole.count -= added
        hole.until_seq = span[0] - 1
        if hole.count <= 0 or hole.until_seq < hole.seq:
            self._everything.remove(key_of(hole))

    def _arrived(self, seq: int) -> RowFlag | None:
        """The flag of a row that comes now, where it was here before its row."""
        if not self._early:
            return None
        flag = self._early.pop(seq, None)
        if flag is not None:
            self._choose(flag)
        return flag

    def _flag_all(self, flags: Sequence[RowFlag]) -> list[int]:
        for flag in flags:
            packed = self._everything.packed(flag.seq)
            if not isinstance(packed, bytes):
                self._early[flag.seq] = flag
                continue
            before = flag_in(packed, flag.seq)
            self._everything.put(flag.seq, with_flag(packed, flag))
            if before is not None:
                self._release(before)
            self._choose(flag)
        while len(self._early) > _MAX_EARLY:
            del self._early[next(iter(self._early))]
        return [flag.seq for flag in flags]

    def _mark_gone(self, seqs: Sequence[int]) -> list[int]:
        """Rows that are not here come with a page, and their mark with it."""
        here = [seq for seq in seqs if self._everything.packed(seq) is not None]
        for seq in here:
            self._gone.add(seq)
        return here

    def _choose(self, flag: RowFlag) -> None:
        """Put a flagged row into the columns of its filters."""
        if flag.labels or flag.lane:
            self._chosen[FLAGGED].add(flag.seq)
        if flag.lane:
            self._chosen[flag.lane].add(flag.seq)

    def _release(self, flag: RowFlag) -> None:
        self._chosen[FLAGGED].remove(flag.seq)
        if flag.lane:
            self._chosen[flag.lane].remove(flag.seq)

    def _evict(self) -> None:
        over = len(self._everything) - self._max
        if over <= 0:
            return
        oldest = self._everything.key(over)
        self._everything.drop_first(over)
        self.evicted += over
        for chosen in (*self._chosen.values(), self._gone):
            chosen.drop_before(oldest)

    def _forget_after(self, seq: int, total: int) -> None:
        """After a crash the engine may know less than we do: the journal is what counts."""
        self._everything.drop_behind(seq + 0.25)
        for column in (*self._chosen.values(), self._gone):
            column.drop_behind(seq + 0.25)
        self._early = {of: flag for of, flag in self._early.items() if of <= seq}
        self.last_seq, self.total = seq, min(self.total, total)
