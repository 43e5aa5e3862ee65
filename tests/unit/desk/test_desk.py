from hostdesk.content.counsel import load_counsel
from hostdesk.desk.desk import Desk
from hostdesk.events import CommandDone, CommandFailed, NoticeAsked, ShowOpened

COUNSEL = load_counsel()
EIGHT_PM = 1_781_092_800_000
"""20:00 in China."""


def desk():
    opened = ShowOpened(at_ms=EIGHT_PM, show_id="s", title="t", version="0", zone_offset_min=480)
    return Desk(opened, COUNSEL)


def test_a_notice_on_the_picture_is_a_promise_and_one_that_failed_is_none():
    ask = NoticeAsked(at_ms=EIGHT_PM, text="画面卡了，21:40前更新")
    up, failed = desk(), desk()
    [command] = up.receive(ask)
    assert not up.promises.rows
    up.receive(CommandDone(at_ms=EIGHT_PM + 90, command_id=command.command_id))
    assert len(up.promises.rows) == 1
    [command] = failed.receive(ask)
    failed.receive(
        CommandFailed(at_ms=EIGHT_PM, command_id=command.command_id, error_code="obs_away")
    )
    assert not failed.promises.rows
