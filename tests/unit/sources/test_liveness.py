"""A feed is alive by its signs of life, not by how much is said."""

import pytest

from hostdesk.events import Gap, SourceState
from hostdesk.sources.liveness import QUIET_MS, Liveness
from hostdesk.sources.steps import STALLED_MS, Fault

GONE = Fault(code="source_closed")


def states(events):
    return [event.state for event in events if isinstance(event, SourceState)]


@pytest.fixture
def life():
    made = Liveness("room-1", "twitch", "频道")
    made.starts(0)
    made.joined(1_000)
    return made


def test_a_room_without_comments_is_quiet_and_not_stalled(life):
    for now in range(2_000, 1_000 + QUIET_MS, 5_000):
        assert life.alive(now) == []
        assert life.passed(now) == []
    assert states(life.passed(1_000 + QUIET_MS)) == ["quiet"]
    assert life.alive(1_500 + QUIET_MS) == []
    assert states(life.alive(70_000, said=True)) == ["live"]


def test_silence_of_the_line_itself_is_told_within_twenty_seconds(life):
    life.alive(5_000, said=True)
    told = [(now, states(life.passed(now))) for now in range(6_000, 26_000, 1_000)]
    first = next(now for now, said in told if said == ["stalled"])
    assert first - 5_000 <= 20_000
    assert life.is_dead(5_000 + STALLED_MS)
    assert sum(bool(said) for _, said in told) == 1  # once, not each second


def test_what_was_missed_is_one_gap_from_the_last_sign_of_life(life):
    life.alive(5_000)
    assert states(life.lost(GONE, 6_000)) == ["reconnecting"]
    assert life.starts(7_000) == []
    gap, now_live = life.joined(9_000)
    assert gap == Gap(at_ms=5_000, until_ms=9_000, source="room-1")
    assert now_live.state == "live"
    assert not [event for event in life.joined(9_500) if isinstance(event, Gap)]


def test_before_the_first_joining_nothing_can_have_been_missed():
    life = Liveness("room-1", "twitch")
    assert states(life.starts(0)) == ["starting"]
    assert states(life.lost(GONE, 1_000)) == ["reconnecting"]
    life.starts(2_000)
    assert states(life.joined(3_000)) == ["live"]
    assert life.joined(3_000) == []


def test_a_refusal_keeps_its_words_and_the_next_try_is_a_start(life):
    no = Fault(code="source_forbidden", state="refused", params={"status": 403})
    (said,) = life.lost(no, 2_000)
    assert (said.state, said.error_code, said.params) == ("refused", no.code, no.params)
    assert states(life.starts(3_000)) == ["starting"]


def test_masked_names_and_unreadable_frames_are_told_when_they_change(life):
    (said,) = life.masked(2_000, is_masked=True)
    assert said.masked
    assert said.state == "live"
    assert life.masked(2_500, is_masked=True) == []
    life.alive(3_000, skipped=2)
    (said,) = life.passed(3_500)
    assert (said.skipped, said.masked) == (2, True)
    assert life.passed(4_000) == []


def test_a_covered_page_stays_covered_until_it_is_seen_again(life):
    assert states(life.covered(2_000, is_covered=True)) == ["covered"]
    assert life.alive(3_000, said=True) == []
    assert states(life.covered(4_000, is_covered=False)) == ["live"]


def test_an_end_in_order_leaves_no_gap(life):
    assert states(life.ended(5_000)) == ["ended"]
    life.starts(6_000)
    assert not [event for event in life.joined(7_000) if isinstance(event, Gap)]
