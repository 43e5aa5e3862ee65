"""The newest rows of the feed, ready to be drawn: plain data, no Qt.

Rows are kept in the order of ``seq``. Where the engine left rows out (a burst, or a window
that opened late) a `Hole` stands in their place until somebody looks there and a page of
them comes. Each filter has its own column, kept as rows and flags arrive: changing the
filter costs nothing.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import msgspec

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Lane
from hostdesk.views.feed_column import Column, Entry, Hole, Packed, key_of, pack

__all__ = ["ALL", "FLAGGED", "Entry", "FeedRing", "Filter", "Hole", "key_of"]

MAX_ROWS = 50_000
PAGE_ROWS = 200
"""How many numbers one page of the engine covers at most."""

Filter: TypeAlias = Lane | str
"""A lane, or one of these two."""
ALL, FLAGGED = "all", "flagged"

_ENCODER = msgspec.msgpack.Encoder()
_FLAGS = msgspec.msgpack.Decoder(RowFlag)


class FeedRing:
    """At most `MAX_ROWS` entries, oldest first, and the flags of those that are here."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max = max_rows
        self._pages: list[tuple[int, int]] = []
        self.clear()

    def clear(self) -> None:
        """Another show begins."""
        self._everything = Column()
        self._columns: dict[Filter, Column] = {lane: Column() for lane in Lane}
        self._columns |= {ALL: self._everything, FLAGGED: Column()}
        self._flags: dict[int, bytes] = {}
        self.last_seq = 0
        self.total = 0
        self.evicted = 0
        self._pages.clear()

    def entries(self, by: Filter = ALL) -> Sequence[Entry]:
        """What the filter lets through, oldest first. Do not keep: it changes."""
        return self._columns[by]

    def find(self, by: Filter, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return self._columns[by].place(key)

    def flag(self, seq: int) -> RowFlag | None:
        """What this row was judged to be; None where nobody said so (yet)."""
        packed = self._flags.get(seq)
        return None if packed is None else _FLAGS.decode(packed)

    @property
    def flag_count(self) -> int:
        """How many flags are kept."""
        return len(self._flags)

    def apply(self, digest: Digest) -> list[int]:
        """Take what is new; return the seqs whose flag changed."""
        if digest.last_seq and digest.last_seq < self.last_seq:
            self._forget_after(digest.last_seq, digest.total)
        fresh = [row for row in digest.rows if row.seq > self.last_seq]
        extra = [row for row in digest.flagged_rows if row.seq > self.last_seq]
        self._note_hole(digest, fresh, extra)
        for row in fresh:
            self._everything.append(row.seq, pack(row))
            self._index(row.seq)
        known = self.last_seq
        self._insert(digest.flagged_rows, known)
        self.last_seq = max(known, digest.last_seq, fresh[-1].seq if fresh else 0)
        self.total = max(self.total, digest.total)
        changed = self._flag_all(digest.flags)
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
        self, rows: Sequence[FeedRow], flags: Sequence[RowFlag], span: tuple[int, int] | None
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
        changed = self._flag_all(flags)
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
            if not self._everything.insert(row.seq, pack(row)):
                continue
            self._index(row.seq)
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

    def _flag_all(self, flags: Sequence[RowFlag]) -> list[int]:
        for flag in flags:
            before = self.flag(flag.seq)
            self._flags[flag.seq] = _ENCODER.encode(flag)
            if before is not None and before.lane not in (None, flag.lane):
                self._columns[before.lane or FLAGGED].remove(flag.seq)
            self._index(flag.seq)
        return [flag.seq for flag in flags]

    def _index(self, seq: int) -> None:
        """Put a flagged row into the columns of its filters, once both are here."""
        flag = self.flag(seq) if seq in self._flags else None
        item: Packed | None = self._everything.packed(seq) if flag else None
        if flag is None or item is None or not (flag.labels or flag.lane):
            return
        self._columns[FLAGGED].insert(seq, item)
        if flag.lane:
            self._columns[flag.lane].insert(seq, item)

    def _evict(self) -> None:
        over = len(self._everything) - self._max
        if over <= 0:
            return
        oldest = self._everything.key(over)
        for at in range(over):
            self._flags.pop(int(self._everything.key(at)), None)
        self._everything.drop_first(over)
        self.evicted += over
        for name, column in self._columns.items():
            if name != ALL:
                column.drop_first(column.place(oldest))
        if len(self._flags) > 2 * self._max:
            self._flags = {seq: flag for seq, flag in self._flags.items() if seq >= oldest}

    def _forget_after(self, seq: int, total: int) -> None:
        """After a crash the engine may know less than we do: the journal is what counts."""
        for column in self._columns.values():
            column.drop_behind(seq + 0.25)
        self._flags = {of: flag for of, flag in self._flags.items() if of <= seq}
        self.last_seq, self.total = seq, min(self.total, total)
