"""A recording played as if it were live."""

import asyncio
import contextlib
import itertools
import time

import pytest

from hostdesk.events import Comment, Health, SourceState
from hostdesk.sources.playback import GROUP_MS, MAX_GROUP, ROOM, ReplaySource

START_MS = 1_781_784_000_000
NOW_MS = 1_800_000_000_000


class Told:
    """A recording with events at these milliseconds from its start."""

    source_id = "show-file"
    skipped = 2

    def __init__(self, *times, batch=3):
        events = [Comment(at_ms=START_MS + ms, text=f"第{n}条") for n, ms in enumerate(times)]
        self._batches = [events[n : n + batch] for n in range(0, len(events), batch)]

    def batches(self):
        yield from self._batches


class Posts(list):
    """What was posted, a list a time."""

    def __call__(self, events):
        self.append(list(events))

    @property
    def comments(self):
        return [e for batch in self for e in batch if isinstance(e, Comment)]

    @property
    def states(self):
        return [e.state for batch in self for e in batch if isinstance(e, SourceState)]


def fast_clock(pace):
    begun = time.monotonic()
    return lambda: NOW_MS + round((time.monotonic() - begun) * 1000 * pace)


async def played(recording, *, pace=None, **how):
    posts = Posts()
    now_ms = fast_clock(pace) if pace else lambda: START_MS
    async with asyncio.timeout(20):
        await ReplaySource(recording, now_ms, pace=pace, **how).run(posts)
    return posts


async def test_at_full_speed_the_recorded_times_are_kept():
    posts = await played(Told(0, 5, 700_000))
    assert [each.at_ms - START_MS for each in posts.comments] == [0, 5, 700_000]
    assert posts.states == ["live", "ended"]


async def test_its_end_tells_what_was_skipped():
    posts = await played(Told(0))
    assert posts[-1][-1].skipped == 2


async def test_at_a_pace_the_first_event_is_now_and_the_others_follow():
    posts = await played(Told(0, 3, 40, 900), pace=100.0)
    first = posts.comments[0].at_ms
    assert 0 <= first - NOW_MS < 2_000
    assert [each.at_ms - first for each in posts.comments] == [0, 3, 40, 900]
    assert {each.source_id for each in posts.comments} == {"show-file"}


async def test_what_is_due_together_is_posted_together():
    posts = await played(Told(0, 3, GROUP_MS - 1, GROUP_MS, 500), pace=1_000.0)
    sizes = [sum(isinstance(e, Comment) for e in batch) for batch in posts]
    assert [size for size in sizes if size] == [3, 1, 1]


@pytest.mark.parametrize("pace", [None, 1_000.0])
@pytest.mark.parametrize("skip", [0, 1, 3, 4, 99])
async def test_after_a_restart_it_goes_on_where_it_was(pace, skip):
    posts = await played(Told(*range(7)), pace=pace, skip=skip)
    assert [each.text for each in posts.comments] == [f"第{n}条" for n in range(skip, 7)]
    assert posts.states == ["live", "ended"]


async def test_nothing_in_it_ends_at_once():
    assert (await played(Told())).states == ["live", "ended"]


async def test_at_full_speed_it_waits_for_who_cannot_follow():
    left = itertools.chain([ROOM + 1, ROOM + 1, ROOM], itertools.repeat(0))
    posts = await played(Told(*range(9)), waiting=lambda: next(left))
    assert len(posts.comments) == 9


async def test_the_other_events_of_a_show_are_moved_as_well():
    recording = Told()
    recording._batches = [[Health(at_ms=START_MS, fps=30.0)]]
    posts = await played(recording, pace=1_000.0)
    health = [e for batch in posts for e in batch if isinstance(e, Health)]
    assert [e.at_ms >= NOW_MS for e in health] == [True]


async def test_it_stops_when_it_is_told_to():
    posts = Posts()
    source = ReplaySource(Told(0, 3_600_000), lambda: NOW_MS, pace=1.0)
    task = asyncio.get_running_loop().create_task(source.run(posts))
    async with asyncio.timeout(20):
        while not posts.comments:
            await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert posts.states == ["live"]
    assert len(posts.comments) == 1


async def test_a_recording_without_times_does_not_come_in_one_piece():
    posts = await played(Told(*[0] * 1_000), pace=1000.0)
    assert len(posts.comments) == 1_000
    assert max(len(batch) for batch in posts) <= MAX_GROUP
