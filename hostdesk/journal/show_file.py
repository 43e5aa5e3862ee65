"""The journal of one show while it is written: rows in memory, one transaction a commit."""

import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from hostdesk.commands import AnyCommand
from hostdesk.errors import DiskFullError, EngineRunningError
from hostdesk.events import AnyEvent, Comment, ShowOpened
from hostdesk.findings import Derived, Verdict
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.schema import bring_up_to_date, connect

MAX_HELD = 200_000
"""Rows kept in memory while the disk is full; beyond that the oldest comments are given up."""
KEPT_CHECKPOINTS = 2

_ENCODER = msgspec.json.Encoder()
_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_Row = tuple[Any, ...]


class ShowJournal:
    """Writes one show. Fits `hostdesk.ports.Journal`; `create` or `open` makes one."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: FileLock) -> None:
        self.path = path
        self.given_up = 0
        """Comments that were lost because the disk stayed full."""
        self._connection, self._lock = connection, lock
        self._events: list[_Row] = []
        self._derived: list[_Row] = []
        self._commands: list[_Row] = []
        self._checkpoint: _Row | None = None
        self._reader: ShowReader | None = None
        self.last_seq: int = connection.execute("SELECT max(seq) FROM events").fetchone()[0] or 0

    @classmethod
    def create(cls, path: Path, opened: ShowOpened) -> "ShowJournal":
        """A new show file. The event itself is appended by the engine.

        Raises:
            JournalError: the file cannot be made.
            DiskFullError: there is no room for it.
        """
        journal = cls.open(path)
        meta = {"show_id": opened.show_id, "title": opened.title, "opened_ms": str(opened.at_ms),
                "rehearsal": str(int(opened.rehearsal)), "version": opened.version}  # fmt: skip
        journal._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items()))
        return journal

    @classmethod
    def open(cls, path: Path) -> "ShowJournal":
        """Go on with a show file (or start an empty one).

        Raises:
            EngineRunningError: another process writes it.
            JournalNewerError, JournalError: it cannot be used.
        """
        lock = FileLock(path.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout as exc:
            raise EngineRunningError(pid=0) from exc
        connection = connect(path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        bring_up_to_date(connection, path)
        return cls(path, connection, lock)

    def append(self, events: Sequence[AnyEvent], judged: int | None) -> int:
        """Keep events for the next commit; returns the number of the first."""
        first = self.last_seq + 1
        for event in events:
            self.last_seq += 1
            kind = event.__struct_config__.tag
            self._events.append((self.last_seq, event.at_ms, kind, judged, _ENCODER.encode(event)))
        if len(self._events) > MAX_HELD:
            self._give_up()
        return first

    def derive(self, derived: Sequence[tuple[int, Derived]], model: str) -> None:
        """Keep verdicts and findings for the next commit."""
        self._derived.extend(
            (seq, each.__struct_config__.tag, model, _ENCODER.encode(each)) for seq, each in derived
        )

    def issue(self, after_seq: int, commands: Sequence[AnyCommand]) -> None:
        """Keep commands; the engine commits before they leave."""
        self._commands.extend((after_seq, _ENCODER.encode(command)) for command in commands)

    def checkpoint(self, seq: int, state: bytes) -> None:
        """Keep the desk's state for the next commit."""
        self._checkpoint = (seq, state)

    def forget_derived(self, after_seq: int) -> None:
        """On a restart: what was concluded after the checkpoint is concluded anew."""
        self._connection.execute("DELETE FROM derived WHERE seq > ?", (after_seq,))

    def commit(self) -> None:
        """Write everything kept, in one transaction.

        Raises:
            DiskFullError: nothing was written; it is kept and tried again next time.
        """
        if not (self._events or self._derived or self._commands or self._checkpoint):
            return
        try:
            self._transaction()
        except (sqlite3.Error, OSError) as exc:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            if _is_full(exc):
                raise DiskFullError(path=str(self.path)) from exc
            raise
        self._events, self._derived, self._commands = [], [], []
        self._checkpoint = None

    def read(self, from_seq: int, limit: int) -> list[tuple[int, int | None, AnyEvent]]:
        """Committed events from ``from_seq`` on."""
        return list(self._read().events(from_seq, limit=limit))

    def page(self, from_seq: int, until_seq: int) -> list[tuple[int, AnyEvent, Verdict | None]]:
        """Committed events of a range, each with its verdict."""
        return self._read().page(from_seq, until_seq)

    def close(self) -> None:
        """Commit if that is possible, and let go of the file."""
        try:
            self.commit()
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            if self._reader is not None:
                self._reader.close()
            self._connection.close()
            self._lock.release()
            self.path.with_suffix(".lock").unlink(missing_ok=True)

    def _read(self) -> ShowReader:
        if self._reader is None:
            self._reader = ShowReader(self.path)
        return self._reader

    def _transaction(self) -> None:
        run = self._connection
        run.execute("BEGIN")
        run.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", self._events)
        run.executemany(
            "INSERT INTO derived (seq, kind, model, body) VALUES (?, ?, ?, ?)", self._derived
        )
        run.executemany("INSERT INTO commands (after_seq, body) VALUES (?, ?)", self._commands)
        if self._checkpoint is not None:
            run.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", self._checkpoint)
            run.execute(
                "DELETE FROM checkpoints WHERE seq NOT IN"
                " (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)",
                (KEPT_CHECKPOINTS,),
            )
        run.execute("COMMIT")

    def _write(self, sql: str, rows: Sequence[_Row]) -> None:
        try:
            self._connection.executemany(sql, rows)
        except sqlite3.Error as exc:
            if _is_full(exc):
                raise DiskFullError(path=str(self.path)) from exc
            raise

    def _give_up(self) -> None:
        """The disk is still full: what people asked is kept, the oldest comments are not."""
        tag = Comment.__struct_config__.tag
        for number, row in enumerate(self._events):
            if row[2] == tag:
                del self._events[number]
                self.given_up += 1
                return


def _is_full(exc: BaseException) -> bool:
    if isinstance(exc, sqlite3.Error):
        return (getattr(exc, "sqlite_errorcode", 0) & 0xFF) in _FULL
    return isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT)
