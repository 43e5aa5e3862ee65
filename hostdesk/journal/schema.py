"""The tables of a show file, and how older ones are brought up to date.

``PRAGMA user_version`` is the schema's number. A newer one is refused with words.
"""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from hostdesk.errors import JournalError, JournalNewerError

VERSION = 1

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, judged INTEGER,
  body BLOB NOT NULL
);
CREATE TABLE derived (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX derived_by_seq ON derived (seq);
CREATE TABLE commands (id INTEGER PRIMARY KEY, after_seq INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, state BLOB NOT NULL);
"""

STEPS: tuple[Callable[[sqlite3.Connection], object], ...] = (
    lambda connection: connection.executescript(_FIRST),
)
"""Step n brings a file from version n to n + 1."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a SQLite file of ours.

    Raises:
        JournalError: it is not one, or cannot be opened.
    """
    mode = "ro" if read_only else "rwc"
    try:
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=2.0
        )
        connection.execute("PRAGMA user_version")
    except sqlite3.Error as exc:
        raise JournalError(path=str(path)) from exc
    return connection


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's number.

    Raises:
        JournalNewerError: written by a newer hostdesk.
        JournalError: not a database.
    """
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as exc:
        raise JournalError(path=str(path)) from exc
    if version > VERSION:
        raise JournalNewerError(path=str(path), version=version)
    return version


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Run the steps that this file lacks; a file with shows in it is copied first."""
    version = version_of(connection, path)
    if 0 < version < VERSION:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(path, path.with_suffix(f".v{version}"))
    for number in range(version, VERSION):
        STEPS[number](connection)
        connection.execute(f"PRAGMA user_version = {number + 1}")
