"""Which lines are near copies: MinHash over pairs of sounds, found again by bands.

SimHash is the wrong tool for lines this short: two small edits move a fifth of its bits.
Plain integer mixing only, so every process computes the same values.
"""

import struct
from array import array
from collections.abc import Iterable

from typing_extensions import override

VALUES = 16
BANDS = 8
_MASK = 0xFFFFFFFF
_ROWS_KEPT = 5_000
_LINES_KEPT = 1_500


def _lanes(seed: int) -> int:
    """`VALUES` odd 32-bit numbers in one integer, each in its own 64 bits."""
    lanes = 0
    for lane in range(VALUES):
        seed = (seed * 1_664_525 + 1_013_904_223) & _MASK
        lanes |= (seed | 1) << (64 * lane)
    return lanes


# one multiplication of long integers mixes all values at once
_TIMES = _lanes(0x9E3779B9)
_PLUS = _lanes(0x85EBCA6B)
_KEEP = sum(0xFFFFFF80 << (64 * lane) for lane in range(VALUES))
_UNPACK = struct.Struct(f"<{VALUES}Q").unpack


def shingles(canon: str) -> frozenset[int]:
    """Pairs of neighbouring sounds, each as one number: a string takes three times as much."""
    wide = memoryview(canon.encode("utf-32-le", "surrogatepass"))
    even, odd = len(canon) // 2, (len(canon) - 1) // 2
    return frozenset((*wide[: 8 * even].cast("Q"), *wide[4 : 4 + 8 * odd].cast("Q")))


class MinHash:
    """Signatures of shingle sets. Keeps the rows of common shingles; bounded."""

    def __init__(self) -> None:
        self._rows: dict[int, array[int]] = {}
        self._lines: dict[str, tuple[frozenset[int], list[int]]] = {}

    @override
    def __getstate__(self) -> dict[str, object]:
        return {"_rows": {}, "_lines": {}}  # only scratch: a checkpoint does without

    def of(self, canon: str) -> tuple[frozenset[int], list[int]]:
        """The shingles and the band keys of one sound form (at least two sounds)."""
        known = self._lines.get(canon)
        if known is None:
            if len(self._lines) >= _LINES_KEPT:
                self._lines.clear()
            pairs = shingles(canon)
            known = self._lines[canon] = (pairs, self.bands(pairs))
        return known

    def bands(self, pairs: Iterable[int]) -> list[int]:
        """One key a band; two sets that share a key are probably near copies."""
        rows = [self._row(pair) for pair in pairs]
        lows = list(map(min, *rows)) if len(rows) > 1 else rows[0]
        return [(lows[at] << 32 | lows[at + 1]) * BANDS + at // 2 for at in range(0, VALUES, 2)]

    def _row(self, pair: int) -> "array[int]":
        row = self._rows.get(pair)
        if row is None:
            if len(self._rows) >= _ROWS_KEPT:
                self._rows.clear()
            first, second = pair & _MASK, pair >> 32
            seed = (first * 0x85EBCA6B ^ second * 0xC2B2AE35) & _MASK
            seed ^= seed >> 15
            mixed = (seed * _TIMES + _PLUS) & _KEEP
            row = array("Q", _UNPACK(mixed.to_bytes(8 * VALUES, "little")))
            self._rows[pair] = row
        return row


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Shared ÷ all, 0..1."""
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared) if shared else 0.0


def containment(one: frozenset[int], other: frozenset[int]) -> float:
    """Shared ÷ the smaller one, 0..1."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
