"""The tables of a show file, and how older ones are brought up to date.

``PRAGMA user_version`` is the schema's number. A newer one is refused with words.
"""

import shutil
import sqlite3
from pathlib import Path

from hostdesk.errors import JournalError, JournalNewerError

VERSION = 1

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, judged INTEGER,
  body BLOB NOT NULL
);
CREATE INDEX urgent_events ON events (kind, seq) WHERE judged IS NOT NULL;
CREATE TABLE derived (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, kind TEXT NOT NULL, model TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX derived_by_seq ON derived (seq);
CREATE TABLE commands (id INTEGER PRIMARY KEY, after_seq INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE checkpoints (seq INTEGER PRIMARY KEY, state BLOB NOT NULL);
"""

STEPS: tuple[str, ...] = (_FIRST,)
"""Script n brings a file from version n to n + 1."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open a SQLite file of ours.

    Raises:
        JournalError: it is not one, or cannot be opened.
    """
    mode = "mode=ro" if read_only else "mode=rwc"
    try:
        return _opened(path, mode)
    except sqlite3.Error as exc:
        if not read_only or _wal(path).exists():
            raise JournalError(path=str(path)) from exc
    try:
        return _opened(path, "mode=ro&immutable=1")  # a folder that we may not write: no -shm there
    except sqlite3.Error as exc:
        raise JournalError(path=str(path)) from exc


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema's number; 0 for an empty file.

    Raises:
        JournalNewerError: written by a newer hostdesk.
        JournalError: not a database, or one of another program.
    """
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    except sqlite3.Error as exc:
        raise JournalError(path=str(path)) from exc
    if version > VERSION:
        raise JournalNewerError(path=str(path), version=version)
    if names and (version == 0 or "events" not in names):
        raise JournalError(path=str(path))
    return version


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Run the steps that this file lacks, each in one transaction; an old file is copied first.

    Raises:
        JournalNewerError, JournalError: as `version_of`.
        sqlite3.Error, OSError: it cannot be written.
    """
    version = version_of(connection, path)
    if 0 < version < VERSION:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(path, path.with_suffix(f".v{version}"))
    for number in range(version, VERSION):
        step = f"BEGIN IMMEDIATE;{STEPS[number]};PRAGMA user_version = {number + 1};COMMIT;"
        connection.executescript(step)


def _opened(path: Path, how: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None, timeout=2.0
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _wal(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")
