"""The newest rows of the feed, ready to be drawn: plain data, no Qt.

Rows are kept in the order of ``seq``. Where the engine left rows out (a burst, or a window
that opened late) a `Hole` stands in their place until somebody looks there and a page of
them comes. Each filter has its own list, kept as rows and flags arrive: changing the
filter costs nothing.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Lane

MAX_ROWS = 50_000
PAGE_ROWS = 200
"""How many numbers one page of the engine covers at most."""


class Hole(msgspec.Struct, gc=False):
    """Rows ``seq`` to ``until_seq`` are not here; ``count`` comments are among them."""

    seq: int
    until_seq: int
    count: int


Entry = FeedRow | Hole
Filter = Lane | str
"""A lane, or one of these two."""
ALL, FLAGGED = "all", "flagged"


def key_of(entry: Entry) -> float:
    """Where an entry stands: a hole just before the first row that is missing."""
    return entry.seq - 0.5 if isinstance(entry, Hole) else entry.seq


class FeedRing:
    """At most `MAX_ROWS` entries, oldest first, and the flags of those that are here."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max = max_rows
        self._pages: list[tuple[int, int]] = []
        self.clear()

    def clear(self) -> None:
        """Another show begins."""
        self._lists: dict[Filter, list[Entry]] = {ALL: [], FLAGGED: []}
        self._lists.update({lane: [] for lane in Lane})
        self.flags: dict[int, RowFlag] = {}
        self.last_seq = 0
        self.total = 0
        self.evicted = 0
        self._pages.clear()

    def entries(self, by: Filter = ALL) -> Sequence[Entry]:
        """What the filter lets through, oldest first. Do not keep: it changes."""
        return self._lists[by]

    def find(self, by: Filter, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return self._place(self._lists[by], key)

    def apply(self, digest: Digest) -> list[int]:
        """Take what is new; return the seqs whose flag changed."""
        if digest.last_seq and digest.last_seq < self.last_seq:
            self._forget_after(digest.last_seq, digest.total)
        fresh = [row for row in digest.rows if row.seq > self.last_seq]
        extra = [row for row in digest.flagged_rows if row.seq > self.last_seq]
        self._note_hole(digest, fresh, extra)
        self._append(fresh)
        self._insert(digest.flagged_rows)
        self.last_seq = max(self.last_seq, digest.last_seq, fresh[-1].seq if fresh else 0)
        self.total = max(self.total, digest.total)
        changed = self._flag(digest.flags)
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
        added = self._insert(rows, quietly=True)
        if span:
            self._shrink(span, added)
        changed = self._flag(flags)
        self._evict()
        return changed

    def _place(self, of: Sequence[Entry], key: float) -> int:
        return bisect_left(of, key, key=key_of)

    def _note_hole(
        self, digest: Digest, fresh: Sequence[FeedRow], extra: Sequence[FeedRow]
    ) -> None:
        here = {row.seq for row in (*fresh, *extra) if row.kind == "comment"}
        missing = digest.total - self.total - len(here)
        if missing <= 0:
            return
        until = fresh[0].seq - 1 if fresh else digest.last_seq
        if until > self.last_seq:
            self._lists[ALL].append(Hole(self.last_seq + 1, until, missing))

    def _append(self, rows: Sequence[FeedRow]) -> None:
        everything = self._lists[ALL]
        everything.extend(rows)
        for row in rows:
            if row.seq in self.flags:  # the flag was quicker than its row
                self._index(row, self.flags[row.seq])

    def _insert(self, rows: Iterable[FeedRow], *, quietly: bool = False) -> int:
        """Put rows where they belong; return how many comments were not here before."""
        added = 0
        everything = self._lists[ALL]
        for row in rows:
            at = self._place(everything, row.seq)
            if at < len(everything) and key_of(everything[at]) == row.seq:
                continue
            everything.insert(at, row)
            added += row.kind == "comment"
            if row.seq in self.flags:
                self._index(row, self.flags[row.seq])
            if not quietly and row.seq <= self.last_seq and row.kind == "comment":
                self._found_in_hole(at)
        return added

    def _found_in_hole(self, at: int) -> None:
        """A flagged row of a hole came by itself: one comment fewer is missing there."""
        everything = self._lists[ALL]
        while at > 0 and not isinstance(everything[at], Hole):
            at -= 1
        hole = everything[at]
        if isinstance(hole, Hole):
            hole.count = max(hole.count - 1, 0)

    def _shrink(self, span: tuple[int, int], added: int) -> None:
        everything = self._lists[ALL]
        at = self._place(everything, span[0] + 0.5) - 1
        while at >= 0 and not isinstance(everything[at], Hole):
            at -= 1
        hole = everything[at] if at >= 0 else None
        if not isinstance(hole, Hole) or not hole.seq <= span[1] <= hole.until_seq:
            return
        hole.count -= added
        hole.until_seq = span[0] - 1
        if hole.count <= 0 or hole.until_seq < hole.seq:
            del everything[at]

    def _flag(self, flags: Sequence[RowFlag]) -> list[int]:
        for flag in flags:
            before = self.flags.get(flag.seq)
            self.flags[flag.seq] = flag
            row = self._row(flag.seq)
            if row is None:
                continue
            if before is not None and before.lane != flag.lane:
                self._unindex(row, before)
            self._index(row, flag)
        return [flag.seq for flag in flags]

    def _row(self, seq: int) -> FeedRow | None:
        everything = self._lists[ALL]
        at = self._place(everything, seq)
        found = everything[at] if at < len(everything) else None
        return found if isinstance(found, FeedRow) and found.seq == seq else None

    def _index(self, row: FeedRow, flag: RowFlag) -> None:
        if not (flag.labels or flag.lane):
            return
        names: tuple[Filter, ...] = (FLAGGED, flag.lane) if flag.lane else (FLAGGED,)
        for name in names:
            of = self._lists[name]
            at = self._place(of, row.seq)
            if at == len(of) or of[at].seq != row.seq:
                of.insert(at, row)

    def _unindex(self, row: FeedRow, flag: RowFlag) -> None:
        for name in (FLAGGED, flag.lane):
            of = self._lists[name] if name else []
            at = self._place(of, row.seq)
            if at < len(of) and of[at].seq == row.seq:
                del of[at]

    def _evict(self) -> None:
        everything = self._lists[ALL]
        over = len(everything) - self._max
        if over <= 0:
            return
        for entry in everything[:over]:
            self.flags.pop(entry.seq, None)
        del everything[:over]
        self.evicted += over
        oldest = key_of(everything[0])
        for name, of in self._lists.items():
            if name != ALL:
                del of[: bisect_left(of, oldest, key=key_of)]
        if len(self.flags) > 2 * self._max:
            self.flags = {seq: flag for seq, flag in self.flags.items() if seq >= oldest}

    def _forget_after(self, seq: int, total: int) -> None:
        """After a crash the engine may know less than we do: the journal is what counts."""
        for of in self._lists.values():
            del of[bisect_left(of, seq + 0.25, key=key_of) :]
        self.flags = {of: flag for of, flag in self.flags.items() if of <= seq}
        self.last_seq, self.total = seq, min(self.total, total)
