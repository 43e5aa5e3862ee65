from hypothesis import given
from hypothesis import strategies as st

from hostdesk.review.lists import Capped, clip, person


@given(st.text())
def test_clipped_text_is_one_plain_line(text):
    line = clip(text, 20)
    assert len(line) <= 20
    assert line.isprintable() or not any(char < " " for char in line)
    assert "\u202e" not in line


def test_short_text_stays_as_it_is():
    assert clip("起球了 👨‍👩‍👧 好吧") == "起球了 👨‍👩‍👧 好吧"


def test_a_capped_list_counts_what_it_leaves_out():
    few = Capped(2)
    assert [few.add(number) for number in range(5)] == [True, True, False, False, False]
    assert (list(few), len(few), few.left_out) == ([0, 1], 2, 3)


def test_hidden_accounts_are_nobody():
    assert person("") is person("0") is None
    assert person("ann") == person("ann") != person("ben")
