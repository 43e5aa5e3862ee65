"""What a platform took back stays in the feed, marked: live, in the past, after a restart."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk import removed_rows
from hostdesk.desk.feed import Feed
from hostdesk.desk.removals import Removals
from hostdesk.desk.removed_rows import RemovedRows
from hostdesk.events import Comment, Removed, Tick

HOME = "room-1"


def said(author="ann", comment_id="", source=HOME):
    return Comment(at_ms=1, author_id=author, comment_id=comment_id, text="骗子", source_id=source)


def removed(comment_id="", author="", source=HOME, **more):
    return Removed(at_ms=2, comment_id=comment_id, author_id=author, source_id=source, **more)


class Show:
    """A feed and the journal beside it."""

    def __init__(self):
        self.feed = Feed()
        self.events = []
        self.rows = RemovedRows()
        self.read = 0

    def take(self, *events):
        for event in events:
            self.events.append(event)
            self.feed.receive(len(self.events), event)
        return self

    def page(self, first, last):
        self.read += 1
        return [
            (seq, event, None)
            for seq, event in enumerate(self.events, 1)
            if first <= seq <= last
        ]  # fmt: skip

    def found(self, digests=1):
        return {seq for _ in range(digests) for seq in self.rows.find(self.feed, self.page)}

    def in_the_past(self):
        has = self.feed.removals.has
        return {seq for seq, event in enumerate(self.events, 1) if has(seq, event)}


def test_one_comment_is_taken_back_by_its_id():
    show = Show().take(said(comment_id="a"), said(comment_id="b"), removed("a"))
    assert show.found() == show.in_the_past() == {1}


def test_all_that_a_person_said_is_taken_back_but_not_what_they_say_later():
    show = Show().take(said(), said("bo"), said(), removed(author="ann", reason="timed_out"))
    show.take(said())
    assert show.found() == show.in_the_past() == {1, 3}


def test_a_cleared_chat_takes_back_all_that_was_said_there_and_nothing_elsewhere():
    show = Show().take(said(), said(source="room-2"), said("bo"), removed(reason="cleared"))
    assert show.found() == show.in_the_past() == {1, 3}


def test_the_same_id_in_another_room_is_somebody_else():
    show = Show().take(said(comment_id="a", source="room-2"), removed("a"), removed(author="ann"))
    assert show.found(9) == show.in_the_past() == set()


@pytest.mark.parametrize("nobody", ["0", ""])
def test_people_whom_the_platform_masks_are_not_taken_back_together(nobody):
    show = Show().take(said(nobody), said(nobody, comment_id="b"), removed("b", author=nobody))
    assert show.found(3) == show.in_the_past() == {2}


def test_a_masked_person_without_a_comment_takes_nothing_back():
    assert Show().take(said("0"), removed(author="0")).in_the_past() == set()


def test_a_comment_that_comes_behind_its_removal_is_marked_too():
    show = Show().take(removed("late"))
    assert show.found(5) == set()
    show.take(said(comment_id="late"))
    assert show.found() == {2}


def test_what_was_said_long_ago_is_found_a_slice_at_a_time(monkeypatch):
    monkeypatch.setattr(removed_rows, "SLICE", 10)
    show = Show().take(
        said(), *(Tick(at_ms=1) for _ in range(95)), said("bo"), removed(author="ann")
    )
    assert show.found() == set()
    assert show.found(20) == {1}
    assert show.read == 10


def test_a_comment_that_was_found_is_not_searched_for_any_further(monkeypatch):
    monkeypatch.setattr(removed_rows, "SLICE", 10)
    show = Show().take(*(said(comment_id=f"c{n}") for n in range(100)), removed("c97"))
    assert show.found(20) == {98}
    assert show.read == 1


def test_a_hundred_bans_in_a_row_are_two_searches(monkeypatch):
    monkeypatch.setattr(removed_rows, "SLICE", 10)
    show = Show().take(*(said(f"p{n}") for n in range(200)))
    found = set()
    for n in range(100):
        show.take(removed(author=f"p{n}"))
        found |= show.found()
    found |= show.found(70)
    assert found == show.in_the_past() == set(range(1, 101))
    assert show.read < 100 + 70
    before = show.read
    assert show.found(5) == set()
    assert show.read == before


def test_an_ordinary_comment_leaves_nothing_behind():
    removals = Removals()
    empty = len(pickle.dumps(removals))
    feed = Feed()
    for n in range(1_000):
        feed.receive(n + 1, said(f"p{n}", f"c{n}"))
    assert len(pickle.dumps(feed.removals)) == empty


def test_what_is_remembered_of_removals_has_an_end(monkeypatch):
    monkeypatch.setattr("hostdesk.desk.removals.MAX_IDS", 3)
    show = Show().take(*(said(comment_id=f"c{n}") for n in range(5)))
    show.take(*(removed(f"c{n}") for n in range(5)))
    assert show.in_the_past() == {3, 4, 5}


def test_another_show_begins_with_nothing_taken_back():
    rows = RemovedRows()
    first = Show().take(said(comment_id="a"), removed("a"))
    assert rows.find(first.feed, first.page) == [1]
    second = Show().take(said(comment_id="a"))
    assert rows.find(second.feed, second.page) == []


ids = st.sampled_from(["a", "b", "c"])
an_event = st.one_of(
    st.builds(said, author=ids, comment_id=ids),
    st.builds(removed, comment_id=ids),
    st.builds(removed, author=ids),
    st.just(removed(reason="cleared")),
    st.just(Tick(at_ms=1)),
)


@given(st.lists(st.lists(an_event, max_size=6), max_size=12))
def test_live_and_in_the_past_the_same_rows_are_marked(batches):
    show = Show()
    live = set()
    for batch in batches:
        show.take(*batch)
        live |= show.found()
    assert live | show.found(4) == show.in_the_past()
