"""The journal of one show while it is written: rows in memory, one transaction a commit."""

import contextlib
import errno
import itertools
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from hostdesk.commands import AnyCommand
from hostdesk.errors import DiskFullError, EngineRunningError, JournalError
from hostdesk.events import AnyEvent, Comment, ShowOpened
from hostdesk.findings import Derived, Verdict
from hostdesk.journal.inserting import MAYBE, NOTHING, PLACE, insert
from hostdesk.journal.reader import COMMENTS, ShowReader
from hostdesk.journal.schema import bring_up_to_date, connect

log = logging.getLogger("hostdesk.journal")

MAX_HELD = 200_000
"""Rows kept in memory while the disk is full; beyond that the oldest comments are given up."""
KEPT_CHECKPOINTS = 2
SLICE, PROBE = 20_000, 200
"""Rows of one transaction; after a failure first a few, so that trying again costs little."""
BUSY_MS = 100
"""How long a commit waits for another program that locks the file."""

_ENCODER = msgspec.json.Encoder()
_EVENT = msgspec.json.Decoder(AnyEvent)
_COMMENT = Comment.__struct_config__.tag
_EVENT_PLACES = (PLACE, PLACE, PLACE, MAYBE, PLACE)
_DERIVED, _COMMANDS = "derived (seq, kind, model, body)", "commands (after_seq, body)"
_OURS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError)
"""Errors of SQLite that only a mistake of ours brings about."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
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
        self._failed = False
        self._reader = ShowReader(path)
        self._comments = self._reader.count()
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
        try:
            with _telling(path):
                journal._connection.executemany(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", list(meta.items())
                )
        except JournalError:
            journal.close()
            raise
        return journal

    @classmethod
    def open(cls, path: Path) -> "ShowJournal":
        """Go on with a show file (or start an empty one).

        Raises:
            EngineRunningError: another process writes it.
            JournalNewerError, JournalError: it cannot be used.
            DiskFullError: there is no room to begin.
        """
        lock = _locked(path)
        try:
            return cls(path, _prepared(path), lock)
        except BaseException:
            _unlock(lock)
            raise

    def append(self, events: Sequence[AnyEvent], judged: int | None) -> int:
        """Keep events for the next commit; returns the number of the first."""
        first = self.last_seq + 1
        until = NOTHING if judged is None else judged
        for event in events:
            self.last_seq += 1
            kind = event.__struct_config__.tag
            self._events.append((self.last_seq, event.at_ms, kind, until, _body(event)))
        if len(self._events) > MAX_HELD:
            self._give_up()
        return first

    def derive(self, derived: Sequence[tuple[int, Derived]], model: str) -> None:
        """Keep verdicts and findings for the next commit."""
        self._derived.extend(
            (seq, each.__struct_config__.tag, model, _body(each)) for seq, each in derived
        )
        del self._derived[: max(0, len(self._derived) - MAX_HELD)]

    def issue(self, after_seq: int, commands: Sequence[AnyCommand]) -> None:
        """Keep commands; the engine commits before they leave."""
        self._commands.extend((after_seq, _body(command)) for command in commands)

    def checkpoint(self, seq: int, state: bytes) -> None:
        """Keep the desk's state for the next commit."""
        self._checkpoint = (seq, state)

    def forget_derived(self, after_seq: int) -> None:
        """On a restart: what was concluded after the checkpoint is concluded anew.

        Raises:
            DiskFullError: it cannot be written.
        """
        with _telling(self.path):
            self._connection.execute("DELETE FROM derived WHERE seq > ?", (after_seq,))

    def commit(self) -> None:
        """Write everything kept: events before what follows from them, then the checkpoint.

        Raises:
            DiskFullError: some or all is still kept in memory, and tried again next time.
        """
        while self._events or self._derived or self._commands or self._checkpoint:
            try:
                with _telling(self.path, damaged_too=True):
                    self._transaction(PROBE if self._failed else SLICE)
            except BaseException:
                self._failed = True
                if self._connection.in_transaction:
                    with contextlib.suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")
                raise
            self._failed = False

    def read(self, from_seq: int, limit: int) -> list[tuple[int, int | None, AnyEvent]]:
        """Events from ``from_seq`` on, also those that the disk had no room for."""
        rows = list(self._reader.events(from_seq, limit=limit))
        held = itertools.islice(self._held(from_seq), limit - len(rows))
        return rows + [(seq, judged, event) for seq, judged, event in held]

    def page(self, from_seq: int, until_seq: int) -> list[tuple[int, AnyEvent, Verdict | None]]:
        """Events of a range, each with its verdict."""
        rows = self._reader.page(from_seq, until_seq)
        held = itertools.takewhile(lambda row: row[0] <= until_seq, self._held(from_seq))
        return rows + [(seq, event, None) for seq, _, event in held]

    def close(self) -> None:
        """Commit if that is possible, and let go: what is left is one file."""
        try:
            self.commit()
            self._connection.execute(*self._counted())
        except (JournalError, sqlite3.Error) as exc:
            log.warning("closed with %d events not kept: %s", len(self._events), exc)
        finally:
            self._reader.close()
            with contextlib.suppress(sqlite3.Error):  # somebody else reads it: the WAL stays
                self._connection.execute("PRAGMA journal_mode = DELETE")
            self._connection.close()
            _unlock(self._lock)

    def _transaction(self, size: int) -> None:
        """One transaction of at most ``size`` rows of each kind; what was written is forgotten."""
        events, derived, commands, checkpoint = self._events[:size], [], [], None
        if len(events) == len(self._events):
            derived, commands = self._derived[:size], self._commands
            is_all = len(derived) == len(self._derived)
            checkpoint = self._checkpoint if is_all else None
        comments = sum(row[2] == _COMMENT for row in events)
        run = self._connection
        run.execute("BEGIN")
        insert(run, "events", _EVENT_PLACES, events)
        insert(run, _DERIVED, (PLACE,) * 4, derived)
        insert(run, _COMMANDS, (PLACE,) * 2, commands)
        if checkpoint is not None:
            self._write_checkpoint(checkpoint)
        run.execute("COMMIT")
        self._comments += comments
        del self._events[: len(events)], self._derived[: len(derived)]
        del self._commands[: len(commands)]
        if checkpoint is not None:
            self._checkpoint = None

    def _write_checkpoint(self, checkpoint: _Row) -> None:
        run = self._connection
        run.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?)", checkpoint)
        run.execute(
            "DELETE FROM checkpoints WHERE seq NOT IN"
            " (SELECT seq FROM checkpoints ORDER BY seq DESC LIMIT ?)",
            (KEPT_CHECKPOINTS,),
        )

    def _counted(self) -> tuple[str, _Row]:
        """Notes how many comments there are, so that nobody has to count them again."""
        counted = f"{self.last_seq}:{self._comments}"
        return "INSERT OR REPLACE INTO meta VALUES (?, ?)", (COMMENTS, counted)

    def _held(self, from_seq: int) -> Iterator[tuple[int, int | None, AnyEvent]]:
        for seq, _, _, judged, body in self._events:
            if seq >= from_seq:
                yield seq, None if judged == NOTHING else judged, _EVENT.decode(body)

    def _give_up(self) -> None:
        """The disk is still full: what people asked is kept, the oldest comments are not."""
        over = len(self._events) - MAX_HELD
        kept: list[_Row] = []
        for number, row in enumerate(self._events):
            if over == 0:
                self._events[:number] = kept
                return
            if row[2] == _COMMENT:
                over -= 1
                self.given_up += 1
            else:
                kept.append(row)
        self._events[:] = kept


def _body(of: AnyEvent | Derived | AnyCommand) -> bytearray:
    return bytearray(_ENCODER.encode(of))


def _locked(path: Path) -> FileLock:
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        raise EngineRunningError(pid=0) from exc
    except OSError as exc:
        raise _named(exc, path) from exc
    return lock


def _unlock(lock: FileLock) -> None:
    with contextlib.suppress(OSError):  # Windows keeps a file that is open; it is empty
        Path(lock.lock_file).unlink(missing_ok=True)  # while it is ours: nobody can hold it then
    lock.release()


def _prepared(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    try:
        with _telling(path):
            bring_up_to_date(connection, path)  # before anything is changed: it may not be ours
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _telling(path: Path, *, damaged_too: bool = False) -> Iterator[None]:
    """What the disk does not let us do, as an error with words; mistakes of ours as they are.

    ``damaged_too``: a damaged file counts as full as well, so that the show goes on.
    """
    try:
        yield
    except _OURS:
        raise
    except (sqlite3.Error, OSError) as exc:
        raise DiskFullError(path=str(path)) if damaged_too else _named(exc, path) from exc


def _named(exc: sqlite3.Error | OSError, path: Path) -> JournalError:
    if isinstance(exc, OSError):
        is_full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
    else:
        is_full = getattr(exc, "sqlite_errorcode", 0) & 0xFF not in _DAMAGED
    return DiskFullError(path=str(path)) if is_full else JournalError(path=str(path))
