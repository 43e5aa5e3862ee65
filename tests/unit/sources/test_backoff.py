"""Tries become rarer, never at the same moment for everybody, and never end."""

from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.backoff import FIRST_S, LONGEST_S, Backoff

dice = st.lists(st.floats(0, 1, exclude_max=True), min_size=40, max_size=40)


@given(dice)
def test_waits_grow_up_to_a_bound_and_go_on_for_ever(thrown):
    numbers = iter(thrown)
    backoff = Backoff(lambda: next(numbers))
    waits = [backoff.wait_s() for _ in range(40)]
    assert all(FIRST_S * 2 / 3 <= wait <= LONGEST_S for wait in waits)
    assert min(waits[10:]) >= LONGEST_S * 2 / 3


def test_after_a_success_it_begins_anew_and_what_a_platform_asks_for_is_kept():
    backoff = Backoff(lambda: 0.5)
    for _ in range(9):
        backoff.wait_s()
    assert backoff.wait_s(least_s=300) == 300
    backoff.succeeded()
    assert backoff.wait_s() < FIRST_S
