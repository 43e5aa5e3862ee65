import pytest

from hostdesk.sources.recordings.tally import FIXED_START_MS, Offsets, Tally, Timeline

T = 1_781_784_000_000
DAY = 86_400_000


@pytest.mark.parametrize(
    ("why", "given", "used", "clamped"),
    [
        ("in order", [T, T + 5, T + 9], [T, T + 5, T + 9], 0),
        ("backwards", [T, T - 5, T + 9], [T, T, T + 9], 1),
        ("unknown", [None, T], [FIXED_START_MS, FIXED_START_MS], 2),
        ("a single leap is a slip", [T, T + 9 * DAY, T + 9], [T, T, T + 9], 1),
        ("a leap that is kept is true", [T, T + 9 * DAY, T + 9 * DAY], [T, T, T + 9 * DAY], 1),
        ("absurd", [T, -(10**18), 10**18], [T, T, T], 2),
    ],
)  # fmt: skip
def test_times_never_run_backwards(why, given, used, clamped):
    tally = Tally()
    timeline = Timeline(tally)
    assert [timeline.at(each) for each in given] == used, why
    assert tally.clamped == clamped


def test_only_the_first_lines_are_told():
    tally = Tally()
    for number in range(1, 100):
        tally.skip(number)
    assert (tally.skipped, tally.skipped_lines) == (99, list(range(1, 21)))


def test_an_offset_counts_from_where_another_message_shows():
    offsets = Offsets()
    assert offsets.at(None, 10) == FIXED_START_MS + 10
    assert offsets.at(T, 1_000) == T
    assert offsets.at(None, 3_000) == T + 2_000
    assert offsets.at(None, None) is None
