import json
import sqlite3
import subprocess
import sys

import msgspec
import pytest

from hostdesk.commands import HideNotice, ShowNotice
from hostdesk.errors import DiskFullError, JournalError, JournalNewerError
from hostdesk.events import (
    CardRestored,
    CardSettled,
    CommandDone,
    CommandId,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    OpenPromise,
    PromiseSettled,
    ReplyUsed,
    ShowClosed,
    Stream,
)
from hostdesk.findings import Finding, Label, Lane, Verdict
from hostdesk.journal import book_file
from hostdesk.journal.book import Book
from hostdesk.journal.show_file import ShowJournal

from .conftest import START_MS, opened_as, said

ROOM = "douyin"


class Evening:
    """Writes a show as the engine would: all is judged before the next thing is asked."""

    def __init__(self, path, **opened):
        self.opened = opened_as(**opened)
        self.path = path
        self.journal = ShowJournal.create(path, self.opened)
        self.at_ms = self.opened.at_ms
        self.asked(self.opened)

    def _next(self, event):
        self.at_ms += 1_000
        if event is not self.opened:
            event = msgspec.structs.replace(event, at_ms=self.at_ms)
        return event

    def happened(self, event, *derived):
        seq = self.journal.append([self._next(event)], None)
        self.journal.derive([(seq, each(seq)) for each in derived], "model")
        return seq

    def asked(self, event, *commands):
        seq = self.journal.append([self._next(event)], self.journal.last_seq)
        self.journal.issue(seq, commands)

    def ended(self):
        self.asked(ShowClosed(at_ms=0, why="asked"))
        self.journal.close()
        return self.path


def judged(lane, *labels):
    return lambda seq: Verdict(seq=seq, lane=lane, labels=labels, topic="quality")


def a_raid(seq):
    return Finding(
        finding_id="raid-1", finding_kind="raid", at_ms=START_MS, since_ms=START_MS, authors=9,
        comments=12,
    )  # fmt: skip


def shown(number, kind="apology"):
    return ShowNotice(
        command_id=CommandId(f"command-{number}"), notice_id="notice-1", notice_kind=kind,
        text="21:40 前答复", locale="zh", platform=ROOM,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "shows").mkdir()
    return tmp_path


@pytest.fixture
def evening(folder):
    return Evening(folder / "shows" / "a.hostdesk", show_id="a")


@pytest.fixture
def book(folder):
    return Book(folder)


def records(book, kind):
    connection = sqlite3.connect(book.path)
    sql = "SELECT what FROM records WHERE kind = ? ORDER BY number"
    rows = [json.loads(row[0]) for row in connection.execute(sql, (kind,))]
    connection.close()
    return rows


def full_evening(evening):
    evening.happened(Stream(at_ms=0, state="started"))
    evening.happened(said("起球了", 1), judged(Lane.ANSWER, Label.COMPLAINT))
    evening.happened(said("垃圾主播", 2), judged(Lane.DISPOSE, Label.HOSTILE), a_raid)
    evening.asked(
        CardSettled(at_ms=0, card_id="dispose:hostile:quality#2", how="disposed", reason="辱骂")
    )
    evening.asked(NoticeAsked(at_ms=0, text="21:40 前答复", notice_kind="apology"), shown(1))
    evening.asked(CommandDone(at_ms=0, command_id=CommandId("command-1")))
    evening.asked(NoticeProof(at_ms=0, notice_id="notice-1", seen=True, reason="seen"))
    evening.asked(NoticeProof(at_ms=0, notice_id="notice-1", seen=True, reason="seen"))
    down = HideNotice(command_id=CommandId("command-2"), notice_id="notice-1")
    evening.asked(NoticeDownAsked(at_ms=0), down)
    evening.asked(CommandDone(at_ms=0, command_id=CommandId("command-2")))
    return evening.ended()


def test_a_notice_is_recorded_from_its_asking_to_its_taking_down(book, evening):
    assert book.record_show(full_evening(evening))
    phases = [row["phase"] for row in records(book, "notice")]
    assert phases == ["asked", "placed", "seen", "taken_down"]
    assert records(book, "notice")[0]["text"] == "21:40 前答复"


def test_a_notice_that_nobody_could_see_is_never_recorded_as_seen(book, evening):
    evening.asked(NoticeAsked(at_ms=0, text="稍等"), shown(1))
    evening.asked(CommandDone(at_ms=0, command_id=CommandId("command-1")))
    evening.asked(NoticeProof(at_ms=0, notice_id="notice-1", seen=True, reason="seen"))
    book.record_show(evening.ended())
    assert [row["phase"] for row in records(book, "notice")] == ["asked", "placed", "no_uplink"]


def test_a_refused_notice_is_no_record(book, evening):
    evening.asked(NoticeAsked(at_ms=0, text="  "))
    evening.asked(NoticeDownAsked(at_ms=0))
    book.record_show(evening.ended())
    assert records(book, "notice") == []


def test_a_correction_is_a_record_of_its_own(book, evening):
    asked = NoticeAsked(at_ms=0, text="面料是聚酯纤维", notice_kind="correction")
    evening.asked(asked, shown(1, "correction"))
    book.record_show(evening.ended())
    assert [row["text"] for row in records(book, "correction")] == ["面料是聚酯纤维"]
    assert records(book, "notice") == []


def test_a_disposal_keeps_its_reason_and_its_undoing(book, evening):
    evening.happened(said("垃圾主播", 2), judged(Lane.DISPOSE, Label.HOSTILE))
    card = "dispose:hostile:quality#1"
    evening.asked(CardSettled(at_ms=0, card_id=card, how="disposed", reason=""))
    evening.asked(CardSettled(at_ms=0, card_id=card, how="disposed", reason="辱骂"))
    evening.asked(CardRestored(at_ms=0, card_id=card))
    book.record_show(evening.ended())
    told = [(row["reason"], row["undone"]) for row in records(book, "disposal")]
    assert told == [("辱骂", False), ("", True)]


def test_promises_stay_open_across_shows_until_somebody_settles_them(book, folder, evening):
    evening.asked(ReplyUsed(at_ms=0, text="21:40 前给大家答复", way="teleprompter"))
    evening.asked(ReplyUsed(at_ms=0, text="22:00 上新", way="copied"))
    first = evening.ended()
    book.record_show(first)
    open_now = book.open_promises()
    assert [each.text for each in open_now] == ["21:40 前给大家答复", "22:00 上新"]
    later = Evening(
        folder / "shows" / "b.hostdesk", show_id="b", at_ms=START_MS + 86_400_000, promises=open_now
    )
    later.asked(PromiseSettled(at_ms=0, promise_id=open_now[0].promise_id, kept=True))
    book.record_show(later.ended())
    book.record_show(first)
    assert book.open_promises() == open_now[1:]
    assert [row["state"] for row in records(book, "promise")] == ["open", "open", "kept"]


def test_what_was_marked_as_wrongly_flagged_is_learned_for_this_room(book, evening):
    evening.happened(said("杀疯了", 1), judged(Lane.DISPOSE, Label.HOSTILE))
    card = "dispose:hostile:quality#1"
    evening.asked(CardSettled(at_ms=0, card_id=card, how="wrong_flag"))
    book.record_show(evening.ended())
    assert book.learned(ROOM) == {"not_flagged": ["杀疯了"]}
    assert book.learned("taobao") == {}


def test_recording_a_show_again_changes_nothing(book, evening):
    path = full_evening(evening)
    assert book.record_show(path)
    connection = sqlite3.connect(book.path)
    before = list(connection.iterdump())
    assert not book.record_show(path)
    connection.execute("UPDATE shows SET last_seq = 0")  # as if it had been cut off half way
    connection.commit()
    assert book.record_show(path)
    assert list(connection.iterdump()) == before
    connection.close()
    assert book.verify() == []


def test_a_show_that_went_on_adds_only_what_is_new(book, evening):
    evening.asked(ReplyUsed(at_ms=0, text="21:40 答复", way="copied"))
    evening.journal.commit()
    book.record_show(evening.path)
    evening.asked(ReplyUsed(at_ms=0, text="22:10 答复", way="copied"))
    book.record_show(evening.ended())
    assert [row["text"] for row in records(book, "promise")] == ["21:40 答复", "22:10 答复"]
    assert book.verify() == []


def test_a_rehearsal_never_enters(book, folder):
    rehearsal = Evening(folder / "shows" / "r.hostdesk", rehearsal=True)
    assert not book.record_show(full_evening(rehearsal))
    assert not book.path.exists()


def test_the_summary_counts_people_and_what_was_found(book, evening):
    book.record_show(full_evening(evening))
    (summary,) = book.shows()
    assert summary["comments"] == summary["people"] == 2
    assert summary["labels"] == {"complaint": 1, "hostile": 1}
    assert summary["findings"] == {"raid": 1}
    assert summary["why"] == "asked"


def test_a_viewer_who_comes_back_is_known_without_their_name(book, folder, evening):
    first = full_evening(evening)
    second = full_evening(Evening(folder / "shows" / "b.hostdesk", show_id="b"))
    for path in (first, second):
        book.record_show(path)
    assert book.returning(ROOM, "viewer-0001") == (2, 2)
    assert book.returning(ROOM, "viewer-0002") == (2, 0)
    assert book.returning(ROOM, "stranger") == (0, 0)
    kept = book.path.read_bytes()
    for secret in ("viewer-0001", "名字0001", "起球了"):
        assert secret.encode() not in kept


def test_an_empty_book_has_nothing_to_tell(book):
    assert book.open_promises() == ()
    assert book.learned(ROOM) == {}
    assert book.verify() == []
    assert book.shows() == []
    assert book.returning(ROOM, "x") == (0, 0)
    assert not book.path.exists()


# ------------------------------------------------------------------------------- the chain

LAST_TAKEN_OUT = "DELETE FROM records WHERE number = (SELECT max(number) FROM records)"
TAMPERING = [
    ("a show", "UPDATE records SET show_id = 'b' WHERE number = 2", 2),
    ("a time by one", "UPDATE records SET at_ms = at_ms + 1 WHERE number = 2", 2),
    ("a number that becomes a word", "UPDATE records SET kind = 1 WHERE number = 2", 2),
    ("a kind", "UPDATE records SET kind = 'promise' WHERE number = 2", 2),
    ("a key", "UPDATE records SET key = key || 'x' WHERE number = 2", 2),
    ("a space", "UPDATE records SET what = what || ' ' WHERE number = 2", 2),
    ("a hash", "UPDATE records SET hash = upper(hash) WHERE number = 2", 2),
    ("the hash before", "UPDATE records SET prev_hash = hash WHERE number = 2", 2),
    ("bytes for words", "UPDATE records SET what = CAST(what AS BLOB) WHERE number = 2", 2),
    ("nothing at all", "UPDATE records SET what = NULL WHERE number = 2", 2),
    ("one taken out", "DELETE FROM records WHERE number = 2", 2),
    ("the first taken out", "DELETE FROM records WHERE number = 1", 1),
    ("the last taken out", LAST_TAKEN_OUT, 0),
    ("all taken out", "DELETE FROM records", 1),
]  # fmt: skip


@pytest.mark.parametrize(("why", "sql", "number"), TAMPERING, ids=[row[0] for row in TAMPERING])
def test_the_chain_shows_what_was_tampered_with(book, evening, why, sql, number):
    book.record_show(full_evening(evening))
    assert book.verify() == []
    connection = sqlite3.connect(book.path)
    connection.execute(sql)
    connection.commit()
    connection.close()
    problems = book.verify()
    assert problems, why
    assert number in (0, problems[0].number)


def test_any_changed_character_of_a_record_is_found(book, evening):
    book.record_show(full_evening(evening))
    connection = sqlite3.connect(book.path)
    columns = ("show_id", "key", "kind", "what", "prev_hash", "hash")
    row = connection.execute(
        f"SELECT {', '.join(columns)} FROM records WHERE number = 3"
    ).fetchone()
    for column, value in zip(columns, row, strict=True):
        for place in range(0, len(value), 3):
            other = "y" if value[place] == "x" else "x"
            changed = value[:place] + other + value[place + 1 :]
            connection.execute(f"UPDATE records SET {column} = ? WHERE number = 3", (changed,))
            connection.commit()
            assert book.verify()
        connection.execute(f"UPDATE records SET {column} = ? WHERE number = 3", (value,))
        connection.commit()
    connection.close()
    assert book.verify() == []


# --------------------------------------------------------------------------- the file itself


def test_a_newer_book_is_refused_and_left_alone(book, evening):
    path = full_evening(evening)
    book.record_show(path)
    connection = sqlite3.connect(book.path)
    connection.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES ('hostdesk.book', '999_later', '')"
    )
    connection.commit()
    connection.close()
    for use in (book.open_promises, book.verify, lambda: book.record_show(path)):
        with pytest.raises(JournalNewerError):
            use()


@pytest.mark.parametrize("content", [b"hello " * 500, b"SQLite format 3\0" + b"\xa5" * 4_000])
def test_a_broken_book_is_told_with_words(book, evening, content):
    path = full_evening(evening)
    book.path.write_bytes(content)
    for use in (book.open_promises, book.verify, lambda: book.record_show(path)):
        with pytest.raises(JournalError):
            use()
    assert book.path.read_bytes() == content


def test_a_book_that_another_program_holds_is_told(book, evening, monkeypatch):
    path = full_evening(evening)
    book.record_show(path)
    monkeypatch.setattr(book_file, "WAIT_S", 0.05)
    holder = sqlite3.connect(book.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(DiskFullError):
        book.record_show(path)
    holder.close()


def test_a_worker_process_takes_a_show_into_the_book(book, folder, evening):
    path = full_evening(evening)
    command = [sys.executable, "-m", "hostdesk.journal.book", str(folder)]
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(book.shows()) == 1
    failed = subprocess.run([*command, "/none"], capture_output=True, text=True, check=False)
    assert failed.returncode == 2
    assert failed.stderr.startswith("journal\t")


def test_a_carried_promise_is_not_said_again(book, folder):
    carried = OpenPromise(promise_id="promise-1", text="21:00 前", due_ms=START_MS)
    book.record_show(Evening(folder / "shows" / "c.hostdesk", promises=(carried,)).ended())
    assert book.open_promises() == ()
    assert records(book, "promise") == []
