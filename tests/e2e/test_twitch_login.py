"""Twitch with a login, the whole way over real sockets; and the stand-in held to other clients.

The counterparts are PyPI's twitchAPI and npm's Twurple, neither of which shares a line with us.
"""

import asyncio
import contextlib
import json
import logging
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from hostdesk.events import Comment, Gap, Gift, Join, Member, Removed, SourceState
from hostdesk.outputs.helix import TwitchChannel, person
from hostdesk.outputs.helix_http import HelixHttp
from hostdesk.sources import backoff, twitch_device
from hostdesk.sources.eventsub import TwitchChatRoom
from hostdesk.sources.twitch_device import MODERATE_SCOPES, READ_SCOPES, SPEAK_SCOPES, Tokens
from hostdesk.sources.twitch_login import TwitchLogin
from hostdesk.text import words
from tests.fakes.posts import Posts
from tests.fakes.twitch_api import FakeTwitch
from tests.fakes.twitch_wire import Response

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
PYTHON_CLIENT = "twitchAPI==4.5.0"
NODE_CLIENTS = ("@twurple/api@8.1.4", "@twurple/auth@8.1.4", "@twurple/eventsub-ws@8.1.4")


def wall_ms():
    return time.time_ns() // 1_000_000


class FastClock:
    """Milliseconds that pass ``pace`` times as fast: at 12, the 18 s of silence are 1.5 s."""

    def __init__(self, pace):
        self._pace, self._start_ms, self._start = pace, wall_ms(), time.monotonic()

    def __call__(self):
        return self._start_ms + int((time.monotonic() - self._start) * 1000 * self._pace)


class Desk:
    """A stand-in for Twitch, a login there, and what a room posts."""

    def __init__(self, twitch):
        self.twitch, self.posts, self.kept = twitch, Posts(), []
        self.login = self.login_with(None)

    def login_with(self, tokens):
        return TwitchLogin(
            self.twitch.client_id,
            now_ms=wall_ms,
            keep=self.keep,
            tokens=tokens,
            base=self.twitch.url,
        )

    async def keep(self, tokens):
        self.kept.append(tokens)

    def log_in(self, login="shop", *scopes):
        access, refresh = self.twitch.log_in(login, *scopes)
        self.login = self.login_with(Tokens(access=access, refresh=refresh))

    @contextlib.asynccontextmanager
    async def reading(self, channel="Shop", now_ms=wall_ms, **more):
        room = TwitchChatRoom(
            "twitch-1",
            channel=channel,
            token=lambda: self.login.token(),
            renew=lambda stale: self.login.renew(stale),
            client_id=self.twitch.client_id,
            now_ms=now_ms,
            api=self.twitch.url,
            ws=self.twitch.ws,
            **more,
        )
        task = asyncio.ensure_future(room.run(self.posts))
        try:
            yield room
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def state(self, name, code="", after=0):
        def is_it(event):
            is_named = isinstance(event, SourceState) and event.state == name
            return is_named and (not code or event.error_code == code)

        return await self.posts.until(is_it, after=after, limit_s=40)

    async def said(self, text, after=0):
        return await self.posts.until(
            lambda e: isinstance(e, Comment) and e.text == text, after=after, limit_s=40
        )

    async def subscribed(self):
        """All five kinds, on a session that is not an old one."""
        await self.twitch.until(
            lambda: any(len(s.subscriptions) == 5 and not s.is_old for s in self.twitch.sessions)
        )

    @property
    def states(self):
        return [event.state for event in self.posts.of(SourceState)]

    @property
    def texts(self):
        return [event.text for event in self.posts.of(Comment)]


@pytest.fixture
async def desk(monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_S", 0.02)
    monkeypatch.setattr(backoff, "LONGEST_S", 0.1)
    monkeypatch.setattr(twitch_device, "LEAST_INTERVAL_S", 0.05)
    async with FakeTwitch() as twitch:
        twitch.interval = 0.05
        yield Desk(twitch)


# ------------------------------------------------------------------- the whole way


async def test_from_the_code_over_reading_to_speaking_and_its_echo(desk, caplog):
    caplog.set_level(logging.DEBUG)
    scopes = READ_SCOPES + SPEAK_SCOPES + MODERATE_SCOPES
    code = await desk.login.ask(scopes)
    assert code.user_code in code.url
    desk.twitch.approve(code.user_code, "shop")
    await desk.login.wait(code, scopes)
    http = HelixHttp(
        desk.twitch.client_id,
        desk.login.token,
        now_ms=wall_ms,
        renew=desk.login.renew,
        api=desk.twitch.url,
    )
    async with desk.reading():
        await desk.state("live")
        await desk.subscribed()
        question = await desk.twitch.say("ann", "这件有大码吗")
        asked = await desk.said("这件有大码吗")
        assert (asked.comment_id, asked.author_id) == (question, "2002")
        assert asked.badges == ("subscriber",)

        me = await person(http)
        channel = TwitchChannel(http, channel_id=me.user_id, user_id=me.user_id)
        answer = await channel.send("有的，到 3XL", reply_to=question)
        echo = await desk.said("有的，到 3XL")
        assert (echo.comment_id, echo.reply_to) == (answer, question)
        assert echo.badges == ("broadcaster",)

        await channel.announce("今晚补发运费险")
        await desk.said("今晚补发运费险")
        await channel.pin(answer, 600)
        assert (await channel.pinned()).message_id == answer
        spam = await desk.twitch.say("bob", "加微信")
        await channel.delete(spam)
        await channel.time_out("3003", 600)
        await desk.posts.until(lambda e: isinstance(e, Removed) and e.author_id == "3003")
        assert [r.comment_id for r in desk.posts.of(Removed)] == [spam, ""]

        desk.twitch.lapse(desk.login.token())
        await channel.send("登录续上了")
        await desk.said("登录续上了")
    await http.close()
    assert desk.states == ["starting", "live"]
    assert desk.posts.of(Gap) == []
    assert len(desk.kept) == 2
    told = caplog.text + repr(desk.posts.events)
    for tokens in desk.kept:
        assert tokens.access not in told
        assert tokens.refresh not in told


async def test_memberships_gifts_and_raids_come_in(desk):
    desk.log_in()
    async with desk.reading():
        await desk.subscribed()
        tier = {"sub_tier": "2000", "is_prime": False, "duration_months": 1}
        many = {"id": "g1", "total": 5, "sub_tier": "1000", "cumulative_total": 5}
        raid = {"user_id": "7", "user_name": "邻居", "user_login": "n", "viewer_count": 80}
        await desk.twitch.notice("ann", "sub", sub=tier)
        await desk.twitch.notice("bob", "community_sub_gift", community_sub_gift=many)
        await desk.twitch.notice("bob", "raid", raid=raid)
        await desk.twitch.say("ann", "cheer100", cheer={"bits": 100})
        await desk.said("cheer100")
        await desk.posts.until(lambda e: isinstance(e, Gift) and e.name == "Bits")
    [member], [join] = desk.posts.of(Member), desk.posts.of(Join)
    assert (member.author_name, member.name) == ("Ann", "Tier 2")
    assert (join.author_name, join.count) == ("邻居", 80)
    assert [(g.name, g.count) for g in desk.posts.of(Gift)] == [
        ("Gift Sub Tier 1", 5),
        ("Bits", 100),
    ]


# ------------------------------------------------------------------- when things go wrong


@pytest.mark.parametrize("seed", [618, 1111])
async def test_another_server_and_nothing_is_missed_or_told_twice(desk, seed):
    dice = random.Random(seed)
    desk.log_in()
    expected = []

    async def talk(number):
        for n in range(dice.randrange(3, 30)):
            expected.append(f"{number}-{n}")
            await desk.twitch.say("ann", expected[-1])
            if dice.random() < 0.3:
                await asyncio.sleep(0)

    async with desk.reading():
        await desk.subscribed()
        await desk.state("live")
        for number in range(5):
            moving = list(desk.twitch.sessions)
            await talk(f"{number}a")
            await desk.twitch.move()
            await talk(f"{number}b")
            await desk.twitch.until(lambda gone=moving: not set(gone) & set(desk.twitch.sessions))
            await talk(f"{number}c")
        await desk.said(expected[-1])
    assert desk.texts == expected
    assert desk.states == ["starting", "live"]
    assert desk.posts.of(Gap) == []


async def test_a_move_to_a_strange_house_is_not_followed(desk):
    desk.log_in()
    async with desk.reading():
        await desk.subscribed()
        await desk.state("live")
        [session] = desk.twitch.sessions
        told = {"id": session.session_id, "status": "reconnecting",
                "reconnect_url": "ws://localhost:1/ws"}  # fmt: skip
        await desk.twitch.tell(session, "session_reconnect", {"session": told})
        await desk.posts.until(lambda e: isinstance(e, Gap))
        await desk.twitch.say("ann", "还在")
        await desk.said("还在")
    assert "reconnecting" in desk.states


async def test_a_cut_line_is_mended_with_one_gap_and_repeats_are_dropped(desk):
    desk.log_in()
    async with desk.reading():
        await desk.subscribed()
        await desk.state("live")
        event = desk.twitch._message("ann", "前", "shop", "c-1")
        await desk.twitch.notify("channel.chat.message", event, message_id="n-1")
        await desk.said("前")
        desk.twitch.cut()
        await desk.posts.until(lambda e: isinstance(e, Gap))
        await desk.subscribed()
        await desk.twitch.notify("channel.chat.message", event, message_id="n-1")
        await desk.twitch.notify("channel.chat.message", event, message_id="n-2")
        await desk.twitch.say("ann", "后")
        await desk.said("后")
    assert desk.texts == ["前", "后"]
    assert len(desk.posts.of(Gap)) == 1
    assert desk.states == ["starting", "live", "reconnecting", "live"]


async def test_a_silent_line_is_stalled_before_20_s_and_a_quiet_room_is_not(desk):
    desk.log_in()
    clock = FastClock(12)
    desk.twitch.keepalive_s = 0.3
    async with desk.reading(now_ms=clock):
        await desk.state("live")
        await desk.state("quiet")
        assert "stalled" not in desk.states
        desk.twitch.is_silent = True
        silent_ms = clock()
        stalled = await desk.posts.until(
            lambda e: isinstance(e, SourceState) and e.state == "stalled", limit_s=40
        )
        desk.twitch.is_silent = False
        await desk.posts.until(lambda e: isinstance(e, Gap), limit_s=40)
    # one look a second of real time: that is 12 s of this clock
    assert stalled.at_ms - silent_ms <= 18_000 + 2 * 12_000


async def test_a_login_that_is_taken_back_waits_for_a_person(desk):
    desk.log_in()
    async with desk.reading() as room:
        await desk.subscribed()
        await desk.state("live")
        await desk.twitch.revoke("shop")
        lost = await desk.state("logged_out")
        assert lost.error_code == "twitch_revoked"
        assert all(words("zh").error(lost.error_code, lost.params))
        after, asked = desk.posts.mark(), len(desk.twitch.asked)
        await asyncio.sleep(0.3)
        assert len(desk.twitch.asked) == asked, "nothing is tried without a person"
        desk.log_in()
        room.try_again()
        await desk.state("live", after=after)
        await desk.subscribed()
        await desk.twitch.say("ann", "回来了")
        await desk.said("回来了")
    assert len(desk.posts.of(Gap)) == 1


async def test_a_lapsed_token_is_renewed_on_the_way_in(desk):
    desk.log_in()
    old = desk.login.token()
    desk.twitch.lapse(old)
    async with desk.reading():
        await desk.state("live")
    assert desk.login.token() != old
    assert len(desk.kept) == 1


async def test_without_a_login_it_says_so_and_asks_nobody(desk):
    async with desk.reading():
        await desk.state("logged_out", "twitch_no_login")
    assert desk.twitch.asked == []


async def test_a_login_that_cannot_be_renewed_says_so(desk):
    desk.log_in()
    desk.twitch.lapse(desk.login.token())
    desk.twitch.refreshes.clear()
    async with desk.reading():
        await desk.state("logged_out", "twitch_no_login")


@pytest.mark.parametrize(
    ("why", "more", "state", "code"),
    [
        ("nobody has that name", {"channel": "nobody"}, "refused", "twitch_channel_unknown"),
        ("no possible name", {"channel": "不是名字"}, "refused", "twitch_channel_unknown"),
        ("another room than asked", {"expected_room_id": "77"}, "refused", "source_other_room"),
    ],
)
async def test_a_wrong_channel_stops_and_asks(desk, why, more, state, code):
    desk.log_in()
    async with desk.reading(**more):
        told = await desk.state(state, code)
    for locale in ("zh", "en"):
        message, hint = words(locale).error(told.error_code, told.params)
        assert "…" not in message + hint, why


async def test_a_login_without_the_right_to_read_stops_and_asks(desk):
    desk.log_in("shop", ("user:write:chat",))
    async with desk.reading():
        told = await desk.state("refused", "twitch_not_allowed")
    assert told.params == {"channel": "shop"}


async def test_twitch_wants_less_and_is_obeyed(desk):
    desk.log_in()
    desk.twitch.answers = [Response(429, {}, {"Retry-After": "1"})]
    async with desk.reading():
        told = await desk.state("reconnecting", "source_too_many")
        assert told.params["seconds"] == 1
        live = await desk.state("live")
    assert live.at_ms - told.at_ms >= 1_000


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Response(503, {}), "source_status"),
        (Response(200, {"data": "x" * 600_000}), "source_too_big"),
        (Response(302, None, {"Location": "http://127.0.0.1:1/"}), "source_status"),
        (Response(200, None, {"Content-Encoding": "gzip"}), "source_protocol"),
    ],
)
async def test_twitch_that_is_unwell_is_tried_again(desk, answer, code):
    desk.log_in()
    desk.twitch.answers = [answer]
    async with desk.reading():
        await desk.state("reconnecting", code)
        await desk.state("live")


async def test_a_subscription_that_takes_too_long_is_given_up_and_tried_again(desk, monkeypatch):
    desk.log_in()
    monkeypatch.setattr("hostdesk.sources.eventsub.SUBSCRIBE_S", 0.3)
    hang, answer = asyncio.Event(), desk.twitch.answer

    async def slow(request):
        if "subscriptions" in request.path and not hang.is_set():
            await hang.wait()
        return await answer(request)

    monkeypatch.setattr(desk.twitch, "answer", slow)
    async with desk.reading():
        await desk.state("reconnecting", "source_timeout")
        hang.set()
        await desk.state("live")


async def test_rubbish_on_the_line_is_counted_and_the_chat_goes_on(desk):
    desk.log_in()
    async with desk.reading():
        await desk.subscribed()
        await desk.state("live")
        [session] = desk.twitch.sessions
        for text in ("", "{", "[]", '{"metadata": 5}', "[" * 50_000):
            await session.socket.send(text)
        await desk.twitch.say("ann", "还在")
        await desk.said("还在")
        told = await desk.posts.until(lambda e: isinstance(e, SourceState) and e.skipped >= 5)
    assert told.skipped == 5
    assert told.state == "live"


# ------------------------------------------------------------------- others read the stand-in


class Child:
    """A client in its own process: lines of JSON come out, commands go in."""

    def __init__(self, *command, **env):
        self._command, self._env = command, {**os.environ, **env}
        self.told = []
        self._news = asyncio.Event()

    async def __aenter__(self):
        pipe = asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=pipe, env=self._env
        )
        self._reading = asyncio.ensure_future(self._read())
        return self

    async def __aexit__(self, *_):
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        self._process._transport.close()

    async def _read(self):
        while line := await self._process.stdout.readline():
            self.told.append(json.loads(line))
            self._news.set()

    def send(self, line):
        self._process.stdin.write(f"{line}\n".encode())

    async def until(self, *start, limit_s=60):
        """The first thing told that begins like this."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    for told in self.told:
                        if tuple(told[: len(start)]) == start:
                            return told
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            wrong = b""
            if self._process.returncode is not None:
                wrong = await self._process.stderr.read()
            raise AssertionError(f"{start} not told: {self.told[-8:]} {wrong.decode()}") from None


@pytest.fixture(scope="session")
def twitch_api_folder():
    """Where pip put twitchAPI; once for all runs of this virtual environment."""
    folder = Path(sys.prefix) / "counterparts" / PYTHON_CLIENT.replace("==", "-")
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not (folder / "twitchAPI").exists():
            command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder)]
            subprocess.run([*command, PYTHON_CLIENT], check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="session")
def twurple_folder():
    """Where npm put Twurple; once for all runs of this virtual environment."""
    folder = Path(sys.prefix) / "npm" / "twurple-8.1.4"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / ".lock"):
        if not (folder / "node_modules/@twurple/eventsub-ws/package.json").exists():
            command = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund"]
            subprocess.run([*command, *NODE_CLIENTS], check=True, capture_output=True, timeout=300)
    return folder


async def test_twitch_api_goes_the_whole_way_at_the_stand_in(desk, twitch_api_folder):
    twitch = desk.twitch
    twitch.interval = 1
    script = HERE / "twitch" / "whole_way.py"
    async with Child(
        sys.executable, str(script), str(twitch_api_folder), twitch.url, twitch.client_id, "shop"
    ) as child:
        _, code, page = await child.until("code")
        assert code in page
        twitch.approve(code, "shop")
        await child.until("ready")
        _, is_sent, message_id = await child.until("sent")
        assert is_sent
        assert await child.until("message", message_id) == [
            "message", message_id, "1001", "来自 twitchAPI", ["broadcaster"]
        ]  # fmt: skip
        twitch.drops = [{"code": "msg_duplicate", "message": "identical"}]
        child.send("again")
        assert await child.until("dropped") == ["dropped", False, "msg_duplicate"]
        await child.until("notice", "announcement", "公告")
        await child.until("banned", "3003")
        await child.until("cleared", "3003")
        await child.until("unbanned", True)
        assert child.told.count(["shield", True]) == 2
        said = await twitch.say("ann", "你好 👋")
        await child.until("message", said, "2002", "你好 👋", ["subscriber"])
        raid = {"user_id": "7", "user_name": "n", "user_login": "n", "viewer_count": 80,
                "profile_image_url": ""}  # fmt: skip
        await twitch.notice("bob", "raid", raid=raid)
        await child.until("notice", "raid")
        child.send(f"delete {said}")
        await child.until("deleted", said, "2002")
        child.send("wipe")
        await child.until("wiped", "1001")
        child.send("end")
        await child.until("done")


async def test_twurple_reads_and_speaks_and_moves_at_the_stand_in(desk, twurple_folder):
    twitch = desk.twitch
    token, _ = twitch.log_in("shop")
    script = HERE / "node" / "twitch_login_reader.mjs"
    async with Child(
        "node", str(script), str(twurple_folder), twitch.client_id, token, "1001",
        TWURPLE_MOCK_API_PORT=str(twitch.port),
    ) as child:  # fmt: skip
        await child.until("ready")
        said = await twitch.say("ann", "你好")
        await child.until("message", said, "2002", "你好", ["subscriber"])
        child.send("say 来自 Twurple")
        _, _, sent = await child.until("sent", True)
        await child.until("message", sent, "1001", "来自 Twurple", ["broadcaster"])
        child.send("announce 公告")
        await child.until("notice", "announcement", "公告")
        many = {"id": "g1", "total": 5, "sub_tier": "1000", "cumulative_total": 5}
        raid = {"user_id": "7", "user_name": "n", "user_login": "n", "viewer_count": 80,
                "profile_image_url": ""}  # fmt: skip
        await twitch.notice("bob", "community_sub_gift", community_sub_gift=many)
        await child.until("notice", "community_sub_gift", "", 5)
        await twitch.notice("bob", "raid", raid=raid)
        await child.until("notice", "raid", "", 80)
        child.send(f"delete {said}")
        await child.until("deleted", said)
        child.send("ban 3003")
        await child.until("cleared", "3003")
        child.send("shield")
        await child.until("shield", True)
        old = list(twitch.sessions)
        await twitch.move()
        await twitch.until(lambda: not set(old) & set(twitch.sessions))
        moved = await twitch.say("ann", "换了服务器")
        await child.until("message", moved)
        assert not [told for told in child.told if told[0] in ("error", "failed", "disconnected")]
        child.send("end")
