"""Kill the engine: 250 ms of comments at most are gone, and nothing that was asked."""

import sqlite3
import time

import pytest

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.content.shows import demo_shows
from hostdesk.desk.core import Core, replay
from hostdesk.desk.desk import Desk
from hostdesk.events import (
    Comment,
    EndShowAsked,
    NoticeAsked,
    OnAirSet,
    ReplyUsed,
    ShowResumed,
    StartShowAsked,
)
from hostdesk.journal.book import Book
from hostdesk.journal.reader import ShowReader
from hostdesk.sources.recordings import open_recording
from tests.e2e.engine_process import until, write_recording

pytestmark = pytest.mark.e2e
PER_S = 2_000


def comments_of(engine):
    [show] = engine.shows()
    with ShowReader(show.path) as reader:
        return [event for _, _, event in reader.events() if isinstance(event, Comment)]


def texts_of(name):
    """What was said in a shipped show: every label, wave and question is in it."""
    [show] = [show for show in demo_shows() if show.name == name]
    batches = open_recording(show.path).batches()
    return [event.text for batch in batches for event in batch if isinstance(event, Comment)]


def recorded_of(reader):
    return list(reader.derived()), [command for _, command in reader.commands()]


def replayed_of(reader):
    """The whole journal once more, in this process and from its start."""
    core = Core(Pipeline(load_tables(), {}), Desk(reader.opened(), load_counsel()))
    derived, commands = [], []
    for turn in replay(core, reader.events(), lambda seq, exc: None):
        derived += [(turn.seq, each) for each in turn.derived]
        commands += turn.commands
    return derived, commands


def test_after_sigkill_under_load_only_the_open_batch_is_gone(engine, tmp_path):
    recording = write_recording(tmp_path / "load.jsonl", comments=60_000, per_s=PER_S)
    desk = engine("--replay", str(recording), "--speed", "1", "--stay")
    desk.start()
    totals = []
    with desk.seat() as seat:
        end = time.monotonic() + 4.0
        while time.monotonic() < end:
            seat.listen()
            totals.append((time.monotonic(), seat.total))
        asked_at = time.monotonic()
        assert seat.ask(ReplyUsed, text="我在，没走", way="teleprompter", reply_id="R33").ok
        assert seat.ask(OnAirSet, link_number=12, product="开衫").ok
        killed_at = time.monotonic()
        desk.kill()
    shown = max((total for at, total in totals if at <= killed_at - 0.3), default=0)
    assert shown > PER_S, "the show was under way"
    [show] = desk.shows()
    with ShowReader(show.path) as reader:
        kinds = [type(event).__name__ for _, _, event in reader.events()]
        seqs = [seq for seq, _, _ in reader.events()]
    assert kinds.count("Comment") >= shown
    assert kinds.count("ReplyUsed") == 1, f"asked {killed_at - asked_at:.3f} s before the end"
    assert kinds.count("OnAirSet") == 1
    assert seqs == list(range(1, len(seqs) + 1)), "no hole in what was stored"
    with sqlite3.connect(show.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_the_next_start_goes_on_where_it_was(engine, tmp_path):
    texts = texts_of("smear")
    recording = write_recording(tmp_path / "load.jsonl", comments=6_000, per_s=PER_S, texts=texts)
    arguments = ("--replay", str(recording), "--speed", "1", "--stay")
    desk = engine(*arguments)
    desk.start()
    with desk.seat() as seat:
        seat.until(lambda: seat.total > 2_000, what="the show to be under way")
        assert seat.ask(OnAirSet, link_number=12, product="开衫").ok
        before = seat.total
    desk.kill()
    again = engine(*arguments)
    took_s = again.start()
    with again.seat() as seat:
        seat.until(lambda: seat.panels.get("status") is not None)
        assert seat.panels["status"].link_number == 12
        assert seat.total >= before - PER_S, "at most the open batch is gone"
        seat.until(lambda: seat.total >= 6_000, what="the rest of the recording")
    assert len(again.shows()) == 1, "the same show, not another one"
    again.stop()  # everything is judged and committed then
    said = [event.comment_id for event in comments_of(again)]
    assert said == [f"c{n}" for n in range(6_000)], "each comment once, none lost"
    with ShowReader(again.shows()[0].path) as reader:
        assert sum(isinstance(event, ShowResumed) for _, _, event in reader.events()) == 1
        assert recorded_of(reader) == replayed_of(reader), "replay is exact, also after SIGKILL"
    assert took_s < 20, "a generous limit: the figure itself is in the benchmarks"


def test_what_was_under_way_at_the_crash_is_told_as_interrupted(engine, tmp_path):
    recording = write_recording(tmp_path / "load.jsonl", comments=20_000, per_s=200)
    arguments = ("--replay", str(recording), "--stay")
    desk = engine(*arguments)
    desk.start()
    with desk.seat() as seat:
        seat.until(lambda: "notice" in seat.panels)
        assert seat.ask(NoticeAsked, text="画面卡了，主播在线", notice_kind="progress").ok
        desk.kill()
    again = engine(*arguments)
    again.start()
    with again.seat() as seat:
        seat.until(
            lambda: "notice" in seat.panels and seat.panels["notice"].phase not in ("sending",),
            what="the notice to be settled",
        )
        notice = seat.panels["notice"]
        assert notice.text == "画面卡了，主播在线"
        assert (notice.phase, notice.error_code) == ("failed", "interrupted") or notice.phase in (
            "placed",
            "no_uplink",
        ), "lost and said, or put up again where it already stood"


def test_two_engines_on_one_folder_are_refused_in_words(engine, tmp_path):
    recording = write_recording(tmp_path / "load.jsonl", comments=2_000, per_s=100)
    desk = engine("--replay", str(recording), "--stay")
    desk.start()
    other = engine("--replay", str(recording), "--stay")
    with pytest.raises(AssertionError, match="engine_running"):
        other.start()
    until(desk.is_up)


def test_an_open_promise_is_carried_to_the_next_show(engine):
    desk = engine("--stay")
    desk.start()
    with desk.seat() as seat:
        assert seat.ask(StartShowAsked, title="第一场").ok
        assert seat.ask(ReplyUsed, text="23:55前给您答复", way="copied").ok
        assert seat.ask(EndShowAsked).ok
        until(lambda: desk.shows() and desk.shows()[0].closed, what="the show to be closed")
        until(lambda: Book(desk.data).open_promises(), what="the book")
        assert seat.ask(StartShowAsked, title="第二场").ok
        seat.until(lambda: seat.panels["status"].title == "第二场")
        assert [row.text for row in seat.panels["status"].promises] == ["23:55前给您答复"]
    assert Book(desk.data).verify() == []
