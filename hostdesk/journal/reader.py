"""Reading a show file, also while it is being written."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from hostdesk.commands import AnyCommand
from hostdesk.errors import JournalError
from hostdesk.events import AnyEvent, ShowOpened, SourceState
from hostdesk.findings import Derived, Verdict
from hostdesk.journal.schema import connect, version_of

_EVENT = msgspec.json.Decoder(AnyEvent)
_DERIVED = msgspec.json.Decoder(Derived)
_COMMAND = msgspec.json.Decoder(AnyCommand)
CHUNK = 2_000
COMMENTS = "comments"
"""Key in ``meta``: "seq:count", how many comments there are up to an event."""

T = TypeVar("T")


class ShowReader:
    """One show file, read only. Use it with ``with``.

    Raises:
        JournalError: not a show file; JournalNewerError: written by a newer hostdesk.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise JournalError(path=str(path))
        self.path = path
        self._connection = connect(path, read_only=True)
        try:
            self._check()
        except JournalError:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def opened(self) -> ShowOpened:
        """The first event of the show.

        Raises:
            JournalError: the show never began.
        """
        row = self._one("SELECT body FROM events WHERE kind = 'show_opened' ORDER BY seq LIMIT 1")
        event = self._decoded(_EVENT, row[0]) if row else None
        if not isinstance(event, ShowOpened):
            raise JournalError(path=str(self.path))
        return event

    def events(
        self, from_seq: int = 1, limit: int | None = None
    ) -> Iterator[tuple[int, int | None, AnyEvent]]:
        """(seq, judged, event) in order, in constant memory."""
        left = limit if limit is not None else 1 << 62
        while left > 0:
            rows = self._all(
                "SELECT seq, judged, body FROM events WHERE seq >= ? ORDER BY seq LIMIT ?",
                (from_seq, min(CHUNK, left)),
            )
            for seq, judged, body in rows:
                yield seq, judged, self._decoded(_EVENT, body)
            if len(rows) < min(CHUNK, left):
                return
            left -= len(rows)
            from_seq = rows[-1][0] + 1

    def handled(self) -> Iterator[tuple[int, AnyEvent]]:
        """(seq, event) in the order in which the desk took them, in constant memory.

        An urgent event was taken when judging had come as far as its ``judged`` says.
        """
        in_line = self._chain("judged IS NULL")
        waiting = next(in_line, None)
        for seq, judged, event in self._chain("judged IS NOT NULL"):
            while waiting is not None and waiting[0] <= judged:
                yield waiting[0], waiting[2]
                waiting = next(in_line, None)
            yield seq, event
        while waiting is not None:
            yield waiting[0], waiting[2]
            waiting = next(in_line, None)

    def derived(self, kind: str = "") -> Iterator[tuple[int, Derived]]:
        """(seq, verdict or finding) in order of judging; one kind only, if named."""
        last = 0
        while True:
            rows = self._all(
                "SELECT id, seq, body FROM derived WHERE id > ? AND (? = '' OR kind = ?)"
                " ORDER BY id LIMIT ?",
                (last, kind, kind, CHUNK),
            )
            for _, seq, body in rows:
                yield seq, self._decoded(_DERIVED, body)
            if not rows:
                return
            last = rows[-1][0]

    def commands(self) -> list[tuple[int, AnyCommand]]:
        """(after_seq, command) as they were issued."""
        rows = self._all("SELECT after_seq, body FROM commands ORDER BY id")
        return [(after_seq, self._decoded(_COMMAND, body)) for after_seq, body in rows]

    def page(self, from_seq: int, until_seq: int) -> list[tuple[int, AnyEvent, Verdict | None]]:
        """Events of a range, each with its verdict."""
        bounds = (from_seq, until_seq)
        verdicts = {
            seq: verdict
            for seq, body in self._all(
                "SELECT seq, body FROM derived WHERE seq BETWEEN ? AND ? AND kind = 'verdict'",
                bounds,
            )
            if isinstance(verdict := self._decoded(_DERIVED, body), Verdict)
        }
        rows = self._all(
            "SELECT seq, body FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", bounds
        )
        return [(seq, self._decoded(_EVENT, body), verdicts.get(seq)) for seq, body in rows]

    def last_checkpoint(self) -> tuple[int, bytes] | None:
        """(seq, state) of the newest checkpoint."""
        row = self._one("SELECT seq, state FROM checkpoints ORDER BY seq DESC LIMIT 1")
        return (row[0], row[1]) if row else None

    def is_closed(self) -> bool:
        """Whether the show came to its end."""
        sql = "SELECT 1 FROM events WHERE kind = 'show_closed' AND judged IS NOT NULL LIMIT 1"
        return self._one(sql) is not None

    def has_source_ended(self) -> bool:
        """Whether a source came to its end."""
        rows = self._all("SELECT body FROM events WHERE kind = 'source_state'")
        states = (self._decoded(_EVENT, body) for (body,) in rows)
        return any(isinstance(each, SourceState) and each.state == "ended" for each in states)

    def last_at_ms(self) -> int:
        """Time of the last event; 0 in an empty file."""
        row = self._one("SELECT at_ms FROM events ORDER BY seq DESC LIMIT 1")
        return int(row[0]) if row else 0

    def count(self, kind: str = "comment") -> int:
        """How many events of a kind there are."""
        counted, known = self._counted() if kind == "comment" else (0, 0)
        row = self._one("SELECT count(*) FROM events WHERE kind = ? AND seq > ?", (kind, counted))
        return known + (int(row[0]) if row else 0)

    def count_played(self) -> int:
        """How many events came from a recording that is being played."""
        row = self._one(
            "SELECT count(*) FROM events WHERE kind IN ('comment', 'gift', 'member', 'join',"
            " 'like', 'host_said', 'stream', 'health', 'gap')"
        )
        return int(row[0]) if row else 0

    def meta(self) -> dict[str, str]:
        """What was noted when the file was made."""
        return dict(self._all("SELECT key, value FROM meta"))

    def _counted(self) -> tuple[int, int]:
        """Up to which event the writer counted comments, and how many there were."""
        row = self._one("SELECT value FROM meta WHERE key = ?", (COMMENTS,))
        seq, _, count = (row[0] if row else "0:0").partition(":")
        return int(seq), int(count)

    def _chain(self, where: str) -> Iterator[tuple[int, int, AnyEvent]]:
        last = 0
        while rows := self._all(
            f"SELECT seq, judged, body FROM events WHERE {where} AND seq > ? ORDER BY seq LIMIT ?",
            (last, CHUNK),
        ):
            for seq, judged, body in rows:
                yield seq, judged, self._decoded(_EVENT, body)
            last = rows[-1][0]

    def _decoded(self, decoder: msgspec.json.Decoder[T], body: bytes) -> T:
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise JournalError(path=str(self.path)) from exc

    def _check(self) -> None:
        if version_of(self._connection, self.path) == 0:
            raise JournalError(path=str(self.path))

    def _one(self, sql: str, params: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
        rows = self._all(sql, params)
        return rows[0] if rows else None

    def _all(self, sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql, params).fetchall()
        except sqlite3.Error as exc:
            raise JournalError(path=str(self.path)) from exc
