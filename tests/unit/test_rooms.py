"""Rooms are started, changed and stopped one by one; one that fails leaves the others alone."""

import asyncio
import contextlib

import pytest

from hostdesk import rooms as rooms_module
from hostdesk.errors import DiskFullError
from hostdesk.events import Comment, SourceState
from hostdesk.rooms import Rooms
from hostdesk.settings import Room, Settings

LIMIT_S = 20.0
TWITCH = Room(room_id="t", platform="twitch", channel="host")
YOUTUBE = Room(room_id="y", platform="youtube", channel="abcdefghijk")


class Vault:
    def __init__(self, **known):
        self.known = known

    async def get_many(self, names):
        return {name: self.known.get(name.replace(".", "_"), "") for name in names}


class Talking:
    """A source that says its number of the start, then waits."""

    def __init__(self, world, room):
        self.source_id = room.room_id
        self.world, self.room = world, room

    async def run(self, post):
        self.world.started.append(self.room)
        trouble = self.world.troubles.pop(0) if self.world.troubles else None
        if trouble:
            raise trouble
        post([Comment(at_ms=1, text=f"{self.room.channel}", source_id=self.room.room_id)])
        try:
            await asyncio.Event().wait()
        finally:
            self.world.ended.append(self.room.room_id)


class World:
    def __init__(self):
        self.started, self.ended, self.told, self.troubles = [], [], [], []
        self.news = asyncio.Event()

    def build(self, room, secrets, now_ms):
        self.secrets = secrets
        return Talking(self, room)

    def post(self, events):
        self.told += events
        self.news.set()

    async def until(self, condition):
        async with asyncio.timeout(LIMIT_S):
            while not condition():
                await asyncio.sleep(0)

    def states(self, room_id):
        return [e.state for e in self.told if isinstance(e, SourceState) and e.source_id == room_id]

    @property
    def said(self):
        return [event.source_id for event in self.told if isinstance(event, Comment)]


@pytest.fixture
def world():
    return World()


@contextlib.asynccontextmanager
async def running(world, settings, vault=None):
    made = Rooms(settings, vault or Vault(), world.build, lambda: 1)
    task = asyncio.ensure_future(made.run(world.post))
    try:
        yield made
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_each_room_that_is_on_is_read(world):
    off = Room(room_id="o", platform="twitch", channel="off", is_on=False)
    async with running(world, Settings(rooms=(TWITCH, off))) as rooms:
        await world.until(lambda: world.said == ["t"])
        assert rooms.count == 1
    assert world.ended == ["t"]


async def test_a_room_without_its_key_says_which_one_and_starts_when_it_is_there(world):
    vault = Vault()
    async with running(world, Settings(rooms=(YOUTUBE,)), vault) as rooms:
        await world.until(lambda: world.states("y") == ["refused"])
        assert world.told[-1].params["missing"] == "api_key"
        vault.known["y_api_key"] = "k"
        rooms.use(Settings(rooms=(YOUTUBE,)), ["y"])
        await world.until(lambda: world.said == ["y"])
    assert world.secrets == {"api_key": "k"}


async def test_a_changed_room_starts_anew_and_a_removed_one_ends(world):
    async with running(world, Settings(rooms=(TWITCH,))) as rooms:
        await world.until(lambda: len(world.started) == 1)
        other = Room(room_id="t", platform="twitch", channel="other")
        second = Room(room_id="t2", platform="twitch", channel="second")
        rooms.use(Settings(rooms=(other, second)))
        await world.until(lambda: len(world.started) == 3)
        assert world.ended == ["t"]
        rooms.use(Settings(rooms=(second,)))
        await world.until(lambda: world.states("t") == ["ended"])
        assert rooms.count == 1


async def test_settings_that_leave_a_room_as_it_is_do_not_touch_it(world):
    async with running(world, Settings(rooms=(TWITCH,))) as rooms:
        await world.until(lambda: len(world.started) == 1)
        rooms.use(Settings(rooms=(TWITCH,), shop="别的"))
        for _ in range(20):
            await asyncio.sleep(0)
        assert (len(world.started), world.ended) == (1, [])
        rooms.try_again("t")
        await world.until(lambda: len(world.started) == 2)


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("trouble", "code"), [(ZeroDivisionError(), "bug"), (DiskFullError(), "disk_full")]
)
async def test_a_source_that_breaks_is_told_and_started_again(world, monkeypatch, trouble, code):
    monkeypatch.setattr(rooms_module, "AGAIN_S", 0.01)
    world.troubles = [trouble]
    async with running(world, Settings(rooms=(TWITCH,))):
        await world.until(lambda: world.said == ["t"])
    assert world.told[0].error_code == code
    assert world.states("t") == ["reconnecting"]


async def test_an_unknown_platform_is_said(world):
    odd = Room(room_id="x", platform="myspace")
    async with running(world, Settings(rooms=(odd, TWITCH))):
        await world.until(lambda: world.said == ["t"] and world.states("x") == ["refused"])
    assert {e.error_code for e in world.told if e.source_id == "x"} == {"source_platform"}
