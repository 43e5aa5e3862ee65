"""The shell of live sources over a real socket: it tells the truth and never gives up."""

import asyncio
import contextlib
import time

import pytest
from websockets.asyncio.server import serve

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.sources import backoff
from hostdesk.sources.link import Dialled, SocketFeed
from hostdesk.sources.steps import Fault, SourceFaultError, Step

LIMIT_S = 30.0


class Lines:
    """A protocol of its own: "hello" joins, "beat" is life, anything else is a comment."""

    stalled_ms = 18_000

    def __init__(self, stalled_ms=18_000):
        self.stalled_ms = stalled_ms

    def opened(self, now_ms):
        return Step(send=["join"])

    def received(self, frame, now_ms):
        if frame == "hello":
            return Step(joined=True)
        if frame == "beat":
            return Step()
        if frame == "gone":
            return Step(fault=Fault(code="source_forbidden", state="refused"))
        number, _, text = frame.partition(" ")
        return Step(events=[Comment(at_ms=now_ms, comment_id=number, text=text)])

    def passed(self, now_ms):
        return Step(send=["ping"])


class Room:
    """A server of such lines, and what the feed told of it."""

    def __init__(self):
        self.told = []
        self.news = asyncio.Event()
        self.sockets = []
        self.dials = 0
        self.port = 0
        self.refuses = None

    async def serve(self, socket):
        assert await socket.recv() == "join"
        await socket.send("hello")
        self.sockets.append(socket)
        async for _ in socket:
            pass

    def post(self, events):
        self.told += events
        self.news.set()

    async def dial(self):
        self.dials += 1
        self.news.set()
        if self.refuses:
            raise SourceFaultError(self.refuses)
        return Dialled(url=f"ws://127.0.0.1:{self.port}", protocol=self.protocol())

    protocol = Lines

    async def until(self, condition):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                self.news.clear()
                await self.news.wait()

    @property
    def states(self):
        return [event.state for event in self.told if isinstance(event, SourceState)]

    @property
    def texts(self):
        return [event.text for event in self.told if isinstance(event, Comment)]

    @property
    def gaps(self):
        return [event for event in self.told if isinstance(event, Gap)]


@pytest.fixture
async def room(monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_S", 0.02)
    made = Room()
    async with serve(made.serve, "127.0.0.1", 0) as server:
        made.port = next(iter(server.sockets)).getsockname()[1]
        feed = made.feed = SocketFeed(
            "room-1", "test", "一号", made.dial, lambda: time.time_ns() // 1_000_000
        )
        task = asyncio.ensure_future(feed.run(made.post))
        yield made
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_joined_room_is_live_and_its_comments_come_in_order(room):
    await room.until(lambda: "live" in room.states)
    for number in range(300):
        await room.sockets[-1].send(f"c{number} 第{number}句")
    await room.until(lambda: len(room.texts) == 300)
    assert room.texts == [f"第{number}句" for number in range(300)]
    assert room.states == ["starting", "live"]


async def test_a_cut_is_told_mended_and_leaves_one_gap_without_duplicates(room):
    await room.until(lambda: "live" in room.states)
    await room.sockets[-1].send("c1 前")
    await room.until(lambda: room.texts)
    room.sockets[-1].transport.abort()
    await room.until(lambda: len(room.sockets) == 2 and room.gaps)
    await room.sockets[-1].send("c1 前")
    await room.sockets[-1].send("c2 后")
    await room.until(lambda: len(room.texts) == 2)
    assert room.texts == ["前", "后"]
    assert room.states == ["starting", "live", "reconnecting", "live"]
    (gap,) = room.gaps
    assert 0 <= gap.until_ms - gap.at_ms < LIMIT_S * 1000


async def test_a_line_without_a_sign_of_life_is_given_up(room):
    room.protocol = lambda: Lines(stalled_ms=300)
    await room.until(lambda: "live" in room.states)
    room.sockets[-1].transport.abort()  # the next one has the short patience
    await room.until(lambda: len(room.gaps) == 2)
    assert "stalled" in room.states
    codes = [event.error_code for event in room.told if isinstance(event, SourceState)]
    assert "source_stalled" in codes


async def test_a_frame_that_is_too_big_ends_the_connection_only(room):
    await room.until(lambda: "live" in room.states)
    await room.sockets[-1].send("c1 " + "大" * (1 << 20))
    await room.until(lambda: room.gaps)
    codes = [event.error_code for event in room.told if isinstance(event, SourceState)]
    assert "source_too_big" in codes
    await room.sockets[-1].send("c2 还在")
    await room.until(lambda: room.texts)
    assert room.texts == ["还在"]


async def test_what_only_a_person_can_mend_waits_for_a_person(room):
    await room.until(lambda: "live" in room.states)
    room.refuses = Fault(code="source_logged_out", state="logged_out", params={"status": 401})
    room.sockets[-1].transport.abort()
    await room.until(lambda: room.states[-1] == "logged_out")
    tried = room.dials
    for _ in range(20):
        await asyncio.sleep(0)
    assert room.dials == tried
    room.refuses = None
    room.feed.try_again()
    await room.until(lambda: room.states[-1] == "live")
    assert len(room.gaps) == 1


async def test_refused_in_the_middle_ends_with_the_reason(room):
    await room.until(lambda: "live" in room.states)
    await room.sockets[-1].send("gone")
    await room.until(lambda: room.states[-1] == "refused")
    assert room.told[-1].error_code == "source_forbidden"
