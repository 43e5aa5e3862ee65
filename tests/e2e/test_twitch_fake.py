"""Our Twitch reader over real sockets, and the stand-in it reads held to npm's tmi.js."""

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from hostdesk.events import Comment, Gap, Gift, Join, Member, Removed, SourceState
from hostdesk.sources.twitch import TwitchRoom
from tests.fakes.posts import Posts
from tests.fakes.twitch_irc import FakeTwitch

pytestmark = pytest.mark.e2e

TMI = "tmi.js@1.8.5"
READER = Path(__file__).parent / "node" / "twitch_reader.cjs"
SEEDS = (618, 1111)


class Heard(Posts):
    """Looks at each event once, however many there are."""

    async def until(self, matches, *, after=0, limit_s=30):
        async with asyncio.timeout(limit_s):
            while True:
                for event in self.events[after:]:
                    if matches(event):
                        return event
                after = self.mark()
                self._news.clear()
                await self._news.wait()


class FastClock:
    """Milliseconds that pass ``pace`` times as fast: at 6, the 18 s of silence are 3 s."""

    def __init__(self, pace=6):
        self._pace, self._start = pace, time.monotonic()

    def __call__(self):
        gone_ms = (time.monotonic() - self._start) * 1000 * self._pace
        return 1_700_000_000_000 + int(gone_ms)


@contextlib.asynccontextmanager
async def reading(twitch, now_ms, **more):
    """A room that reads ``twitch``; what it posts."""
    posts = Heard()
    room = TwitchRoom("room-1", channel="Host", now_ms=now_ms, url=twitch.url, **more)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(room.run(posts))
        try:
            yield posts
        finally:
            task.cancel()


def is_state(name, code=""):
    return lambda event: (
        isinstance(event, SourceState)
        and event.state == name
        and (not code or event.error_code == code)
    )


def is_said(text):
    return lambda event: isinstance(event, Comment) and event.text == text


def ids(posts):
    return [event.comment_id for event in posts.of(Comment)]


def assert_account(twitch, posts):
    """Nothing delivered is lost, nothing is there twice or out of order, no loss is untold."""
    got, said = ids(posts), [each.comment_id for each in twitch.said]
    heard = set(got)
    assert len(heard) == len(got)
    assert got == [each for each in said if each in heard], "not in the order it was said"
    assert twitch.delivered <= heard
    gaps = posts.of(Gap)
    assert all(gap.source == "room-1" for gap in gaps)
    for each in twitch.said:
        is_told = any(gap.at_ms <= each.at_ms <= gap.until_ms for gap in gaps)
        assert each.comment_id in heard or is_told, f"{each} is lost, and no gap tells it"


async def test_a_room_is_joined_and_heard():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        first = await twitch.say("这件会起球吗", who="小鹿", badges="vip/1", first_msg="1")
        await twitch.say("断流了", who="Ann", action=True, reply_parent_msg_id=first)
        await twitch.say("Cheer50 加油", bits="50")
        await twitch.tell_all("resub", "第12个月", msg_param_sub_plan="1000")
        await twitch.tell_all("raid", msg_param_viewerCount="40")
        await twitch.take_back(comment_id=first)
        await twitch.take_back(who="小鹿", seconds=600)
        await twitch.take_back(who="Ann")
        await twitch.take_back()
        await posts.until(lambda e: isinstance(e, Removed) and e.reason == "cleared")
    one, two, *_ = posts.of(Comment)
    assert (one.author_name, one.badges, one.sent_ms) == (
        "小鹿",
        ("vip", "first-msg"),
        twitch.said[0].at_ms,
    )
    assert (two.text, two.reply_to, two.author_name) == ("断流了", first, "Ann")
    assert one.author_id == "9007199254741000", "beyond 2^53, and exact"
    assert [(g.name, g.count) for g in posts.of(Gift)] == [("Bits", 50)]
    assert [m.name for m in posts.of(Member)] == ["Tier 1"]
    assert [j.count for j in posts.of(Join)] == [40]
    removed = [(r.comment_id, r.author_id, r.reason, r.span_ms) for r in posts.of(Removed)]
    assert removed == [
        (first, "", "deleted", None),
        ("", one.author_id, "timed_out", 600_000),
        ("", two.author_id, "banned", None),
        ("", "", "cleared", None),
    ]
    assert posts.of(Gap) == []


async def test_twitchs_ping_is_answered():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        await twitch.ping()
        await twitch.until(lambda: "PONG :tmi.twitch.tv" in twitch.readers[0].asked)


async def test_a_quiet_room_is_not_taken_for_a_dead_one():
    clock = FastClock(8)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        await posts.until(is_state("quiet"))
        await twitch.say("有人吗")
        await posts.until(is_said("有人吗"))
        assert posts.events[-2].state == "live"
    assert not any(is_state("stalled")(event) for event in posts.events)
    assert twitch.joins == 1


async def test_a_stall_is_seen_within_20_s_and_told_as_a_gap():
    clock = FastClock(6)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        await twitch.say("一")
        await twitch.settle()
        last_ms = posts.of(Comment)[0].at_ms
        twitch.stall()
        await twitch.say("没有人听见")
        mark = posts.mark()
        state = await posts.until(is_state("reconnecting", "source_stalled"), after=mark)
        assert state.at_ms - last_ms <= 20_000 + 6_000, "one look of a second is six of this clock"
        twitch.resume()
        await posts.until(is_state("live"), after=mark)
        await twitch.say("二")
        await posts.until(is_said("二"))
    [gap] = posts.of(Gap)
    assert 0 <= gap.at_ms - last_ms < 100
    assert_account(twitch, posts)


async def test_a_reconnect_asked_for_by_twitch_takes_about_a_second():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        before = clock()
        await twitch.reconnect()
        await posts.until(is_state("reconnecting", "twitch_reconnect"))
        mark = posts.mark()
        await posts.until(is_state("live"), after=mark)
        assert clock() - before < 3_000
        assert twitch.joins == 2


async def test_what_twitch_says_after_it_asked_for_a_reconnect_is_heard():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        await twitch.reconnect()
        last = await twitch.flood(2_000)
        await posts.until(is_state("reconnecting", "twitch_reconnect"))
        await twitch.until(lambda: twitch.joins == 2)
    assert len(posts.of(Comment)) > 500
    assert ids(posts) == last[: len(posts.of(Comment))]


async def test_a_flood_of_20000_is_read_to_the_last_word():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        flooded = await twitch.flood(20_000)
        await twitch.say("完")
        await posts.until(is_said("完"), limit_s=60)
        await twitch.settle()
    assert ids(posts)[:-1] == flooded
    assert_account(twitch, posts)


async def test_lies_are_not_believed():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        await twitch.say("真的")
        for what in ("channel", "garbage", "repeat"):
            await twitch.lie(what)
        await twitch.say("还在")
        await posts.until(is_said("还在"))
        mark = posts.mark()
        skipped = await posts.until(lambda e: isinstance(e, SourceState) and e.skipped)
        assert skipped.skipped >= 4
        await twitch.lie("huge")
        await posts.until(is_state("reconnecting", "source_too_big"), after=mark)
        await posts.until(is_state("live"), after=mark)
        mark = posts.mark()
        await twitch.lie("room")
        told = await posts.until(is_state("refused"), after=mark)
        assert (told.error_code, told.params) == ("source_other_room", {"asked": "7", "found": "8"})
        assert [event.text for event in posts.of(Comment)] == ["真的", "还在"]


async def test_the_room_met_first_is_the_only_one_that_is_read():
    clock = FastClock(1)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        twitch.room_id = "8"
        twitch.cut()
        await posts.until(is_state("refused", "source_other_room"))


async def test_another_room_than_expected_is_refused():
    clock = FastClock(1)
    async with FakeTwitch() as twitch, reading(twitch, clock, expected_room_id="9") as posts:
        told = await posts.until(is_state("refused"))
        assert told.params == {"asked": "9", "found": "7"}


@pytest.mark.parametrize(
    ("why", "more", "state", "code"),
    [
        ("a good token", {"token": "good", "login": "me"}, "live", ""),
        ("an old token", {"token": "old", "login": "me"}, "logged_out", "twitch_login"),
        ("a login without a token", {"token": "", "login": "me"}, "live", ""),
    ],
)
async def test_logins(why, more, state, code):
    more["token"] = (lambda token: lambda: token)(more["token"])
    async with (
        FakeTwitch(tokens={"good": "me"}) as twitch,
        reading(twitch, FastClock(1), **more) as posts,
    ):
        told = await posts.until(is_state(state))
        assert told.error_code == code, why


async def test_a_channel_that_is_not_there_is_said_in_words():
    async with FakeTwitch(suspended=True) as twitch, reading(twitch, FastClock(1)) as posts:
        told = await posts.until(is_state("reconnecting"))
        assert told.error_code == "twitch_no_channel"
    async with FakeTwitch(channel="other") as twitch, reading(twitch, FastClock(10)) as posts:
        told = await posts.until(is_state("reconnecting"))
        assert told.error_code == "source_not_joined"


async def test_what_is_no_channel_is_not_even_tried():
    async with FakeTwitch() as twitch:
        posts = Heard()
        room = TwitchRoom("r", channel="小鹿\r\n", now_ms=FastClock(), url=twitch.url)
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(room.run(posts))
            told = await posts.until(is_state("refused"))
            task.cancel()
        assert told.error_code == "twitch_channel_name"
        assert twitch.readers == []


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_the_server_does_nothing_delivered_is_lost_and_every_gap_is_told(seed):
    dice, clock = random.Random(seed), FastClock(6)
    deeds = ["cut", "stall", "flood", "reconnect", "away", "garbage", "repeat", "channel", "huge"]
    dice.shuffle(deeds)
    async with FakeTwitch(now_ms=clock) as twitch, reading(twitch, clock) as posts:
        await posts.until(is_state("live"))
        for deed in deeds:
            await misbehave(twitch, posts, deed, dice)
        await twitch.settle()
    assert_account(twitch, posts)
    assert twitch.joins >= 6, "cut, stall, reconnect, away, huge"
    assert len(posts.of(Gap)) == twitch.joins - 1
    assert len(twitch.delivered) > 2_000


async def misbehave(twitch, posts, deed, dice):
    """People talk; then the server does this, people go on talking, and it recovers."""
    for number in range(dice.randrange(5, 40)):
        await twitch.say(f"{deed} 之前 {number}", who=f"观众{dice.randrange(9)}")
    await twitch.settle()
    mark = posts.mark()
    match deed:
        case "cut":
            twitch.cut()
        case "stall":
            twitch.stall()
        case "flood":
            await twitch.flood(2_000, per_frame=dice.randrange(1, 60))
        case "reconnect":
            await twitch.reconnect()
        case "away":
            await twitch.stop()
        case lie:
            await twitch.lie(lie)
    for number in range(3):
        await twitch.say(f"{deed} 当中 {number}")
    if deed in ("cut", "stall", "reconnect", "away", "huge"):
        await posts.until(is_state("reconnecting"), after=mark, limit_s=30)
        twitch.resume()
        if deed == "away":
            await twitch.start()
        await posts.until(is_state("live"), after=mark, limit_s=60)
    await twitch.say(f"{deed} 之后")
    await posts.until(is_said(f"{deed} 之后"), after=mark)


# -------------------------------------------------------------------- a reader not our own


@pytest.fixture(scope="session")
def tmi_folder():
    """Where npm put tmi.js; once for all runs of this virtual environment."""
    folder = Path(sys.prefix) / "npm" / TMI
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not (folder / "node_modules" / "tmi.js" / "package.json").exists():
            command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", TMI]
            subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder


class TmiReader:
    """What tmi.js tells, as it tells it."""

    def __init__(self, folder, twitch):
        self._command = ["node", str(READER), str(folder), str(twitch.port), twitch.channel]
        self.told = []
        self._news = asyncio.Event()

    async def __aenter__(self):
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *_):
        self._process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    async def _read(self):
        async for line in self._process.stdout:
            self.told.append(json.loads(line))
            self._news.set()

    def of(self, event):
        return [told for told in self.told if told["event"] == event]

    async def until(self, event, count=1):
        async with asyncio.timeout(40):
            while len(self.of(event)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(event)[count - 1]


async def test_tmi_js_reads_our_stand_in_as_we_do(tmi_folder):
    clock = FastClock(1)
    async with (
        FakeTwitch(now_ms=clock) as twitch,
        TmiReader(tmi_folder, twitch) as tmi,
        reading(twitch, clock) as posts,
    ):
        assert (await tmi.until("join"))["self"] is True
        assert (await tmi.until("roomstate"))["id"] == "7"
        await posts.until(is_state("live"))
        first = await twitch.say("起球；掉色\\还 能退吗🙏", who="小鹿 A;\\", badges="vip/1")
        await twitch.say("你好", who="Ann", reply_parent_msg_id=first)
        await twitch.say("挥手", action=True)
        await twitch.say("Cheer50 加油", bits="50")
        await twitch.tell_all("resub", "第12个月", msg_param_cumulative_months="12")
        await twitch.tell_all("submysterygift", msg_param_mass_gift_count="5")
        await twitch.tell_all("raid", msg_param_viewerCount="40", msg_param_displayName="Bob")
        await twitch.tell_all("announcement", "9号链接加赠")
        await twitch.take_back(comment_id=first)
        await twitch.take_back(who="Ann", seconds=600)
        await twitch.take_back(who="Ann")
        await twitch.take_back()
        await twitch.ping()
        await tmi.until("ping")
        await posts.until(lambda e: isinstance(e, Removed) and e.reason == "cleared")
    theirs = [t for t in tmi.told if t["event"] in ("chat", "action", "cheer", "announcement")]
    ours = [c for c in posts.of(Comment) if c.text != "第12个月"]
    assert [(t["id"], t["user"], t["name"], t["text"]) for t in theirs] == [
        (c.comment_id, c.author_id, c.author_name, c.text) for c in ours
    ]
    assert [t["event"] for t in theirs] == ["chat", "chat", "action", "cheer", "announcement"]
    assert tuple(theirs[0]["badges"]) == ours[0].badges
    assert (int(theirs[0]["sent"]), theirs[1]["reply"]) == (ours[0].sent_ms, ours[1].reply_to)
    assert tmi.of("cheer")[0]["bits"] == "50"
    assert tmi.of("resub")[0]["text"] == "第12个月"
    assert tmi.of("submysterygift")[0]["count"] == 5
    assert tmi.of("raided")[0]["viewers"] == 40
    assert tmi.of("deleted")[0]["id"] == first
    assert tmi.of("timeout")[0]["seconds"] == 600
    assert (len(tmi.of("ban")), len(tmi.of("clearchat"))) == (1, 1)


async def test_tmi_js_comes_back_after_a_reconnect_and_a_cut(tmi_folder):
    async with FakeTwitch() as twitch, TmiReader(tmi_folder, twitch) as tmi:
        await tmi.until("join")
        await twitch.reconnect()
        await twitch.until(lambda: twitch.joins == 2)
        twitch.cut()
        await twitch.until(lambda: twitch.joins == 3)
        await twitch.say("还在")
        assert (await tmi.until("chat"))["text"] == "还在"
