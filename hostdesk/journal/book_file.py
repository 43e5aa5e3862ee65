"""The tables of ``book.db``, and how an older book is brought up to date."""

import contextlib
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hostdesk.errors import DiskFullError, JournalError, JournalNewerError

if TYPE_CHECKING:
    from sqlite_utils import Database

SET = "hostdesk.book"
STEPS = ("001_first",)
"""Names of the migrations, in order: a book that knows another one is newer than we are."""
WAIT_S = 20.0
"""Another worker writes: a big show takes a few seconds."""
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The book to read from; None where there is none yet.

    Raises:
        JournalNewerError, JournalError: it cannot be used.
    """
    if not path.is_file():
        yield None
        return
    with _telling(path):
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        with contextlib.closing(connection):
            connection.row_factory = sqlite3.Row
            yield connection if _applied(connection, path) else None


@contextlib.contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """The book to write to, in one transaction: all of it is kept, or nothing.

    Raises:
        JournalNewerError, JournalError, DiskFullError: it cannot be used.
    """
    with _telling(path):
        connection = sqlite3.connect(path, isolation_level=None, timeout=WAIT_S)
        with contextlib.closing(connection):
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            _bring_up_to_date(connection, path)
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _applied(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Which steps the book has seen.

    Raises:
        JournalNewerError: one that we do not know.
        JournalError: it is no book.
    """
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if "_sqlite_migrations" not in names:
        if names:
            raise JournalError(path=str(path))
        return []
    sql = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
    applied = [row[0] for row in connection.execute(sql, (SET,))]
    if unknown := [name for name in applied if name not in STEPS]:
        raise JournalNewerError(path=str(path), version=unknown[-1])
    return applied


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    applied = _applied(connection, path)
    if len(applied) == len(STEPS):
        return
    if applied:
        copy = path.with_name(f"{path.stem}.{applied[-1]}{path.suffix}")
        with contextlib.closing(sqlite3.connect(copy)) as target:
            connection.backup(target)
    from sqlite_utils import Database, Migrations  # 270 ms: only where a book is made or changed

    migrations = Migrations(SET)
    migrations(name=STEPS[0])(_first)
    migrations.apply(Database(connection))


def _first(db: "Database") -> None:
    text, number = str, int
    db.table("meta").create({"key": text, "value": text}, pk="key")
    db.table("shows").create(
        {
            "show_id": text, "title": text, "platform": text, "opened_ms": number,
            "closed_ms": number, "why": text, "last_seq": number, "comments": number,
            "people": number, "labels": text, "findings": text,
        },
        pk="show_id",
    )  # fmt: skip
    db.table("promises").create(
        {
            "promise_id": text, "show_id": text, "text": text, "said_ms": number,
            "due_ms": number, "state": text, "settled_ms": number, "reason": text,
        },
        pk="promise_id",
    )  # fmt: skip
    records: Any = db.table("records")
    records.create(
        {
            "number": number, "show_id": text, "key": text, "at_ms": number, "kind": text,
            "what": text, "prev_hash": text, "hash": text,
        },
        pk="number",
    )  # fmt: skip
    records.create_index(["show_id", "key"], unique=True)
    db.table("visits").create(
        {"show_id": text, "viewer": text, "comments": number, "complaints": number},
        pk=("show_id", "viewer"),
    )
    db.table("room_layers").create({"room": text, "layer": text, "changed_ms": number}, pk="room")
    db.create_view(
        "viewers",
        "SELECT viewer, count(*) AS visits, sum(complaints) AS complaints FROM visits"
        " GROUP BY viewer",
    )
    db.table("meta").insert({"key": "viewer_key", "value": secrets.token_hex(32)})


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.DatabaseError as exc:
        if getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in _BROKEN:
            raise JournalError(path=str(path)) from exc
        if isinstance(exc, sqlite3.OperationalError) and "no such" not in str(exc):
            raise DiskFullError(path=str(path)) from exc
        raise JournalError(path=str(path)) from exc
