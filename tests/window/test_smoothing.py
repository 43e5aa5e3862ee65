"""Clumps are shown at the pace of people, within a second; what is not a clump does not wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.findings import Label, Lane
from hostdesk.views.feed_ring import FLAGGED, FeedRing
from hostdesk.views.smoothing import LONGEST_MS, SILENCE_MS, Smoother, is_clump, split


def row(seq, kind="comment"):
    return FeedRow(seq, seq, kind, "a", f"t{seq}")


def flag(seq):
    return RowFlag(seq, (Label.COMPLAINT,), Lane.ANSWER, ())


def digest(first, count, **more):
    rows = tuple(row(seq) for seq in range(first, first + count))
    last = first + count - 1
    return Digest(**{"rows": rows, "last_seq": last, "total": last, **more})


@pytest.fixture
def world(qtbot):
    owner = QObject()
    taken = []
    smoother = Smoother(owner, taken.append)
    smoother.taken, smoother.owner = taken, owner
    return smoother


def seqs(digests):
    return [row.seq for each in digests for row in each.rows]


def test_a_clump_after_a_silence_is_spread_and_all_of_it_is_shown_within_a_second(world, qtbot):
    world.apply(digest(1, 2))
    qtbot.wait(SILENCE_MS + 50)
    world.apply(digest(3, 12))
    assert len(seqs(world.taken)) < 14
    assert 0 < world.lag_ms <= LONGEST_MS
    qtbot.waitUntil(lambda: len(seqs(world.taken)) == 14, timeout=10_000)
    assert seqs(world.taken) == list(range(1, 15))
    qtbot.waitUntil(lambda: world.lag_ms == 0, timeout=5_000)


def test_a_steady_feed_and_a_flood_do_not_wait(world, qtbot):
    for at in range(20):
        world.apply(digest(1 + 5 * at, 5))
        assert len(seqs(world.taken)) == 5 * (at + 1)
    qtbot.wait(SILENCE_MS + 20)
    world.apply(digest(101, 60))
    assert len(seqs(world.taken)) == 160


def test_what_comes_next_never_overtakes_what_waits(world, qtbot):
    world.apply(digest(1, 1))
    qtbot.wait(SILENCE_MS + 50)
    world.apply(digest(2, 10))
    world.apply(digest(12, 1))
    assert seqs(world.taken) == list(range(1, 13))


def test_a_digest_with_a_hole_is_not_taken_apart():
    assert is_clump(digest(3, 6), total=2)
    assert not is_clump(digest(3, 6), total=0)
    assert not is_clump(digest(3, 6, flagged_rows=(row(3),)), total=2)


@given(
    st.lists(
        st.tuples(st.sampled_from(["comment", "gift"]), st.booleans()), min_size=4, max_size=30
    )
)
def test_in_pieces_or_at_once_the_feed_becomes_the_same(kinds):
    rows = tuple(row(seq, kind) for seq, (kind, _) in enumerate(kinds, 2))
    flags = tuple(flag(seq) for seq, (_, flagged) in enumerate(kinds, 2) if flagged)
    total = 1 + sum(kind == "comment" for kind, _ in kinds)
    whole = Digest(rows=rows, flags=flags, last_seq=rows[-1].seq, total=total)
    rings = FeedRing(), FeedRing()
    for ring in rings:
        ring.apply(digest(1, 1))
    rings[0].apply(whole)
    for piece in split(whole, 1):
        rings[1].apply(piece)
    one, other = ([list(ring.entries(by)) for by in ("all", FLAGGED)] for ring in rings)
    assert one == other
    assert [ring.total for ring in rings] == [total, total]
