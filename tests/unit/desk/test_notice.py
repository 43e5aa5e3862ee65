"""The notice, told as a conversation."""

import pytest

from hostdesk.commands import HideNotice, ShowNotice
from hostdesk.desk.notice import MAX_TEXT, Notice
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    CommandDone,
    CommandFailed,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    Stream,
)


def asked(text="画面卡了，主播在线", at_ms=0, **more):
    return NoticeAsked(at_ms=at_ms, text=text, **more)


def proof(notice_id="notice-1", *, seen, reason=None, at_ms=500):
    return NoticeProof(
        at_ms=at_ms, notice_id=notice_id, seen=seen, reason=reason or ("seen" if seen else "hidden")
    )


def up(uplink="started"):
    notice = Notice()
    if uplink:
        notice.stream(Stream(at_ms=0, state=uplink))
    [command] = notice.asked(asked(), binds=False)
    notice.done(CommandDone(at_ms=90, command_id=command.command_id))
    return notice


def test_it_is_on_screen_only_when_it_was_seen_there():
    notice = Notice()
    notice.stream(Stream(at_ms=0, state="started"))
    [command] = notice.asked(asked(), binds=False)
    assert isinstance(command, ShowNotice)
    assert notice.panel.phase == "sending"
    notice.done(CommandDone(at_ms=90, command_id=command.command_id))
    assert notice.panel.phase == "placed"
    notice.proof(proof(seen=True, at_ms=400))
    assert notice.panel.phase == "seen"
    assert notice.panel.seen_since_ms == 400


@pytest.mark.parametrize(
    ("uplink", "why"),
    [
        ("reconnecting", "the uplink is down"),
        ("stopped", "the stream was ended"),
        ("", "OBS never streamed"),
    ],
)
def test_viewers_cannot_see_it_while_there_is_no_uplink(uplink, why):
    notice = up(uplink)
    notice.proof(proof(seen=True))
    assert notice.panel.phase == "no_uplink", why


def test_it_is_on_screen_again_when_the_uplink_is_back():
    notice = up("reconnecting")
    notice.proof(proof(seen=True))
    notice.stream(Stream(at_ms=900, state="reconnected"))
    assert notice.panel.phase == "seen"
    assert notice.panel.seen_since_ms == 900


def test_a_hidden_notice_is_said_to_be_hidden():
    notice = up()
    notice.proof(proof(seen=True))
    notice.proof(proof(seen=False, reason="differs"))
    assert (notice.panel.phase, notice.panel.reason) == ("unseen", "differs")
    assert notice.panel.seen_since_ms is None


def test_late_answers_to_older_commands_change_nothing():
    notice = Notice()
    [first] = notice.asked(asked("one"), binds=False)
    [second] = notice.asked(asked("two"), binds=False)
    assert first.command_id != second.command_id
    notice.failed(CommandFailed(at_ms=2, command_id=first.command_id, error_code="obs_refused"))
    assert notice.panel.phase == "sending"
    notice.done(CommandDone(at_ms=3, command_id=second.command_id))
    notice.proof(proof("notice-1", seen=True))
    assert notice.panel.phase == "placed", "that proof was of the older notice"


def test_taking_down_ends_it_when_obs_says_so():
    notice = up()
    [command] = notice.down_asked(NoticeDownAsked(at_ms=5))
    assert isinstance(command, HideNotice)
    assert notice.panel.phase == "taking_down"
    notice.done(CommandDone(at_ms=6, command_id=command.command_id))
    assert notice.panel.phase == "none"


def test_what_failed_says_why():
    notice = Notice()
    [command] = notice.asked(asked(), binds=False)
    failed = CommandFailed(
        at_ms=3, command_id=command.command_id, error_code="obs_unreachable", params={"port": 4455}
    )
    notice.failed(failed)
    assert (notice.panel.phase, notice.panel.error_code) == ("failed", "obs_unreachable")
    assert notice.panel.params == {"port": 4455}


@pytest.mark.parametrize(
    ("ask", "binds", "reason"),
    [
        (asked("  "), False, "notice_empty"),
        (asked("长" * (MAX_TEXT + 1)), False, "notice_long"),
        (asked("{deadline}前回复"), False, "slots_missing"),
        (asked("优惠保留"), True, "needs_hold"),
    ],
)
def test_what_is_refused_changes_nothing(ask, binds, reason):
    notice = Notice()
    before = notice.panel
    with pytest.raises(AskRefusedError) as refused:
        notice.asked(ask, binds=binds)
    assert refused.value.params == {"reason": reason}
    assert notice.panel is before


def test_money_goes_up_when_the_key_was_held():
    assert Notice().asked(asked("优惠保留", confirmed=True), binds=True)


def test_nothing_up_nothing_down():
    with pytest.raises(AskRefusedError):
        Notice().down_asked(NoticeDownAsked(at_ms=1))


def test_what_could_not_be_taken_down_can_be_tried_again():
    notice = up()
    [hide] = notice.down_asked(NoticeDownAsked(at_ms=5))
    notice.failed(CommandFailed(at_ms=6, command_id=hide.command_id, error_code="obs_refused"))
    assert notice.panel.phase == "failed"
    [again] = notice.down_asked(NoticeDownAsked(at_ms=7))
    notice.done(CommandDone(at_ms=8, command_id=again.command_id))
    assert (notice.panel.phase, notice.panel.error_code) == ("none", "")


def test_after_a_restart_what_was_under_way_is_lost_and_said():
    notice = Notice()
    notice.asked(asked(), binds=False)
    assert notice.resumed() == []
    assert (notice.panel.phase, notice.panel.error_code) == ("failed", "interrupted")


def test_after_a_restart_what_stood_is_put_up_again():
    notice = up()
    notice.proof(proof(seen=True))
    [command] = notice.resumed()
    assert isinstance(command, ShowNotice)
    assert command.notice_id == "notice-1"
    assert notice.panel.phase == "sending"


def test_the_revision_grows_with_every_change():
    notice = up()
    before = notice.panel.revision
    notice.proof(proof(seen=True))
    assert notice.panel.revision == before + 1
    notice.proof(proof(seen=True, at_ms=900))
    assert notice.panel.revision == before + 1, "nothing new was seen"
