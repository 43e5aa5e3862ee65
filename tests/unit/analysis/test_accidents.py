import pytest

from hostdesk.events import AnyEvent, Health, HostSaid, Stream, Tick
from tests.unit.analysis.builders import START_MS, crowd, evening, findings, play, said

FROZEN = [
    "卡了",
    "画面不动了",
    "怎么定住了",
    "卡成ppt",
    "没画面了",
    "主播人呢",
    "好卡啊",
    "it froze",
]


def at(seconds: float) -> int:
    return START_MS + int(seconds * 1000)


def health(seconds: float, **readings: object) -> Health:
    calm = {"fps": 30.0, "skipped_ratio": 0.0, "congestion": 0.05, "picture": "ok"}
    return Health(at_ms=at(seconds), **(calm | readings))  # type: ignore[arg-type]


def ticks(until_s: int) -> list[AnyEvent]:
    return [Tick(at_ms=at(second)) for second in range(until_s)]


def accidents(events: list[AnyEvent]):
    return findings(play(events), "accident")


def test_four_people_in_a_quiet_room_are_an_accident_and_three_are_not():
    assert not accidents([*crowd(FROZEN[:3], 10)])
    opened = accidents([*crowd(FROZEN[:4], 10)])
    assert [one.state for one in opened] == ["opened"]
    assert opened[0].authors == 4
    assert opened[0].topic == "freeze"


def test_in_a_large_room_two_percent_are_needed():
    room = [said("666", f"v{n}", n * 0.05) for n in range(1000)]
    assert not accidents([*room, *crowd(FROZEN, 51, every_s=0.2)])
    assert accidents([*room, *crowd(FROZEN * 3, 51, every_s=0.2)])


@pytest.mark.parametrize(
    ("why", "events"),
    [
        ("one person repeating", [said("卡了", "ann", n) for n in range(10)]),
        ("too slow to be one event", crowd(FROZEN, 0, every_s=20)),
        ("only questions about it", crowd(["没声音了吗", "卡不卡", "是不是卡了"] * 2, 0)),
        ("cards", crowd(["银行卡能用吗", "贺卡送吗", "刷卡行吗", "打卡", "卡点视频好听"], 0)),
        (
            "answers to the host",
            [
                HostSaid(at_ms=at(0), text="大家那边卡不卡？卡的扣1，不卡的扣2"),
                *crowd(["1", "卡", "1", "卡", "卡", "2", "卡", "卡"], 3),
            ],
        ),
        ("denied", crowd(["不卡", "不卡啊", "我这边不卡", "没卡", "很流畅"], 0)),
    ],
)
def test_no_accident(why: str, events: list[AnyEvent]):
    assert not accidents(events), why


def test_recovery_words_of_three_people_close_it():
    events = [*crowd(FROZEN, 10), *crowd(["好了", "恢复了", "可以了", "有画面了"], 40), *ticks(60)]
    states = [(one.state, one.finding_id) for one in accidents(events)]
    assert states[0][0] == "opened"
    assert states[-1][0] == "closed"
    assert len({finding_id for _, finding_id in states}) == 1


def test_late_reports_after_recovery_do_not_open_a_second_one():
    events = [
        *crowd(FROZEN, 10),
        *crowd(["好了", "恢复了", "可以了", "有画面了"], 40),
        *crowd(FROZEN[:5], 60, who="late", every_s=2),
        *ticks(120),
    ]
    assert sum(one.state == "opened" for one in accidents(events)) == 1


def test_a_second_freeze_of_the_whole_room_does_open_again():
    events = [
        *crowd(FROZEN, 10),
        *crowd(["好了", "恢复了", "可以了", "有画面了"], 40),
        *crowd(FROZEN * 3, 90, who="again", every_s=0.3),
        *ticks(130),
    ]
    assert sum(one.state == "opened" for one in accidents(events)) == 2


def test_the_broadcast_adds_evidence_and_confidence():
    alone = accidents([*crowd(FROZEN, 10)])[-1]
    bad = [health(second, congestion=0.9, skipped_ratio=0.3) for second in (5, 10, 12)]
    proven = accidents([*bad, *crowd(FROZEN, 10)])[-1]
    clean = accidents([*(health(second) for second in range(0, 15, 5)), *crowd(FROZEN, 10)])[-1]
    assert {"congestion", "skipped"} <= {one.signal for one in proven.evidence}
    assert clean.confidence < alone.confidence < proven.confidence


def test_a_long_reconnect_is_an_accident_without_a_word_from_viewers():
    events = [Stream(at_ms=at(5), state="reconnecting"), *ticks(30)]
    opened = accidents(events)
    assert opened[0].topic == "cut"
    assert opened[0].authors == 0
    assert not accidents([Stream(at_ms=at(5), state="reconnecting"), *ticks(10)])


def test_a_frozen_picture_twice_in_a_row_is_an_accident():
    assert not accidents([health(5, picture="frozen"), health(10)])
    opened = accidents([health(5, picture="frozen"), health(10, picture="frozen")])
    assert opened[0].topic == "freeze"


def test_it_stays_open_while_the_uplink_is_down_and_closes_when_all_is_well():
    events = [
        Stream(at_ms=at(5), state="reconnecting"),
        *crowd(FROZEN, 8),
        *crowd(["好了吗", "好了", "恢复了", "可以了"], 20),
        *ticks(60),
    ]
    assert accidents(events)[-1].state != "closed"
    back = [Stream(at_ms=at(62), state="reconnected"), health(65), health(70)]
    assert accidents([*events, *back, Tick(at_ms=at(71))])[-1].state == "closed"


def test_an_ordinary_evening_has_no_accident():
    assert not accidents([*evening(3, 10)])


def test_a_silent_room_is_no_sign_of_recovery():
    frozen = crowd(FROZEN, 0)
    silent = accidents([*frozen, *ticks(200)])
    assert [one.state for one in silent][-1] != "closed"
    talking = crowd(["几号链接", "多少钱", "晚上好"], 30, every_s=1)
    events = sorted([*frozen, *talking, *ticks(200)], key=lambda event: event.at_ms)
    assert accidents(events)[-1].state == "closed"


def test_an_accident_that_nobody_speaks_of_again_ends_at_last():
    assert accidents([*crowd(FROZEN, 0), *ticks(1_000)])[-1].state == "closed"
