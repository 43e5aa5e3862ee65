import pickle

from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk.known import Known

numbers = st.integers(0, 2**60 - 1) | st.integers(0, 5) | st.integers(2**60 - 5, 2**60 - 1)


@given(st.sets(numbers, max_size=200), st.sets(numbers, max_size=20))
def test_exactly_what_was_added_is_known_also_after_a_restart(added, others):
    known = Known()
    for number in added:
        known.add(number)
    back = pickle.loads(pickle.dumps(known))
    for each in (known, back):
        assert len(each) == len(added)
        assert all(number in each for number in added)
        assert not any(number in each for number in others - added)
    for number in others - added:
        back.add(number)
    assert all(number in back for number in added | others)
