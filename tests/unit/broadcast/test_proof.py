"""Proof: what is posted about a notice, and when."""

import asyncio
import contextlib
import time

from hostdesk.broadcast.proof import Look, ProofWatch
from tests.fakes.posts import Posts


class Eyes:
    """Sees what it is told to, and counts how often it looked."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.count = 0

    async def look(self):
        self.count += 1
        return Look(self.looks.pop(0) if len(self.looks) > 1 else self.looks[0], 0.5)


def now_ms():
    return time.monotonic_ns() // 1_000_000


@contextlib.asynccontextmanager
async def watching(*looks):
    eyes, posts = Eyes(*looks), Posts()
    watch = ProofWatch(eyes.look, now_ms)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(watch.run(posts))
        try:
            yield watch, eyes, posts
        finally:
            run.cancel()


async def reasons(posts, count):
    await posts.until(lambda _e: len(posts.events) >= count)
    return [(event.notice_id, event.reason, event.seen) for event in posts.events[:count]]


async def test_it_looks_until_the_notice_is_seen_and_says_each_change_once():
    async with watching("differs", "differs", "seen") as (watch, _eyes, posts):
        watch.watch("n1")
        assert await reasons(posts, 2) == [("n1", "differs", False), ("n1", "seen", True)]


async def test_nothing_is_looked_at_while_no_notice_is_up():
    async with watching("seen") as (watch, eyes, posts):
        watch.watch("n1")
        await reasons(posts, 1)
        watch.rest()
        counted = eyes.count
        watch.poke()
        for _ in range(20):
            await asyncio.sleep(0.01)
        assert eyes.count == counted


async def test_one_look_that_misses_it_is_checked_by_another():
    async with watching("seen", "differs", "seen", "hidden", "hidden") as (watch, _e, posts):
        watch.watch("n1")
        assert [reason for _, reason, _ in await reasons(posts, 2)] == ["seen", "hidden"]


async def test_a_look_at_an_older_notice_says_nothing_about_the_new_one():
    posts, gate = Posts(), asyncio.Event()
    looks = []

    async def slow_look():
        looks.append(1)
        if len(looks) == 1:
            await gate.wait()
            return Look("seen")
        return Look("hidden")

    watch = ProofWatch(slow_look, now_ms)
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(watch.run(posts))
        watch.watch("old")
        while not looks:
            await asyncio.sleep(0)
            await asyncio.sleep(0.005)
        watch.watch("new")
        gate.set()
        assert await reasons(posts, 1) == [("new", "hidden", False)]
        run.cancel()


async def test_a_loss_can_be_said_without_looking():
    async with watching("seen") as (watch, _eyes, posts):
        watch.say(posts, Look("hidden"))
        assert posts.events == [], "no notice is up, so there is nothing to say"
        watch.say(posts, Look("no_picture"), "n7")
        assert await reasons(posts, 1) == [("n7", "no_picture", False)]
