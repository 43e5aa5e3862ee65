import pytest

from hostdesk.desk.promises import Promises
from hostdesk.errors import AskRefusedError
from hostdesk.events import OpenPromise, PromiseSettled

SHANGHAI = 480
EIGHT_PM = 1_781_784_000_000  # 2026-06-18 20:00 +08


def at(hour, minute, day=0):
    return EIGHT_PM + ((hour - 20) * 60 + minute) * 60_000 + day * 86_400_000


@pytest.mark.parametrize(
    ("text", "due", "why"),
    [
        ("21:40前给您答复", at(21, 40), "a plain clock time of tonight"),
        ("预计 20：05 恢复", at(20, 5), "full-width colon"),
        ("9:30 前回复", at(9, 30, day=1), "long past today: tomorrow morning"),
        ("19:30 说过的", at(19, 30), "just missed is late, not tomorrow"),
    ],
)
def test_a_clock_time_is_a_promise(text, due, why):
    promises = Promises(SHANGHAI)
    promises.said(text, EIGHT_PM)
    assert [row.due_ms for row in promises.rows] == [due], why


@pytest.mark.parametrize("text", ["12345:67", "1:100 的比例", "尺码 25:70", "没有时间"])
def test_what_is_no_clock_time_is_no_promise(text):
    promises = Promises(SHANGHAI)
    promises.said(text, EIGHT_PM)
    assert promises.rows == ()


def test_said_twice_is_one_promise():
    promises = Promises(SHANGHAI)
    promises.said("21:00前回复", EIGHT_PM)
    promises.said("21:00前回复", EIGHT_PM + 60_000)
    assert len(promises.rows) == 1


def test_a_promise_grows_late_and_can_still_be_kept():
    promises = Promises(SHANGHAI)
    promises.said("20:05前回复", EIGHT_PM)
    assert not promises.tick(at(20, 5))
    assert promises.tick(at(20, 5) + 1)
    assert promises.rows[0].state == "late"
    promises.settled(
        PromiseSettled(at_ms=at(20, 6), promise_id=promises.rows[0].promise_id, kept=True)
    )
    assert promises.rows[0].state == "kept"


def test_a_settled_promise_is_not_settled_again():
    promises = Promises(SHANGHAI, (OpenPromise(promise_id="p", text="退款", due_ms=1),))
    ask = PromiseSettled(at_ms=5, promise_id="p", kept=False, reason="改约")
    promises.settled(ask)
    assert promises.rows[0].state == "given_up"
    with pytest.raises(AskRefusedError):
        promises.settled(ask)
