"""The quota of a day lasts for the show."""

import datetime
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk.sources.youtube_ledger import KeptLedger
from hostdesk.sources.youtube_quota import (
    LOOKUP,
    POLL,
    Ledger,
    Quota,
    pacific_day,
    resets_ms,
)

COSTS = {LOOKUP: 1, POLL: 5}
NOW = 1_781_784_000_000  # 2026-06-18 20:00 in China, 05:00 in California
HOUR = 3_600_000
PACIFIC = zoneinfo.ZoneInfo("America/Los_Angeles")
MOMENTS = st.integers(1_700_000_000_000, 2_200_000_000_000)


def quota(budget=10_000, ledger=None):
    return Quota(COSTS, budget, ledger or Ledger(), key_id="k")


def test_ten_thousand_units_are_spread_over_four_hours():
    pace = quota().pace(2_000, NOW + 4 * HOUR, NOW)
    assert 7_000 < pace.every_ms < 7_400
    assert pace.is_stretched
    assert pace.minutes == pytest.approx(240, abs=1)


def test_a_short_show_is_read_as_fast_as_the_platform_allows():
    pace = quota().pace(5_000, NOW + HOUR, NOW)
    assert pace.every_ms == 5_000
    assert not pace.is_stretched
    assert pace.minutes == 1_996 * 5 // 60


def test_a_day_that_ends_before_the_show_gives_all_it_has_left():
    before_reset = resets_ms(NOW) - 600_000
    assert quota(1_000).pace(1_000, before_reset + 4 * HOUR, before_reset).every_ms < 3_100


def test_units_of_yesterday_are_not_missed_today():
    ledger = Ledger()
    ledger.spend("k", 9_990, NOW)
    assert quota(ledger=ledger).left(NOW) == 10
    assert quota(ledger=ledger).left(resets_ms(NOW)) == 10_000


def test_two_rooms_with_one_key_share_its_quota():
    ledger = Ledger()
    one, two = quota(ledger=ledger), quota(ledger=ledger)
    one.spend(POLL, NOW)
    assert two.left(NOW) == 9_995


def test_a_call_that_never_left_is_given_back():
    one = quota()
    one.spend(POLL, NOW)
    one.refund(POLL, NOW)
    one.refund(POLL, NOW)
    assert one.left(NOW) == 10_000


@settings(deadline=None, max_examples=40)
@given(
    st.integers(100, 30_000),
    st.integers(30, 700).map(lambda minutes: minutes * 60_000),
    st.integers(-5_000, 120_000),
    MOMENTS,
)
def test_whatever_the_plan_the_budget_lasts_until_its_end(budget, planned_ms, platform_ms, start):
    one = quota(budget)
    now, ends = start, start + planned_ms
    day = pacific_day(start)
    waits = []
    while now < ends and pacific_day(now) == day:
        assert one.affords(POLL, now), "blind before the planned end"
        one.spend(POLL, now)
        pace = one.pace(platform_ms, ends, now)
        assert pace.every_ms >= min(max(platform_ms, 200), 60_000)
        waits.append(pace.every_ms)
        now += pace.every_ms
    assert max(waits[: len(waits) // 2 + 1]) <= 2.1 * min(waits) + 1_000, "spread evenly"


@given(MOMENTS)
def test_the_day_is_californias_also_where_there_are_no_time_zones(now):
    local = datetime.datetime.fromtimestamp(now / 1000, PACIFIC)
    assert pacific_day(now) == local.date().isoformat()
    tomorrow = datetime.datetime.combine(
        local.date() + datetime.timedelta(days=1), datetime.time(), PACIFIC
    )
    assert resets_ms(now) == round(tomorrow.timestamp() * 1000)


def test_what_was_used_is_remembered_over_a_restart(tmp_path):
    file = tmp_path / "quota" / "youtube.json"
    KeptLedger(file).spend("k", 70, NOW)
    assert KeptLedger(file).spent("k", NOW) == 70


@pytest.mark.parametrize("content", [b"", b"[]", b'{"k": 5}', b"\xff\xfe", b'{"k": ["a", "b"]}'])
def test_a_broken_ledger_begins_anew(tmp_path, content):
    file = tmp_path / "youtube.json"
    file.write_bytes(content)
    ledger = KeptLedger(file)
    ledger.spend("k", 5, NOW)
    assert KeptLedger(file).spent("k", NOW) == 5


def test_where_nothing_can_be_written_it_still_counts(tmp_path):
    (tmp_path / "file").write_text("x")
    ledger = KeptLedger(tmp_path / "file" / "youtube.json")
    ledger.spend("k", 5, NOW)
    assert ledger.spent("k", NOW) == 5
