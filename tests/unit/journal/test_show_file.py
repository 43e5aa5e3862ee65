import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostdesk.commands import HideNotice
from hostdesk.errors import DiskFullError, EngineRunningError, JournalError
from hostdesk.events import AnyEvent, CommandId, NoticeAsked, ShowOpened
from hostdesk.findings import Label, Verdict
from hostdesk.journal import show_file
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal

from .conftest import START_MS, opened_as, said

KINDS = get_args(AnyEvent)
whole_ms = st.integers(0, 4_102_444_800_000)
plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
st.register_type_strategy(str, plain)
st.register_type_strategy(int, st.integers(-(1 << 53), 1 << 53))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def any_of(kind):
    """Every field of a kind, by its type; what any program could have put there."""
    drawn = {}
    for name in kind.__struct_fields__:
        drawn[name] = st.from_type(_types(kind)[name]) if name != "learned" else st.just({})
    return st.fixed_dictionaries(drawn).map(lambda fields: kind(**fields))


def _types(kind):
    return {name: _plain(each) for name, each in get_type_hints(kind).items()}


def _plain(each):
    known = {"CommentId": str, "AuthorId": str, "AskId": str, "CommandId": str}
    return known.get(getattr(each, "__name__", ""), each)


any_event = st.one_of([any_of(kind) for kind in KINDS])


def test_every_kind_of_event_is_drawn():
    assert len(KINDS) >= 34
    assert ShowOpened in KINDS


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=st.lists(any_event, max_size=30), sizes=st.lists(st.integers(1, 7), max_size=12))
def test_what_was_stored_comes_back_exactly_however_it_was_batched(tmp_path_factory, events, sizes):
    path = tmp_path_factory.mktemp("show") / "a.hostdesk"
    journal = ShowJournal.open(path)
    left = list(events)
    for size in [*sizes, len(events)]:
        batch, left = left[:size], left[size:]
        journal.append(batch, None)
        if size % 2:
            journal.commit()
    journal.close()
    with ShowReader(path) as reader:
        assert list(reader.events()) == [(n, None, each) for n, each in enumerate(events, 1)]


def test_asks_stand_where_judging_had_come(journal, show_path):
    comments = [said("卡了", n) for n in range(6)]
    journal.append(comments[:4], None)
    ask = NoticeAsked(at_ms=START_MS + 5, text="马上好")
    journal.append([ask], 3)
    journal.append(comments[4:], None)
    journal.commit()
    with ShowReader(show_path) as reader:
        assert [seq for seq, _ in reader.handled()] == [1, 2, 3, 6, 4, 5, 7, 8]


def test_a_page_has_its_verdicts_and_is_read_while_the_show_is_written(journal):
    journal.append([said("起球了", 1), said("多少钱", 2)], None)
    verdict = Verdict(seq=2, labels=(Label.COMPLAINT,))
    journal.derive([(2, verdict)], "model")
    journal.commit()
    journal.append([said("还没写", 3)], None)
    page = journal.page(2, 10)
    assert [(seq, found) for seq, _, found in page] == [(2, verdict), (3, None), (4, None)]
    assert [seq for seq, _, _ in journal.read(3, 1)] == [3]


def test_a_reader_beside_the_writer_sees_what_is_committed(journal, show_path):
    journal.commit()
    with ShowReader(show_path) as reader:
        journal.append([said("新的")], None)
        assert reader.count() == 0
        journal.commit()
        assert reader.count() == 1
        assert reader.opened() == opened_as()


def test_a_finished_show_is_one_file(journal, show_path):
    journal.append([said("再见")], None)
    journal.close()
    assert [each.name for each in show_path.parent.iterdir()] == [show_path.name]


def test_counting_comments_is_right_after_reopening(journal, show_path):
    journal.append([said("一", 1), said("二", 2)], None)
    journal.close()
    again = ShowJournal.open(show_path)
    again.append([said("三", 3)], None)
    again.commit()
    with ShowReader(show_path) as reader:
        assert reader.count() == 3
    again.close()
    with ShowReader(show_path) as reader:
        assert reader.count() == 3


def test_two_writers_are_refused(journal, show_path):
    with pytest.raises(EngineRunningError):
        ShowJournal.open(show_path)
    journal.close()
    ShowJournal.open(show_path).close()


def test_only_two_checkpoints_are_kept(journal, show_path):
    for seq in range(5):
        journal.checkpoint(seq, b"state %d" % seq)
        journal.commit()
    with ShowReader(show_path) as reader:
        assert reader.last_checkpoint() == (4, b"state 4")
    rows = sqlite3.connect(show_path)
    assert rows.execute("SELECT count(*) FROM checkpoints").fetchone() == (2,)
    rows.close()


# ------------------------------------------------------------------------------- disk full


def fill(journal):
    """No room for another page; returns how to make room."""
    run = journal._connection
    pages = run.execute("PRAGMA page_count").fetchone()[0]
    run.execute(f"PRAGMA max_page_count = {pages}")
    return lambda: run.execute("PRAGMA max_page_count = 1000000")


def test_a_full_disk_loses_nothing_and_is_written_later(journal, show_path):
    journal.commit()
    make_room = fill(journal)
    events = [said("字" * 200, n) for n in range(300)]
    journal.append(events, None)
    verdicts = [(seq, Verdict(seq=seq, labels=(Label.QUESTION,))) for seq in range(2, 302)]
    journal.derive(verdicts, "model")
    journal.issue(301, [HideNotice(command_id=CommandId("command-1"), notice_id="notice-1")])
    journal.checkpoint(301, b"x" * 5_000)
    for _ in range(3):
        with pytest.raises(DiskFullError):
            journal.commit()
    assert [each for _, _, each in journal.read(2, 1_000)] == events, "judging goes on meanwhile"
    assert len(journal.page(2, 301)) == 300
    make_room()
    journal.commit()
    journal.close()
    with ShowReader(show_path) as reader:
        assert [each for _, _, each in reader.events(from_seq=2)] == events
        assert [each for _, each in reader.derived()] == [each for _, each in verdicts]
        assert len(reader.commands()) == 1
        assert reader.last_checkpoint() == (301, b"x" * 5_000)


def test_a_disk_that_stays_full_gives_up_old_comments_but_no_ask(journal, monkeypatch):
    monkeypatch.setattr(show_file, "MAX_HELD", 10)
    journal.commit()
    make_room = fill(journal)
    ask = NoticeAsked(at_ms=START_MS, text="稍等")
    journal.append([ask], 1)
    journal.append([said("字" * 2_000, n) for n in range(30)], None)
    with pytest.raises(DiskFullError):
        journal.commit()
    assert journal.given_up == 21
    make_room()
    journal.commit()
    kept = [each for _, _, each in journal.read(2, 100)]
    assert kept[0] == ask
    assert [each.comment_id for each in kept[1:]] == [f"comment-{n:04}" for n in range(21, 30)]


@pytest.mark.expects_log
def test_closing_on_a_full_disk_raises_nothing(journal, show_path):
    journal.commit()
    fill(journal)
    journal.append([said("字" * 200, n) for n in range(300)], None)
    journal.close()
    with ShowReader(show_path) as reader:
        assert reader.opened() == opened_as()


def kept(journal, event):
    journal.append([event], None)
    try:
        journal.commit()
    except DiskFullError:
        return False
    return True


def test_a_real_full_file_system_is_told_and_lived_through(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a small file system")
    journal = ShowJournal.create(folder / "a.hostdesk", opened_as())
    try:
        ballast = folder / "ballast"
        ballast.write_bytes(b"x" * 400_000)
        events = [said("字" * 100, n) for n in range(200)]
        assert any(not kept(journal, event) for event in events)
        journal.append(events[journal.last_seq :], None)
        ballast.unlink()
        journal.commit()
        assert [each for _, _, each in journal.read(1, 1_000)] == events
    finally:
        journal.close()
        subprocess.run(["umount", folder], check=True)


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError):
        ShowJournal.create(tmp_path / "file" / "a.hostdesk", opened_as())


# ------------------------------------------------------------------------------ kill -9

WRITER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from hostdesk.events import Comment
    from hostdesk.findings import Label, Verdict
    from hostdesk.journal.show_file import ShowJournal

    journal = ShowJournal.open(Path(sys.argv[1]))
    while True:
        first = journal.last_seq + 1
        batch = [Comment(at_ms=first + n, text=f"弹幕 {first + n}") for n in range(250)]
        journal.append(batch, None)
        journal.derive([(first, Verdict(seq=first, labels=(Label.QUESTION,)))], "model")
        if first % 1000 == 1:
            journal.checkpoint(first, b"x" * 20_000)
        journal.commit()
        sys.stdout.write(f"{journal.last_seq}\\n")
        sys.stdout.flush()
    """
)


def test_a_killed_writer_loses_nothing_that_was_committed(show_path):
    last = 0
    for kill in range(5):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(show_path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(7 + 5 * kill):
            last = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read().split("\n")
        last = max([last, *(int(line) for line in rest[:-1] if line)])
        writer.wait()
        writer.stdout.close()
        journal = ShowJournal.open(show_path)
        assert last <= journal.last_seq <= last + 250, "at most the batch on its way is unsaid"
        assert journal._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        seqs = [seq for seq, _, _ in journal.read(1, 1 << 40)]
        assert seqs == list(range(1, journal.last_seq + 1))
        journal.close()
