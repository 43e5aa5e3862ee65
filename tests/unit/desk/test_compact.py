import pickle

from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk.compact import NumberMap, NumberSet

numbers = st.integers(0, 2**60 - 1) | st.integers(0, 5) | st.integers(2**60 - 5, 2**60 - 1)
values = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(numbers, max_size=200), st.lists(numbers, max_size=20))
def test_a_set_of_numbers_holds_what_was_added(added, others):
    kept = NumberSet()
    for number in added:
        kept.add(number)
    for each in (kept, pickle.loads(pickle.dumps(kept))):
        assert len(each) == len(set(added))
        assert all((number in each) == (number in added) for number in added + others)


@given(st.lists(st.tuples(numbers, values), max_size=200), st.lists(st.tuples(numbers, values)))
def test_a_map_of_numbers_works_like_a_dict_also_after_a_restart(before, after):
    kept, like = NumberMap(), {}
    for number, value in before:
        assert kept.put(number, value, 1_000) == like.get(number)
        like[number] = value
    back = pickle.loads(pickle.dumps(kept))
    for number, value in after:
        assert back.put(number, value, 1_000) == like.get(number)
        like[number] = value
    assert len(back) == len(like)


def test_a_full_map_goes_on_with_those_who_are_in_it():
    kept = NumberMap()
    assert [kept.put(number, 1, 2) for number in (7, 8, 9)] == [None, None, None]
    assert [kept.put(number, 2, 2) for number in (7, 8, 9)] == [1, 1, None]
    assert len(kept) == 2
