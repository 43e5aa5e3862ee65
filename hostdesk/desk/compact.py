"""Thousands of people in a few bytes each: a ``set`` or ``dict`` takes a hundred for one.

Numbers are those of `hostdesk.analysis.people.number_of`: 60 bits, spread evenly.
"""

import itertools
from array import array
from bisect import bisect_left

from typing_extensions import override

_BITS = 60
_SHELVES = 10
"""Numbers with the same leading bits share a shelf; a sorted shelf of 300 is quick to add to."""
_SHIFT = _BITS - _SHELVES


class NumberSet:
    """A few thousand numbers, in order."""

    def __init__(self) -> None:
        self._numbers = array("q")

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number

    def add(self, number: int) -> None:
        """Put one in, if it is not there."""
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            self._numbers.insert(at, number)


class NumberMap:
    """Some hundred thousand numbers, and a signed one of 64 bits beside each."""

    def __init__(self) -> None:
        self._count = 0
        self._keys = [array("q") for _ in range(1 << _SHELVES)]
        self._values = [array("q") for _ in range(1 << _SHELVES)]

    def __len__(self) -> int:
        return self._count

    def put(self, number: int, value: int, most: int) -> int | None:
        """Remember the value; return the one before, None where there was none.

        A new number is left out where there are ``most`` already.
        """
        shelf = number >> _SHIFT
        keys, values = self._keys[shelf], self._values[shelf]
        at = bisect_left(keys, number)
        if at < len(keys) and keys[at] == number:
            before, values[at] = values[at], value
            return before
        if self._count < most:
            keys.insert(at, number)
            values.insert(at, value)
            self._count += 1
        return None

    @override
    def __getstate__(self) -> tuple[bytes, bytes]:
        return _joined(self._keys), _joined(self._values)

    def __setstate__(self, state: tuple[bytes, bytes]) -> None:
        keys, values = (array("q", each) for each in state)
        ends = [bisect_left(keys, end << _SHIFT) for end in range((1 << _SHELVES) + 1)]
        self._count = len(keys)
        self._keys = [keys[a:b] for a, b in itertools.pairwise(ends)]
        self._values = [values[a:b] for a, b in itertools.pairwise(ends)]


def _joined(shelves: "list[array[int]]") -> bytes:
    return b"".join(shelf.tobytes() for shelf in shelves)
