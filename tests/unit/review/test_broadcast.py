import pytest

from hostdesk.events import Gap, Health, ObsState, Stream
from hostdesk.review.broadcast import STALE_MS, BroadcastBook


def told(*events, last_s=600):
    book = BroadcastBook()
    for event in events:
        book.receive(event)
    return book.result(last_s * 1000)


def stream(second, state):
    return Stream(at_ms=second * 1000, state=state)


def health(second, picture):
    return Health(at_ms=second * 1000, picture=picture)


def test_without_any_word_of_the_broadcast_nothing_is_claimed():
    result = told(Gap(at_ms=0, until_ms=500))
    assert result.state == "unknown"
    assert result.reconnecting_ms is result.frozen_ms is result.down_ms is None
    assert (result.gaps, result.gap_ms) == (1, 500)


@pytest.mark.parametrize(
    ("why", "events", "count", "ms"),
    [
        ("back after 20 s", [(10, "reconnecting"), (30, "reconnected")], 1, 20_000),
        ("told twice", [(10, "reconnecting"), (20, "reconnecting"), (30, "started")], 1, 20_000),
        ("never back", [(590, "reconnecting")], 1, 10_000),
        ("given up", [(10, "reconnecting"), (15, "stopped")], 1, 5_000),
        ("twice", [(1, "reconnecting"), (2, "started"), (3, "reconnecting"), (4, "started")],
         2, 2_000),
    ],
)  # fmt: skip
def test_time_spent_reconnecting(why, events, count, ms):
    result = told(stream(0, "started"), *(stream(*event) for event in events))
    assert (result.reconnects, result.reconnecting_ms) == (count, ms), why


def test_the_last_stop_is_the_end_and_no_trouble():
    result = told(
        stream(0, "started"), stream(100, "stopped"), stream(160, "started"), stream(500, "stopped")
    )
    assert result.down_ms == 60_000


def test_a_frozen_picture_lasts_from_reading_to_reading():
    result = told(health(0, "ok"), health(10, "frozen"), health(15, "frozen"), health(20, "ok"))
    assert result.frozen_ms == 10_000


def test_a_reading_does_not_hold_for_ever():
    assert told(health(0, "black"), health(300, "ok")).frozen_ms == STALE_MS


def test_a_lost_link_is_counted_once():
    linked, lost = ObsState(at_ms=0, linked=True), ObsState(at_ms=9, linked=False)
    assert told(lost, linked, lost, lost).obs_lost == 1
