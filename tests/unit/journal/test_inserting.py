import contextlib
import sqlite3

import pytest

from hostdesk.journal.inserting import MAYBE, NOTHING, PLACE, ROWS, insert


@pytest.fixture
def table():
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        made.execute("CREATE TABLE events (seq INTEGER PRIMARY KEY, judged INTEGER, body BLOB)")
        yield made


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 7])
def test_however_many_rows_there_are_each_is_written_once(table, count):
    rows = [(seq, seq % 3 or NOTHING, bytearray(b"%d" % seq)) for seq in range(1, count + 1)]
    insert(table, "events", (PLACE, MAYBE, PLACE), rows)
    kept = table.execute("SELECT seq, judged, body FROM events ORDER BY seq").fetchall()
    assert kept == [(seq, seq % 3 or None, b"%d" % seq) for seq in range(1, count + 1)]


def test_a_row_that_is_there_already_is_told(table):
    insert(table, "events", (PLACE, MAYBE, PLACE), [(7, 0, bytearray())])
    with pytest.raises(sqlite3.IntegrityError):
        insert(table, "events", (PLACE, MAYBE, PLACE), [(7, 0, bytearray())])
