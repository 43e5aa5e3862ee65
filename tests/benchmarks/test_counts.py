"""What can be counted does not depend on the machine: work per frame, bytes per flush, losses."""

import itertools

import msgspec
import pytest

from hostdesk.bench.loads import Crowd, timed
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.desk.rows import Digest, FeedRow
from hostdesk.engine import Engine
from hostdesk.events import Comment
from hostdesk.journal.listing import list_shows
from hostdesk.seats.protocol import News, encode, merge
from hostdesk.settings import Settings
from hostdesk.show_keeper import ShowKeeper
from hostdesk.text import words
from hostdesk.views.feed_ring import FeedRing
from hostdesk.views.feed_view import FeedView

FLUSHES_PER_S = 30
FLUSH_BYTES = 128 * 1024
SECONDS = 3


class Audience:
    """A seat that takes every digest at once, as the link would send it."""

    def __init__(self):
        self.bytes, self.flags, self.total = [], set(), 0

    def publish(self, digest):
        self.bytes.append(len(encode(News(digest=merge(None, digest)))))
        self.flags |= {flag.seq for flag in digest.flags}
        self.total = digest.total


class Nowhere:
    async def perform(self, command):
        raise AssertionError("nobody asked for a notice")


@pytest.fixture(scope="module")
def content():
    return load_tables(), load_counsel()


@pytest.fixture
def engine(content, tmp_path):
    tables, counsel = content
    keeper = ShowKeeper(
        tmp_path / "desk", settings=Settings(), tables=tables, counsel=counsel, rehearsal=True
    )
    steps = itertools.count()
    made = Engine(
        shows=keeper,
        output=Nowhere(),
        now_ms=lambda: 1_781_784_000_000,
        clock=lambda: next(steps) / 1000,  # a slice ends after a count, on any machine
        pace=0,
    )
    made.audience = Audience()
    made.open_show(1_781_784_000_000, "bench")
    yield made
    made.let_go()


def comments(per_s):
    lines = timed(Crowd().comments(), [(per_s * SECONDS, per_s)])
    return [msgspec.convert(line, Comment) for line in lines]


@pytest.mark.parametrize("per_s", [1_000, 20_000])
async def test_a_flush_stays_small_whatever_the_rate_and_nothing_is_lost(engine, per_s, tmp_path):
    said = comments(per_s)
    size = per_s // FLUSHES_PER_S
    for start in range(0, len(said), size):
        engine.post(said[start : start + size])
        engine.judge_slice()
        engine.flush()
    while engine.waiting:
        engine.judge_slice()
        engine.flush()
    assert max(engine.audience.bytes) <= FLUSH_BYTES
    assert engine.audience.total == len(said)
    assert engine.audience.flags, "a real crowd says things that are flagged"
    engine.let_go()
    [show] = list_shows(tmp_path / "desk" / "shows")
    assert show.comments == len(said), "every comment is in the journal"


def fed(view, first, count, texts):
    rows = tuple(
        FeedRow(seq, 1_781_784_000_000 + seq, "comment", str(seq), texts[seq % len(texts)])
        for seq in range(first, first + count)
    )
    view.apply(Digest(last_seq=first + count - 1, total=first + count - 1, rows=rows))
    view.refresh()
    view.viewport().repaint()
    return first + count


@pytest.mark.window
@pytest.mark.parametrize("ring", [5_000, 50_000])
@pytest.mark.parametrize("new_rows", [1, 33, 83, 500])
def test_a_frame_lays_out_what_is_visible_however_much_came(qtbot, ring, new_rows):
    view = FeedView(words("zh"), FeedRing(ring))
    qtbot.addWidget(view)
    view.resize(420, 900)
    view.show()
    lines = Crowd().comments()
    texts = [next(lines)["text"] for _ in range(2_000)]
    first = fed(view, 1, ring, texts)
    for _ in range(20):
        before = view.layouts_made
        first = fed(view, first, new_rows, texts)
        assert view.layouts_made - before <= len(view.visible) + 2
