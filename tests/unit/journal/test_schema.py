import os
import sqlite3

import pytest

from hostdesk.errors import JournalError, JournalNewerError
from hostdesk.journal import schema
from hostdesk.journal.listing import list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal

from .conftest import opened_as, said


@pytest.fixture
def finished(journal, show_path):
    journal.append([said("起球了")], None)
    journal.close()
    return show_path


def change(path, sql):
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def test_a_newer_file_is_refused_and_left_as_it_is(finished):
    change(finished, "PRAGMA user_version = 99")
    before = finished.read_bytes()
    for opens in (ShowReader, ShowJournal.open):
        with pytest.raises(JournalNewerError) as refused:
            opens(finished)
        assert refused.value.params["version"] == 99
    assert finished.read_bytes() == before
    assert not finished.with_suffix(".lock").exists()


def test_an_older_file_is_copied_before_it_is_changed(finished, monkeypatch):
    before = finished.read_bytes()
    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "ALTER TABLE events ADD COLUMN x"))
    ShowJournal.open(finished).close()
    assert finished.with_suffix(".v1").read_bytes() == before
    with ShowReader(finished) as reader:
        assert reader.count() == 1


def test_a_step_that_fails_changes_nothing(finished, monkeypatch):
    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, "CREATE TABLE y (z); SELECT nothing"))
    with pytest.raises(JournalError):
        ShowJournal.open(finished)
    monkeypatch.undo()
    with ShowReader(finished) as reader:
        assert reader.count() == 1


BROKEN = [
    ("empty", lambda good: b""),
    ("not a database", lambda good: b"hello " * 4_000),
    ("header only", lambda good: good[:100]),
    ("cut in the first page", lambda good: good[:2_000]),
    ("a picture", lambda good: b"\x89PNG\r\n" + bytes(5_000)),
    ("zeros", lambda good: bytes(20_000)),
]


@pytest.mark.parametrize(("why", "damage"), BROKEN, ids=[why for why, _ in BROKEN])
def test_a_broken_file_is_told_with_words(finished, why, damage):
    finished.write_bytes(damage(finished.read_bytes()))
    with pytest.raises(JournalError), ShowReader(finished) as reader:
        list(reader.events())
    assert list_shows(finished.parent)[0].problem == "journal", why


def test_every_cut_of_a_file_gives_rows_or_our_own_error(finished):
    good = finished.read_bytes()
    for size in range(0, len(good), 1_777):
        finished.write_bytes(good[:size] + b"\xa5" * (len(good) - size))
        try:
            with ShowReader(finished) as reader:
                reader.opened()
                list(reader.events())
                list(reader.derived())
        except JournalError:
            pass


def test_a_row_that_is_no_event_is_our_own_error(finished):
    change(finished, "UPDATE events SET body = x'00ff' WHERE seq = 2")
    with pytest.raises(JournalError), ShowReader(finished) as reader:
        list(reader.events())


def test_another_programs_database_is_not_touched(tmp_path):
    path = tmp_path / "a.hostdesk"
    change(path, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
    before = path.read_bytes()
    for opens in (ShowReader, ShowJournal.open):
        with pytest.raises(JournalError):
            opens(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    connection.close()
    assert before


def test_a_crashed_show_without_its_wal_opens_with_what_is_there(journal, show_path):
    journal.commit()
    copy = show_path.with_name("copied.hostdesk")
    copy.write_bytes(show_path.read_bytes())  # copied without -wal, as people do
    with ShowReader(copy) as reader:
        assert list(reader.events()) == []
        with pytest.raises(JournalError):
            reader.opened()
    journal._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy.write_bytes(show_path.read_bytes())
    with ShowReader(copy) as reader:
        assert reader.opened() == opened_as()


def test_a_missing_file(tmp_path):
    with pytest.raises(JournalError):
        ShowReader(tmp_path / "none.hostdesk")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_show_in_a_folder_that_we_may_not_write(finished):
    finished.parent.chmod(0o500)
    with ShowReader(finished) as reader:
        assert reader.count() == 1
    finished.parent.chmod(0o700)


def test_shows_are_listed_oldest_first_with_their_facts(finished):
    facts = list_shows(finished.parent)
    assert [(each.title, each.comments, each.closed) for each in facts] == [("周一专场", 1, False)]
    assert list_shows(finished.parent / "none") == []
