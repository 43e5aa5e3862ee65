"""Which rows of the feed are visible and where, counted from one row that stays put."""

from collections import OrderedDict
from collections.abc import Sequence

from hostdesk.views.feed_ring import ALL, Entry, FeedRing, Filter, key_of
from hostdesk.views.feed_rows import LaidRow, RowPainter

CACHED_LAYOUTS = 240
"""Layouts kept: a few screens. Each costs about 7 KB."""

Placed = tuple[Entry, LaidRow, int]
"""An entry, its layout, and the pixel at which it begins."""


class FeedPlaces:
    """Places rows in the viewport. Lays out what is visible, and nothing else.

    ``anchor`` is the key of the topmost row and the pixel where it begins; None means that
    the newest row stands at the bottom.
    """

    def __init__(self, ring: FeedRing, rows: RowPainter) -> None:
        self._ring = ring
        self.rows = rows
        self.filter: Filter = ALL
        self.anchor: tuple[float, int] | None = None
        self.layouts_made = 0
        self._cache: OrderedDict[float, LaidRow] = OrderedDict()

    @property
    def entries(self) -> Sequence[Entry]:
        """What the filter lets through."""
        return self._ring.entries(self.filter)

    @property
    def cached(self) -> int:
        """How many layouts are kept."""
        return len(self._cache)

    def find(self, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return self._ring.find(self.filter, key)

    def forget(self, key: float) -> None:
        """This row looks different now."""
        self._cache.pop(key, None)

    def relay(self, rows: RowPainter | None = None) -> None:
        """Every row looks different now (another width, another screen, another show)."""
        self._cache.clear()
        self.rows = rows or self.rows

    def arrange(self, height: int, *, hold: bool) -> list[Placed]:
        """What is visible in ``height`` pixels, from the top. Settles the anchor.

        An anchor from which the newest row is in full sight is let go, unless ``hold``.
        """
        entries = self.entries
        if not entries:
            return []
        if self.anchor is not None:
            placed = self._from_anchor(entries, *self.anchor, height)
            last, laid, top = placed[-1]
            if key_of(last) != key_of(entries[-1]) or top + laid.height > height:
                return placed
            if not hold:
                self.anchor = None
        return self._from_bottom(entries, height)

    def _from_bottom(self, entries: Sequence[Entry], height: int) -> list[Placed]:
        placed: list[Placed] = []
        bottom = height
        for at in range(len(entries) - 1, -1, -1):
            entry = entries[at]
            laid = self._laid(entry)
            bottom -= laid.height
            placed.append((entry, laid, bottom))
            if bottom <= 0:
                break
        placed.reverse()
        return placed if bottom <= 0 else _lifted(placed, bottom)

    def _from_anchor(
        self, entries: Sequence[Entry], key: float, top: int, height: int
    ) -> list[Placed]:
        at = min(self.find(key), len(entries) - 1)
        if key_of(entries[at]) != key and at == 0:
            top = 0  # the anchor itself has left the ring
        while top > 0 and at > 0:
            at -= 1
            top -= self._laid(entries[at]).height
        while at < len(entries) - 1 and top + self._laid(entries[at]).height <= 0:
            top += self._laid(entries[at]).height
            at += 1
        top = min(top, 0) if at == 0 else top
        self.anchor = key_of(entries[at]), top
        return self._downwards(entries, at, top, height)

    def _downwards(self, entries: Sequence[Entry], at: int, top: int, height: int) -> list[Placed]:
        placed: list[Placed] = []
        while at < len(entries) and (top < height or not placed):
            entry = entries[at]
            laid = self._laid(entry)
            placed.append((entry, laid, top))
            top += laid.height
            at += 1
        return placed

    def _laid(self, entry: Entry) -> LaidRow:
        key = key_of(entry)
        found = self._cache.get(key)
        if found is None:
            self.layouts_made += 1
            found = self.rows.lay(
                entry, self._ring.flag(entry.seq), gone=self._ring.is_gone(entry.seq)
            )
            self._cache[key] = found
            if len(self._cache) > CACHED_LAYOUTS:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(key)
        return found


def _lifted(placed: list[Placed], by: int) -> list[Placed]:
    """Fewer rows than fit stand at the top."""
    return [(entry, laid, top - by) for entry, laid, top in placed]
