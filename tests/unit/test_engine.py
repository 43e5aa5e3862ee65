"""The loop itself, with a real keeper and real journals; only the stage is a fake."""

import asyncio
import contextlib
import time

import pytest

from hostdesk import backlog, engine
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.desk.rows import Digest
from hostdesk.engine import Engine
from hostdesk.errors import DiskFullError, ObsUnreachableError
from hostdesk.events import (
    CommandDone,
    CommandFailed,
    Comment,
    EndShowAsked,
    LoadChanged,
    NoticeAsked,
    NoticeProof,
    OnAirSet,
    Removed,
    ShowClosed,
    ShowOpened,
    StartShowAsked,
    Stream,
)
from hostdesk.findings import Verdict
from hostdesk.journal.listing import list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal
from hostdesk.settings import Settings
from hostdesk.show_keeper import ShowKeeper
from tests.fakes.stage import FakeStage

TABLES, COUNSEL = load_tables(), load_counsel()
LIMIT_S = 20


class Audience:
    def __init__(self):
        self.digests: list[Digest] = []

    def publish(self, digest):
        self.digests.append(digest)


class Desk:
    """An engine on its own folder, running."""

    def __init__(self, folder, **more):
        self.folder = folder / "shows"
        self.keeper = ShowKeeper(
            folder, settings=Settings(), tables=TABLES, counsel=COUNSEL, rehearsal=False, **more
        )
        self.stage = FakeStage()
        self.engine = Engine(
            shows=self.keeper,
            output=self.stage,
            now_ms=lambda: time.time_ns() // 1_000_000,
            clock=time.monotonic,
        )
        self.audience = self.engine.audience = Audience()

    async def until(self, condition):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0.005)

    @property
    def panel(self):
        return self.engine.core.desk.notice.panel

    def stored(self):
        [show] = list_shows(self.folder)
        with ShowReader(show.path) as reader:
            return [event for _, _, event in reader.events()]


@contextlib.asynccontextmanager
async def running(folder, **more):
    desk = Desk(folder, **more)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(desk.engine.run())
        try:
            yield desk
        finally:
            desk.engine.stop()


def said(text="洗一次就起球了", author="ann", at_ms=None):
    at_ms = at_ms or time.time_ns() // 1_000_000
    return Comment(at_ms=at_ms, author_id=author, author_name=author, text=text)


def notice(text="画面卡了，主播在线", **more):
    return NoticeAsked(at_ms=0, text=text, **more)


async def test_a_show_opens_with_the_first_comment_and_everything_is_stored(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([said(), said("多少钱", "bo")])
        await desk.until(lambda: not desk.engine.waiting)
    kinds = [type(event) for event in desk.stored()]
    assert kinds[0] is ShowOpened
    assert kinds.count(Comment) == 2
    assert kinds[-1] is ShowClosed


async def test_rows_come_before_verdicts_and_flags_follow(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([said()])
        desk.engine.flush()
        shown = desk.audience.digests[-1]
        assert [row.text for row in shown.rows if row.kind == "comment"] == ["洗一次就起球了"]
        assert shown.flags == ()
        await desk.until(lambda: any(digest.flags for digest in desk.audience.digests))
    flags = [flag for digest in desk.audience.digests for flag in digest.flags]
    assert flags[0].lane == "answer"


async def test_what_the_platform_deletes_is_marked_also_for_a_window_that_comes_later(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([said(author="ann"), said("多少钱", "bo"), said("骗子", "ann")])
        desk.engine.flush()
        rows = {row.seq: row.author for row in desk.audience.digests[-1].rows}
        desk.engine.post([Removed(at_ms=1, author_id="ann", reason="banned")])
        desk.engine.flush()
        gone = desk.audience.digests[-1].gone
        assert [rows[seq] for seq in gone] == ["ann", "ann"]
        assert desk.engine.snapshot().gone == gone
        desk.engine.post([said("我又来了", "ann")])
        desk.engine.flush()
        assert desk.audience.digests[-1].gone == ()
        assert desk.engine.snapshot().gone == gone


async def test_clocks_go_on_while_nobody_speaks(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([said()])
        await desk.until(lambda: not desk.engine.waiting)
        told = len(desk.audience.digests)
        await desk.until(lambda: len(desk.audience.digests) >= told + 2)


async def test_what_a_person_asked_is_stored_before_it_leaves(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0, title="今晚"))
        held = desk.stage.hold()
        assert desk.engine.ask(notice()) is None
        await desk.until(lambda: desk.stage.commands)
        [show] = list_shows(desk.folder)
        with ShowReader(show.path) as reader:
            assert [command for _, command in reader.commands()] == desk.stage.commands
        held.set()
        await desk.until(lambda: desk.panel.phase == "placed")
        desk.stage.held = None
    assert any(isinstance(event, CommandDone) for event in desk.stored())


async def test_an_ask_sent_twice_is_done_once(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        again = notice(ask_id="same")
        assert desk.engine.ask(again) is None
        assert desk.engine.ask(again) is None
        await desk.until(lambda: desk.panel.phase == "placed")
    assert sum(isinstance(event, NoticeAsked) for event in desk.stored()) == 1


async def test_what_cannot_be_done_is_said_and_changes_nothing(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        error = desk.engine.ask(notice("{deadline}前回复"))
        assert error is not None
        assert error.params["reason"] == "slots_missing"
        assert desk.panel.phase == "none"
        assert desk.engine.ask(EndShowAsked(at_ms=0)) is None
        await desk.until(lambda: desk.engine.journal is None)
        assert desk.engine.ask(EndShowAsked(at_ms=0)).params["reason"] == "no_show"


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("error", "code"),
    [(ObsUnreachableError(host="h", port=1), "obs_unreachable"), (ZeroDivisionError(), "bug")],
)
async def test_a_command_that_fails_is_told_with_its_code(tmp_path, error, code):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        desk.stage.error = error
        desk.engine.ask(notice())
        await desk.until(lambda: desk.panel.phase == "failed")
        assert desk.panel.error_code == code
    assert any(isinstance(event, CommandFailed) for event in desk.stored())


async def test_the_stream_opens_the_show_and_the_next_one_knows_how_it_stands(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([Stream(at_ms=1, state="started")])
        assert desk.engine.life.is_open
        desk.engine.ask(EndShowAsked(at_ms=0))
        await desk.until(lambda: not desk.engine.life.is_open)
        desk.engine.ask(StartShowAsked(at_ms=0, title="第二场"))
        await desk.until(lambda: not desk.engine.waiting)
        assert desk.engine.core.desk.status.panel.stream == "started"
    assert len(list_shows(desk.folder)) == 2


async def test_beyond_what_memory_holds_the_rest_waits_in_the_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(backlog, "MAX_WAITING", 50)
    async with running(tmp_path) as desk:
        at_ms = time.time_ns() // 1_000_000
        for n in range(40):
            desk.engine.post([said(f"起球了 {n} {m}", f"v{n}-{m}", at_ms) for m in range(25)])
        assert desk.engine.waiting == 1_000
        desk.engine.ask(OnAirSet(at_ms=0, link_number=9))
        assert desk.engine.core.desk.status.panel.link_number == 9, "an ask does not wait"
        await desk.until(lambda: not desk.engine.waiting)
    [show] = list_shows(desk.folder)
    with ShowReader(show.path) as reader:
        judged = [seq for seq, each in reader.derived("verdict") if isinstance(each, Verdict)]
        comments = [seq for seq, _, each in reader.events() if isinstance(each, Comment)]
    assert judged == comments, "each one was judged once, in order"


@pytest.mark.expects_log
async def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path, monkeypatch):
    original = ShowJournal._transaction
    full = [True]

    def transaction(self, *rows):
        if full[0]:
            raise OSError(28, "No space left on device")
        original(self, *rows)

    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        monkeypatch.setattr(ShowJournal, "_transaction", transaction)
        desk.engine.post([said()])
        await desk.until(lambda: desk.engine.core.desk.status.panel.disk_full)
        with pytest.raises(DiskFullError):
            desk.engine.journal.commit()
        full[0] = False
        await desk.until(lambda: not desk.engine.core.desk.status.panel.disk_full)
    assert sum(isinstance(event, Comment) for event in desk.stored()) == 1


@pytest.mark.expects_log
async def test_an_event_that_breaks_the_analysis_is_put_aside(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        desk.engine.core.pipeline.receive = lambda seq, event: 1 / 0
        desk.engine.post([said()])
        await desk.until(lambda: desk.engine.quarantined)
        assert desk.engine.ask(OnAirSet(at_ms=0, link_number=3)) is None
    assert sum(isinstance(event, Comment) for event in desk.stored()) == 1


async def test_a_show_cut_off_long_ago_is_closed_and_a_recent_one_goes_on(tmp_path):
    desk = Desk(tmp_path)
    now_ms = time.time_ns() // 1_000_000
    journal, core, opened = desk.keeper.open(now_ms, "断在中间")
    journal.append([opened], 0)
    journal.append([said(at_ms=now_ms)], None)
    journal.close()
    assert desk.keeper.interrupted(now_ms + 31 * 60_000) is None
    assert list_shows(desk.folder)[0].closed
    journal, core, opened = desk.keeper.open(now_ms + 1, "刚断")
    journal.append([opened], 0)
    journal.append([said(at_ms=now_ms)], None)
    journal.close()
    path = desk.keeper.interrupted(now_ms + 60_000)
    assert path is not None
    resumed, core, last_seq = desk.keeper.resume(path)
    resumed.close()
    assert last_seq == 2
    assert [card.topic for card in core.desk.cards.panel().cards] == ["quality"]


@pytest.mark.expects_log
def test_a_file_that_cannot_be_used_does_not_keep_the_engine_from_starting(tmp_path):
    desk = Desk(tmp_path)
    (desk.folder / "killed-at-birth.hostdesk").touch()
    (desk.folder / "damaged.hostdesk").write_bytes(b"no database" * 999)
    assert desk.keeper.interrupted(time.time_ns() // 1_000_000) is None


def test_a_show_that_was_cut_off_is_closed_after_all_that_was_said(tmp_path):
    desk = Desk(tmp_path)
    journal, _, opened = desk.keeper.open(1_000, "断在中间")
    journal.append([opened], 0)
    journal.append([said(at_ms=2_000)], None)
    journal.close()
    desk.keeper.interrupted(time.time_ns() // 1_000_000 + 31 * 60_000)
    [show] = list_shows(desk.folder)
    with ShowReader(show.path) as reader:
        kinds = [type(event) for _, event in reader.handled()]
    assert kinds == [ShowOpened, Comment, ShowClosed]


@pytest.mark.expects_log
async def test_without_room_for_a_new_show_the_feed_goes_on_and_it_is_said(tmp_path):
    def no_room(at_ms, title):
        raise DiskFullError(path="shows")

    async with running(tmp_path) as desk:
        opens, desk.keeper.open = desk.keeper.open, no_room
        desk.engine.post([said()])
        desk.engine.flush()
        assert desk.audience.digests[-1].status.disk_full
        assert [row.text for row in desk.audience.digests[-1].rows] == ["洗一次就起球了"]
        error = desk.engine.ask(StartShowAsked(at_ms=0))
        assert isinstance(error, DiskFullError)
        assert desk.engine.ask(notice()) is None, "and a notice can be put up"
        desk.keeper.open = opens
        desk.engine._no_open = None
        assert desk.engine.ask(StartShowAsked(at_ms=0)) is None
    assert [show.closed for show in list_shows(desk.folder)] == [True]


async def test_a_show_that_ends_takes_no_new_notice(tmp_path):
    async with running(tmp_path) as desk:
        assert desk.engine.ask(notice()) is None
        await desk.until(lambda: desk.panel.phase == "placed")
        desk.engine.ask(EndShowAsked(at_ms=0))
        assert desk.engine.ask(notice("还有一句")) is not None
        await desk.until(lambda: not desk.engine.life.is_open)
        desk.engine.post([said("下播了？")])
    assert [type(command).__name__ for command in desk.stage.commands] == [
        "ShowNotice",
        "HideNotice",
    ]
    assert len(list_shows(desk.folder)) == 1, "who goes on talking opens no new show"


async def test_a_notice_is_not_called_seen_while_a_stopped_stream_waits_behind_comments(tmp_path):
    async with running(tmp_path) as desk:
        desk.engine.post([said(), Stream(at_ms=1, state="started")])
        desk.engine.ask(notice())
        await desk.until(lambda: desk.panel.phase == "placed")
        seen = NoticeProof(at_ms=2, notice_id=desk.panel.notice_id, seen=True, reason="seen")
        desk.engine.post([seen])
        assert desk.panel.phase == "seen"
        desk.engine.post([said(f"多少钱{n}", f"v{n}") for n in range(500)])
        desk.engine.post([Stream(at_ms=3, state="stopped"), seen])
        assert desk.engine.waiting > 100
        assert desk.panel.phase == "no_uplink"


@pytest.mark.expects_log
async def test_an_answer_that_comes_too_late_still_ends_the_show_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CLOSE_S", 0.05)
    closed = []
    async with running(tmp_path, on_closed=closed.append) as desk:
        desk.engine.ask(notice())
        await desk.until(lambda: desk.panel.phase == "placed")
        held = desk.stage.hold()
        desk.engine.stop()
        await asyncio.sleep(0.3)
        held.set()
    assert len(closed) == 1


@pytest.mark.expects_log
async def test_a_viewers_words_do_not_reach_the_log(tmp_path, caplog):
    async with running(tmp_path) as desk:
        desk.engine.ask(StartShowAsked(at_ms=0))
        desk.engine.core.pipeline.receive = lambda seq, event: {}[event.text]
        desk.engine.post([said("我的电话是13800000000")])
        await desk.until(lambda: desk.engine.quarantined)
    assert "KeyError" in caplog.text
    assert "13800000000" not in caplog.text


async def test_a_show_cut_off_in_a_burst_does_not_stay_hurried(tmp_path):
    desk = Desk(tmp_path)
    now_ms = time.time_ns() // 1_000_000
    journal, _, opened = desk.keeper.open(now_ms, "断在高峰")
    journal.append([opened], 0)
    journal.append([LoadChanged(at_ms=now_ms, level="behind", waiting=9_000)], None)
    journal.close()
    async with running(tmp_path) as desk:
        desk.engine.resume_show(*desk.keeper.resume(desk.keeper.interrupted(now_ms)))
        await desk.until(lambda: desk.engine.core.desk.status.panel.waiting == 0)
    levels = [event.level for event in desk.stored() if isinstance(event, LoadChanged)]
    assert levels == ["behind", "normal"]
