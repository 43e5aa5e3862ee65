"""``book.db``: what outlives the shows. Promises, records, summaries, what a room taught us.

``python -m hostdesk.journal.book DATA SHOW_FILE`` takes a show into the book of a data folder.
"""

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec

from hostdesk.content.counsel import load_counsel
from hostdesk.errors import HostdeskError
from hostdesk.events import OpenPromise
from hostdesk.journal.account import Account, Record, account_of
from hostdesk.journal.book_file import reading, writing
from hostdesk.journal.reader import ShowReader

FILE = "book.db"
MAX_PROMISES = 200
MAX_LEARNED = 500
NOT_FLAGGED = "not_flagged"
"""Key of the learned layer, as `hostdesk.analysis.pipeline` reads it."""

_FIRST_HASH = "0" * 64
_HEAD = "records_head"


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Where the chain of records does not hold."""

    number: int
    """Of the record; the one after the last, where the end is missing."""
    what: Literal["changed", "missing", "link", "end"]
    """Its own words differ; it is not there; it does not follow from the one before; the
    chain ends elsewhere than noted."""


class Book:
    """The book of one data folder. Nothing is opened before it is needed."""

    def __init__(self, data: Path) -> None:
        self.path = data / FILE

    def record_show(self, show: Path) -> bool:
        """Take a show into the book, or what is new of it; True where there was anything new.

        Doing it again changes nothing. A rehearsal is left out.

        Raises:
            JournalError: the show or the book cannot be used (DiskFullError, JournalNewerError).
        """
        with ShowReader(show) as reader:
            if reader.opened().rehearsal:
                return False
            account = account_of(reader, load_counsel())
        with writing(self.path) as book:
            if _known_until(book, account.opened.show_id) >= account.last_seq:
                return False
            _write(book, account)
        return True

    def verify(self) -> list[Problem]:
        """Check every record against the one before it; empty where all holds.

        Raises:
            JournalError: the book cannot be read.
        """
        with reading(self.path) as book:
            return list(_problems(book)) if book is not None else []

    def open_promises(self) -> tuple[OpenPromise, ...]:
        """Promises that nobody has settled yet, the one that is due first in front.

        Raises:
            JournalError: the book cannot be read.
        """
        sql = (
            "SELECT promise_id, text, due_ms FROM promises WHERE state = 'open'"
            " ORDER BY due_ms LIMIT ?"
        )
        with reading(self.path) as book:
            rows = book.execute(sql, (MAX_PROMISES,)).fetchall() if book is not None else []
        return tuple(OpenPromise(promise_id=row[0], text=row[1], due_ms=row[2]) for row in rows)

    def learned(self, room: str) -> dict[str, Any]:
        """What this room (a platform) taught us, for `ShowOpened`.

        Raises:
            JournalError: the book cannot be read.
        """
        with reading(self.path) as book:
            return _layer(book, room) if book is not None else {}

    def shows(self) -> list[dict[str, Any]]:
        """Summaries of all shows, oldest first.

        Raises:
            JournalError: the book cannot be read.
        """
        with reading(self.path) as book:
            if book is None:
                return []
            rows = book.execute("SELECT * FROM shows ORDER BY opened_ms, show_id").fetchall()
        packed = ("labels", "findings")
        return [
            {key: json.loads(row[key]) if key in packed else row[key] for key in row.keys()}  # noqa: SIM118  (a Row iterates its values)
            for row in rows
        ]

    def returning(self, platform: str, author_id: str) -> tuple[int, int]:
        """How many shows a viewer spoke in, and how often they complained.

        Raises:
            JournalError: the book cannot be read.
        """
        with reading(self.path) as book:
            if book is None:
                return 0, 0
            viewer = _pseudonym(_viewer_key(book), platform, author_id)
            sql = "SELECT visits, complaints FROM viewers WHERE viewer = ?"
            row = book.execute(sql, (viewer,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)


def record(data_folder: str, show_path: str) -> None:
    """Take a show into the book: for a worker process.

    Raises:
        JournalError: the show or the book cannot be used.
    """
    Book(Path(data_folder)).record_show(Path(show_path))


def main(argv: list[str]) -> int:
    """``DATA SHOW_FILE``; 0 when it is in the book, 2 with the error's code when it cannot be."""
    try:
        record(*argv)
    except HostdeskError as exc:
        print(f"{exc.code}\t{exc.params}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _known_until(book: sqlite3.Connection, show_id: str) -> int:
    row = book.execute("SELECT last_seq FROM shows WHERE show_id = ?", (show_id,)).fetchone()
    return int(row[0]) if row else 0


def _write(book: sqlite3.Connection, account: Account) -> None:
    show_id = account.opened.show_id
    _write_summary(book, account)
    _chain(book, show_id, account.records)
    _write_promises(book, account)
    key = _viewer_key(book)
    book.executemany(
        "INSERT OR REPLACE INTO visits (show_id, viewer, comments, complaints) VALUES (?, ?, ?, ?)",
        (
            (show_id, _pseudonym(key, *who), visit.comments, visit.complaints)
            for who, visit in account.visits.items()
        ),
    )
    _learn(book, account)


def _write_summary(book: sqlite3.Connection, account: Account) -> None:
    opened = account.opened
    told = {
        "show_id": opened.show_id, "title": opened.title, "platform": opened.platform,
        "opened_ms": opened.at_ms, "closed_ms": account.closed_ms, "why": account.why,
        "last_seq": account.last_seq, "comments": account.comments,
        "people": len(account.visits), "labels": _canonical(account.labels),
        "findings": _canonical(account.findings),
    }  # fmt: skip
    columns, marks = ", ".join(told), ", ".join("?" * len(told))
    book.execute(f"INSERT OR REPLACE INTO shows ({columns}) VALUES ({marks})", tuple(told.values()))


def _chain(book: sqlite3.Connection, show_id: str, records: list[Record]) -> None:
    """Append what is not in the chain yet."""
    sql = "SELECT key FROM records WHERE show_id = ?"
    known = {row[0] for row in book.execute(sql, (show_id,))}
    number, head = _head(book)
    for each in records:
        if each.key in known:
            continue
        number += 1
        row = (number, show_id, each.key, each.at_ms, each.kind, _canonical(each.what))
        prev_hash, head = head, _hash_of(head, row)
        book.execute(
            "INSERT INTO records (number, show_id, key, at_ms, kind, what, prev_hash, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, prev_hash, head),
        )
    sql = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
    book.execute(sql, (_HEAD, f"{number}:{head}"))


def _head(book: sqlite3.Connection) -> tuple[int, str]:
    row = book.execute("SELECT value FROM meta WHERE key = ?", (_HEAD,)).fetchone()
    number, _, head = (str(row[0]) if row else f"0:{_FIRST_HASH}").partition(":")
    return (int(number) if number.isascii() and number.isdigit() else -1), head


def _hash_of(prev_hash: str, row: tuple[Any, ...]) -> str:
    return hashlib.sha256(f"{prev_hash}\n{_canonical(row)}".encode()).hexdigest()


def _problems(book: sqlite3.Connection) -> Iterator[Problem]:
    expected, prev_hash = 1, _FIRST_HASH
    sql = "SELECT number, show_id, key, at_ms, kind, what, prev_hash, hash FROM records"
    for row in book.execute(f"{sql} ORDER BY number"):
        number, own_prev, own_hash = row["number"], row["prev_hash"], row["hash"]
        for missing in range(expected, min(number, expected + 100)):
            yield Problem(number=missing, what="missing")
        if own_prev != prev_hash and number == expected:
            yield Problem(number=number, what="link")
        if own_hash != _hash_of(str(own_prev), tuple(row)[:6]):
            yield Problem(number=number, what="changed")
        expected, prev_hash = number + 1, own_hash
    if _head(book) != (expected - 1, prev_hash):
        yield Problem(number=expected, what="end")


def _write_promises(book: sqlite3.Connection, account: Account) -> None:
    for said_ms, promise in account.said.values():
        book.execute(
            "INSERT OR IGNORE INTO promises (promise_id, show_id, text, said_ms, due_ms, state,"
            " reason) VALUES (?, ?, ?, ?, ?, 'open', '')",
            (promise.promise_id, account.opened.show_id, promise.text, said_ms, promise.due_ms),
        )
    for promise_id, (at_ms, how, reason) in account.settled.items():
        book.execute(
            "UPDATE promises SET state = ?, settled_ms = ?, reason = ?"
            " WHERE promise_id = ? AND state = 'open'",
            (how, at_ms, reason, promise_id),
        )


def _learn(book: sqlite3.Connection, account: Account) -> None:
    if not account.not_flagged:
        return
    room = account.opened.platform
    layer = _layer(book, room)
    texts = list(dict.fromkeys((*layer.get(NOT_FLAGGED, ()), *account.not_flagged)))
    layer[NOT_FLAGGED] = texts[-MAX_LEARNED:]
    book.execute(
        "INSERT OR REPLACE INTO room_layers (room, layer, changed_ms) VALUES (?, ?, ?)",
        (room, _canonical(layer), account.closed_ms or account.opened.at_ms),
    )


def _layer(book: sqlite3.Connection, room: str) -> dict[str, Any]:
    row = book.execute("SELECT layer FROM room_layers WHERE room = ?", (room,)).fetchone()
    layer = json.loads(row[0]) if row else {}
    return layer if isinstance(layer, dict) else {}


def _viewer_key(book: sqlite3.Connection) -> bytes:
    row = book.execute("SELECT value FROM meta WHERE key = 'viewer_key'").fetchone()
    return bytes.fromhex(row[0])


def _pseudonym(key: bytes, platform: str, author_id: str) -> str:
    who = f"{platform}\0{author_id}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(who, key=key, digest_size=16).hexdigest()


def _canonical(value: Any) -> str:
    """JSON in which the same content has the same bytes."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=repr
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
