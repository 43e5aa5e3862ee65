"""Who was here before: a set of 60-bit numbers that only grows, in eight bytes each.

A ``set`` of as many numbers takes a hundred bytes each, and a long show has 300,000 authors.
"""

import itertools
from array import array
from bisect import bisect_left

from typing_extensions import override

_SHELVES = 10
"""Numbers with the same leading bits share a shelf; a sorted shelf of 300 is quick to add to."""
_SHIFT = 60 - _SHELVES


class Known:
    """Numbers from 0 to 2**60 - 1, best spread evenly."""

    def __init__(self) -> None:
        self._count = 0
        self._shelves = [array("Q") for _ in range(1 << _SHELVES)]

    def __len__(self) -> int:
        return self._count

    def __contains__(self, number: int) -> bool:
        shelf = self._shelves[number >> _SHIFT]
        at = bisect_left(shelf, number)
        return at < len(shelf) and shelf[at] == number

    def add(self, number: int) -> None:
        """Remember a number that is not here yet."""
        shelf = self._shelves[number >> _SHIFT]
        shelf.insert(bisect_left(shelf, number), number)
        self._count += 1

    @override
    def __getstate__(self) -> bytes:
        return b"".join(shelf.tobytes() for shelf in self._shelves)

    def __setstate__(self, state: bytes) -> None:
        numbers = array("Q", state)
        self._count = len(numbers)
        ends = [bisect_left(numbers, end << _SHIFT) for end in range((1 << _SHELVES) + 1)]
        self._shelves = [numbers[a:b] for a, b in itertools.pairwise(ends)]
