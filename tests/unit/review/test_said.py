import pytest

from hostdesk.events import (
    CommandFailed,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    OpenPromise,
    PromiseSettled,
    ReplyUsed,
    ShowResumed,
    Stream,
)


@pytest.fixture
def on_air(show):
    show.at(0, Stream, state="started")
    return show


def test_seen_is_what_a_screenshot_proved(on_air):
    on_air.notice(10, "卡顿处理中", seen_after_s=1)
    on_air.at(31, NoticeDownAsked)
    on_air.answer(31.5)
    (notice,) = on_air.close(60).review().notices
    assert notice.seen_ms == on_air.start_ms + 11_000
    assert notice.seen_for_ms == 20_000
    assert notice.gone_ms == on_air.start_ms + 31_500
    assert notice.unseen == ""


@pytest.mark.parametrize("reason", ["hidden", "differs", "no_picture"])
def test_unseen_says_why(on_air, reason):
    on_air.notice(10, "卡顿处理中", seen_after_s=0)
    notice_id = on_air.commands[-1].notice_id
    on_air.at(12, NoticeProof, notice_id=notice_id, seen=False, reason=reason)
    (notice,) = on_air.close(60).review().notices
    assert (notice.seen_ms, notice.unseen) == (None, reason)


def test_without_proof_it_is_not_called_seen(on_air):
    on_air.notice(10, "卡顿处理中", seen_after_s=0)
    (notice,) = on_air.close(60).review().notices
    assert (notice.placed_ms is not None, notice.seen_ms, notice.unseen) == (
        True, None, "not_checked",
    )  # fmt: skip


def test_time_in_which_the_stream_was_down_does_not_count(on_air):
    on_air.notice(10, "卡顿处理中", seen_after_s=1)
    on_air.at(20, Stream, state="reconnecting")
    on_air.at(30, Stream, state="reconnected")
    on_air.at(35, NoticeDownAsked)
    on_air.answer(35.1)
    assert on_air.close(60).review().notices[0].seen_for_ms == 14_000


def test_what_is_up_at_the_end_counts_until_the_end(on_air):
    on_air.notice(10, "卡顿处理中", seen_after_s=1)
    (notice,) = on_air.review().notices
    assert notice.seen_for_ms == 0
    on_air.said(21, "好了")
    (notice,) = on_air.review().notices
    assert (notice.seen_for_ms, notice.gone_ms) == (10_000, None)


def test_a_refused_notice_tells_the_error(on_air):
    on_air.at(10, NoticeAsked, text="卡顿处理中")
    command = on_air.commands[-1].command_id
    on_air.at(11, CommandFailed, command_id=command, error_code="obs_unreachable")
    (notice,) = on_air.close(60).review().notices
    assert (notice.error_code, notice.unseen) == ("obs_unreachable", "")


def test_the_next_notice_takes_the_place_of_the_first(on_air):
    on_air.notice(10, "第一条")
    on_air.notice(20, "第二条")
    first, second = on_air.close(60).review().notices
    assert first.replaced
    assert first.seen_for_ms == 9_000
    assert not second.replaced


def test_after_a_crash_it_is_the_same_notice(on_air):
    on_air.notice(10, "卡顿处理中")
    on_air.at(20, ShowResumed, after="crash")
    on_air.answer(20.5)
    on_air.at(21, NoticeProof, notice_id=on_air.commands[-1].notice_id, seen=True, reason="seen")
    on_air.said(31, "好了")
    (notice,) = on_air.review().notices
    assert notice.seen_for_ms == 9_000 + 10_000


@pytest.mark.parametrize(
    ("why", "settled_s", "kept", "now_s", "state"),
    [
        ("marked in time", 300, True, 9_000, "kept"),
        ("marked after the time", 2_000, True, 9_000, "kept_late"),
        ("given up", 300, False, 9_000, "given_up"),
        ("nobody marked it, the time is past", None, True, 9_000, "late"),
        ("not due yet", None, True, 600, "open"),
    ],
)
def test_what_became_of_a_promised_time(show, why, settled_s, kept, now_s, state):
    show.at(60, ReplyUsed, text="20:30前给大家答复", way="copied")
    promise = show.core.desk.promises.rows[0].promise_id
    if settled_s:
        show.at(settled_s, PromiseSettled, promise_id=promise, kept=kept, reason="已发公告")
    (told,) = show.review(now_ms=show.start_ms + now_s * 1000).promises
    assert told.state == state, why
    assert told.said_ms == show.start_ms + 60_000
    assert told.due_ms == show.start_ms + 1_800_000


def test_a_promise_of_an_earlier_show_is_carried(open_show):
    carried = OpenPromise(promise_id="old-1", text="周五前公布检测结果", due_ms=1)
    (told,) = open_show(promises=(carried,)).review().promises
    assert (told.said_ms, told.state) == (None, "late")
