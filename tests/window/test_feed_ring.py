import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Label, Lane
from hostdesk.views.feed_ring import ALL, FLAGGED, FeedRing, Hole, key_of


def said(seq, text="好看", kind="comment"):
    return FeedRow(seq, 1_000 * seq, kind, "小鹿", text)


def flag(seq, lane=Lane.ANSWER):
    return RowFlag(seq, (Label.COMPLAINT,), lane, ())


def digest(*seqs, total=None, flags=(), flagged=(), before=0):
    rows = tuple(said(seq) for seq in seqs)
    return Digest(
        last_seq=max([*seqs, *(row.seq for row in flagged), before]),
        total=len(rows) if total is None else total,
        rows=rows,
        flags=tuple(flags),
        flagged_rows=tuple(flagged),
    )


def shape(ring, by=ALL):
    return [
        (entry.seq, entry.until_seq, entry.count) if isinstance(entry, Hole) else entry.seq
        for entry in ring.entries(by)
    ]


def test_numbers_that_are_no_comments_leave_no_hole():
    ring = FeedRing()
    ring.apply(digest(3, 9, 20, total=3))
    assert shape(ring) == [3, 9, 20]


def test_what_was_left_out_leaves_a_hole_with_its_number():
    ring = FeedRing()
    ring.apply(digest(1, 2, total=2))
    ring.apply(digest(50, 51, total=40))
    assert shape(ring) == [1, 2, (3, 49, 36), 50, 51]


def test_a_window_that_opens_late_starts_with_a_hole():
    ring = FeedRing()
    ring.apply(digest(900, 901, total=700))
    assert shape(ring) == [(1, 899, 698), 900, 901]


def test_a_flagged_row_out_of_a_hole_is_shown_and_counted():
    ring = FeedRing()
    ring.apply(digest(1, total=1))
    ring.apply(digest(50, total=21))
    ring.apply(digest(51, total=22, flags=[flag(30)], flagged=[said(30)]))
    assert shape(ring) == [1, (2, 49, 18), 30, 50, 51]
    assert shape(ring, Lane.ANSWER) == [30]


def test_pages_fill_a_hole_from_its_newest_end():
    ring = FeedRing()
    ring.apply(digest(1, total=1))
    ring.apply(digest(1000, total=500))
    hole = ring.entries()[1]
    assert ring.page_to_ask(hole) == (800, 999)
    assert ring.page_to_ask(hole) is None  # under way
    ring.insert_page([said(seq) for seq in range(900, 1000)], [], (800, 999))
    assert shape(ring)[:3] == [1, (2, 799, 398), 900]
    assert ring.page_to_ask(ring.entries()[1]) == (600, 799)


def test_a_page_without_its_span_belongs_to_the_oldest_asked():
    ring = FeedRing()
    ring.apply(digest(100, total=51))
    assert ring.page_to_ask(ring.entries()[0]) == (1, 99)
    ring.insert_page([said(seq) for seq in range(1, 51)], [flag(7)], None)
    assert shape(ring) == [*range(1, 51), 100]
    assert shape(ring, FLAGGED) == [7]


def test_an_empty_page_closes_its_hole():
    ring = FeedRing()
    ring.apply(digest(100, total=51))
    ring.page_to_ask(ring.entries()[0])
    ring.insert_page([], [], None)
    assert shape(ring) == [100]


def test_flags_may_come_before_or_after_their_row():
    ring = FeedRing()
    ring.apply(digest(1, 2, total=2, flags=[flag(3)]))
    ring.apply(digest(3, 4, total=4, flags=[flag(1)]))
    assert shape(ring, FLAGGED) == [1, 3]


def test_a_flag_that_changes_lane_moves():
    ring = FeedRing()
    ring.apply(digest(1, total=1, flags=[flag(1)]))
    ring.apply(digest(total=1, before=1, flags=[flag(1, Lane.VERIFY)]))
    assert shape(ring, Lane.ANSWER) == []
    assert shape(ring, Lane.VERIFY) == [1]


def test_the_oldest_leave_and_take_their_flags_along():
    ring = FeedRing(max_rows=100)
    for start in range(1, 1001, 10):
        seqs = range(start, start + 10)
        ring.apply(digest(*seqs, total=start + 9, flags=[flag(start)]))
    assert shape(ring) == list(range(901, 1001))
    assert shape(ring, FLAGGED) == list(range(901, 1001, 10))
    assert ring.flag(801) is None
    assert ring.flag(901) is not None
    assert ring.evicted == 900


def test_the_same_row_twice_is_shown_once():
    ring = FeedRing()
    ring.apply(digest(1, 2, 3, total=3))
    ring.apply(digest(2, 3, 4, total=4))
    assert shape(ring) == [1, 2, 3, 4]


def test_after_a_crash_the_journal_is_what_counts():
    ring = FeedRing()
    ring.apply(digest(1, 2, 3, 4, total=4))
    ring.apply(digest(1, 2, 3, total=3))
    ring.apply(digest(4, 5, total=5))
    assert shape(ring) == [1, 2, 3, 4, 5]


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(1, 400), unique=True, max_size=12),
            st.lists(st.integers(1, 400), unique=True, max_size=6),
            st.integers(0, 30),
        ),
        max_size=12,
    )
)
def test_rows_are_always_in_order_and_no_more_than_fit(steps):
    ring, total = FeedRing(max_rows=40), 0
    for seqs, flagged, more in steps:
        seqs.sort()
        total += len(seqs) + more
        ring.apply(
            digest(
                *seqs,
                total=total,
                flags=[flag(seq) for seq in flagged],
                flagged=[said(seq) for seq in flagged],
            )
        )
        for hole in [one for one in ring.entries() if isinstance(one, Hole)][:1]:
            if span := ring.page_to_ask(hole):
                ring.insert_page([said(seq) for seq in range(span[0], span[1], 3)], [], span)
        for by in (ALL, FLAGGED, *Lane):
            keys = [key_of(entry) for entry in ring.entries(by)]
            assert keys == sorted(set(keys))
        assert len(ring.entries()) <= 40


@pytest.mark.parametrize("count", [0, 1, 3])
def test_clearing_forgets_everything(count):
    ring = FeedRing()
    ring.apply(digest(*range(1, count + 1), total=count, flags=[flag(1)]))
    ring.clear()
    assert not ring.entries()
    assert ring.flag(1) is None
    assert not ring.entries(FLAGGED)


def test_a_row_that_was_taken_back_is_marked_live_in_a_page_and_never_for_another():
    ring = FeedRing()
    ring.apply(digest(1, 2, total=2))
    assert ring.apply(Digest(last_seq=2, total=2, gone=(1, 700))) == [1]
    ring.apply(digest(900, 901, total=700))
    ring.insert_page([said(seq) for seq in range(702, 900)], [], (700, 899), [750])
    assert [seq for seq in range(1_000) if ring.is_gone(seq)] == [1, 750]


def test_marks_leave_with_their_rows():
    ring = FeedRing(max_rows=10)
    ring.apply(digest(*range(1, 11)))
    ring.apply(Digest(last_seq=10, total=10, gone=(1, 10)))
    ring.apply(digest(11, 12, total=12))
    assert not ring.is_gone(1)
    assert ring.is_gone(10)
    ring.apply(digest(before=5, total=5))  # the engine knows less after a crash
    assert not ring.is_gone(10)


def test_a_flagged_row_out_of_a_hole_brings_its_mark():
    ring = FeedRing()
    ring.apply(digest(50, total=21))
    ring.apply(
        Digest(last_seq=51, total=21, flags=(flag(30),), flagged_rows=(said(30),), gone=(30,))
    )
    assert ring.is_gone(30)
    assert ring.flag(30) == flag(30)
