"""The fake Bilibili is read by an independent client; and our source reads it whatever it does."""

import asyncio
import contextlib
import json
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.sources import backoff, bilibili_protocol
from hostdesk.sources.bilibili import BilibiliRoom
from tests.fakes.bilibili import LIES, WAYS, FakeBilibili, lie, texts_of
from tests.fakes.posts import Posts

PACKAGE = "bilibili-live-ws@6.3.1"
READER = Path(__file__).parent / "node" / "bilibili_reader.mjs"
SEED = int(os.environ.get("HOSTDESK_SOAK_SEED", "20261122"))
ROUNDS = int(os.environ.get("HOSTDESK_SOAK_ROUNDS", "4"))

pytestmark = pytest.mark.e2e


def now_ms():
    return round(time.time() * 1000)


async def installed() -> Path:
    """The folder with the pinned package, fetched once for this environment."""
    folder = Path(sys.prefix) / "npm" / PACKAGE.replace("@", "-")
    if folder.exists():
        return folder
    folder.parent.mkdir(exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=folder.parent))
    npm = await asyncio.create_subprocess_exec(
        "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", making,
        PACKAGE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await npm.communicate()
    assert npm.returncode == 0, said.decode()
    with contextlib.suppress(OSError):  # another test process was quicker
        making.rename(folder)
    shutil.rmtree(making, ignore_errors=True)
    return folder


@contextlib.asynccontextmanager
async def reader(bilibili, auth_body):
    """The independent client, as a process; yields a function that gives its next line."""
    process = await asyncio.create_subprocess_exec(
        "node", READER, await installed(), bilibili.link, str(bilibili.room.room_id), auth_body,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip

    async def following(kind):
        async with asyncio.timeout(30):
            while line := await process.stdout.readline():
                told = json.loads(line)
                if told["kind"] == kind:
                    return told["value"]
        raise AssertionError(f"the reader ended before {kind}")

    try:
        yield following
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def test_the_independent_client_can_be_had():
    assert shutil.which("node"), "node and npm are system packages of the tests"
    assert shutil.which("npm")


async def test_an_independent_client_reads_our_fake():
    async with FakeBilibili() as bilibili:
        told = bilibili._do("start", {"code": bilibili.code, "app_id": bilibili.app_id})[1]
        auth_body = told["websocket_info"]["auth_body"]
        async with reader(bilibili, auth_body) as following:
            await following("live")
            assert await following("heartbeat") == 2466
            assert bilibili.auths == [auth_body]
            for way in WAYS:
                await bilibili.say(f"断流了 {way} 一", f"断流了 {way} 二", way=way)
                for which in ("一", "二"):
                    message = await following("msg")
                    assert message["cmd"] == "LIVE_OPEN_PLATFORM_DM"
                    assert message["data"]["msg"] == f"断流了 {way} {which}"
            await bilibili.tell("SUPER_CHAT", {"message": "退款", "rmb": 30}, "zlib")
            message = await following("msg")
            assert message["data"] == {"message": "退款", "rmb": 30}


@contextlib.asynccontextmanager
async def watching(bilibili, **more):
    room = BilibiliRoom(
        "b1", code=bilibili.code, app_id=bilibili.app_id, key_id=bilibili.key_id,
        key_secret=bilibili.key_secret, now_ms=now_ms, base=bilibili.base, keep_s=0.5, **more,
    )  # fmt: skip
    posts = Posts()
    task = asyncio.ensure_future(room.run(posts))
    try:
        yield posts
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def quick(monkeypatch):
    """The same rules in less time: a soak need not last an hour."""
    monkeypatch.setattr(backoff, "FIRST_S", 0.05)
    monkeypatch.setattr(backoff, "LONGEST_S", 0.2)
    monkeypatch.setattr(bilibili_protocol.BilibiliProtocol, "stalled_ms", 1500)
    monkeypatch.setattr(bilibili_protocol, "PROBE_MS", 300)


def is_live(event):
    return isinstance(event, SourceState) and event.state == "live"


async def test_both_read_the_same_comments():
    async with FakeBilibili() as bilibili, watching(bilibili) as posts:
        await posts.until(is_live)
        [game] = bilibili.games.values()
        async with reader(bilibili, game.auth_body) as following:
            await following("live")
            await bilibili.flood(400)
            theirs = [(await following("msg"))["data"] for _ in range(400)]
        await posts.until(lambda e: isinstance(e, Comment) and e.text == "洪水 399")
        ours = posts.of(Comment)
        read = [(c.comment_id, c.text, c.author_id) for c in ours]
        assert [text for _, text, _ in read] == bilibili.sent
        # theirs unpacks frames side by side, so it keeps no order between them
        assert sorted(read) == sorted((t["msg_id"], t["msg"], t["open_id"]) for t in theirs)


async def test_a_flood_is_read_in_order_and_whole():
    async with FakeBilibili() as bilibili, watching(bilibili) as posts:
        await posts.until(is_live)
        await bilibili.flood(20_000)
        await posts.until(lambda e: isinstance(e, Comment) and e.text == "洪水 19999", limit_s=60)
        assert texts_of(posts.of(Comment)) == bilibili.sent


async def test_nothing_that_was_delivered_is_lost_whatever_the_platform_does(quick):
    """Cuts, stalls, floods and lies, in a seeded order; every outage is told as one gap."""
    dice = random.Random(SEED)
    acts = [act for _ in range(ROUNDS) for act in dice.sample(["cut", "stall", "flood", "lie"], 4)]
    outages = 0
    async with FakeBilibili(seed=SEED) as bilibili, watching(bilibili) as posts:
        for number, act in enumerate(acts):
            await both_joined(bilibili, posts)
            await bilibili.say(f"之前 {number}", way=dice.choice(WAYS))
            outages += await ACTS[act](bilibili, posts, dice, number)
        await both_joined(bilibili, posts)
        await bilibili.say("最后")
        await posts.until(lambda e: isinstance(e, Comment) and e.text == "最后", limit_s=30)
        assert texts_of(posts.of(Comment)) == bilibili.sent
        assert len(posts.of(Gap)) == outages
        for gap in posts.of(Gap):
            assert 0 <= gap.until_ms - gap.at_ms < 10_000
        assert posts.of(SourceState)[-1].skipped > 0


async def test_what_came_before_the_line_broke_is_read_also_when_we_can_no_longer_answer(quick):
    async with FakeBilibili() as bilibili, watching(bilibili) as posts:
        await posts.until(is_live)
        too_big = lie("oversized", bilibili.dice)
        await bilibili.cut()
        await bilibili.until(lambda: bilibili.joined == 1)
        for number in range(5):
            await bilibili.say(f"断前 {number}")
        await bilibili.write(too_big)
        await posts.until(
            lambda e: isinstance(e, SourceState) and e.error_code == "source_too_big", limit_s=3
        )
        assert texts_of(posts.of(Comment)) == bilibili.sent


async def both_joined(bilibili, posts):
    """Wait until the platform has let us in, and until we know it."""
    await bilibili.until(lambda: bilibili.joined == 1, limit_s=30)
    async with asyncio.timeout(30):
        while posts.of(SourceState)[-1].state not in ("live", "quiet"):
            await asyncio.sleep(0.01)


async def gone(bilibili, posts, since):
    """Wait until our side has seen that the connection is over."""
    await posts.until(
        lambda e: isinstance(e, SourceState) and e.state == "reconnecting", after=since, limit_s=30
    )


async def cut(bilibili, posts, dice, number):
    since = posts.mark()
    await bilibili.say(f"断线前 {number}")
    await bilibili.cut()
    await gone(bilibili, posts, since)
    return 1


async def stall(bilibili, posts, dice, number):
    since = posts.mark()
    bilibili.stall()
    await posts.until(
        lambda e: isinstance(e, SourceState) and e.state == "stalled", after=since, limit_s=30
    )
    await gone(bilibili, posts, since)
    bilibili.resume()
    return 1


async def flood(bilibili, posts, dice, number):
    await bilibili.flood(
        dice.randrange(200, 900), per_frame=dice.randrange(1, 60), say=f"洪{number}"
    )
    return 0


async def tell_lies(bilibili, posts, dice, number):
    for kind in dice.sample([kind for kind in LIES if kind != "oversized"], 4):
        await bilibili.lie(kind)
        await bilibili.say(f"谎后 {number} {kind}", way=dice.choice(WAYS))
    if dice.random() < 0.5:
        since = posts.mark()
        await bilibili.lie("oversized")
        await gone(bilibili, posts, since)
        return 1
    return 0


ACTS = {"cut": cut, "stall": stall, "flood": flood, "lie": tell_lies}
