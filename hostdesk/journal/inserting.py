"""Many rows at once, as Python's ``sqlite3`` takes them with the least work.

It asks every value that is not exactly an ``int``, ``str`` or ``bytearray`` whether it
adapts itself: for ``bytes`` and ``None`` that was two fifths of writing a row. So bodies
are bytearrays, and nothing is `NOTHING`.
"""

import functools
import itertools
import sqlite3
from collections.abc import Sequence
from typing import Any

NOTHING = -1
"""Stands for NULL where a column's place is `MAYBE`."""

PLACE, MAYBE = "?", f"nullif(?, {NOTHING})"
ROWS = 40
"""Rows of one statement; what is left over goes row by row. More would save little."""


def insert(
    run: sqlite3.Connection, into: str, places: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Put ``rows`` into a table: ``into`` names it, with its columns where not all are given.

    Raises:
        sqlite3.Error: not all of them are in; roll back.
    """
    whole = len(rows) - len(rows) % ROWS
    for first in range(0, whole, ROWS):
        flat = itertools.chain.from_iterable(rows[first : first + ROWS])
        run.execute(_sql(into, places, ROWS), tuple(flat))
    run.executemany(_sql(into, places, 1), rows[whole:])


@functools.cache
def _sql(into: str, places: tuple[str, ...], rows: int) -> str:
    row = f"({', '.join(places)})"
    return f"INSERT INTO {into} VALUES {', '.join([row] * rows)}"
