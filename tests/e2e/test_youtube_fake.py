"""The YouTube room against a real HTTP server, and that server against Google's own client."""

import asyncio
import itertools
import json
import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hostdesk.events import Comment, Gap, Removed, SourceState
from hostdesk.sources import youtube
from hostdesk.sources.youtube import YouTubeRoom
from tests.fakes.posts import Posts
from tests.fakes.youtube import (
    CHAT,
    KEY,
    TITLE,
    VIDEO,
    FakeYouTube,
    bomb,
    item,
    refusal,
    said,
)

HERE = Path(__file__).parent
CLIENT = "google-api-python-client==2.202.0"
CLIENT_FOLDER = Path(sys.prefix) / "counterparts" / CLIENT.replace("==", "-")


MORNING_MS = 1_781_082_000_000 - time.time_ns() // 1_000_000
"""Two in the morning in California: far from the hour at which a day of quota ends."""


def wall_ms():
    return MORNING_MS + time.time_ns() // 1_000_000


def room(fake, *, key=KEY, budget=10_000_000, **more):
    return YouTubeRoom(
        "yt",
        video=VIDEO,
        api_key=lambda: key,
        now_ms=wall_ms,
        budget=budget,
        base=fake.base,
        **more,
    )


class Running:
    """A room that runs while the block does."""

    def __init__(self, source):
        self.source, self.posts = source, Posts()

    async def __aenter__(self):
        self.task = asyncio.ensure_future(self.source.run(self.posts))
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def state(self, name, *, after=0, code=None):
        def is_it(event):
            if not isinstance(event, SourceState) or event.state != name:
                return False
            return code is None or event.error_code == code

        return await self.posts.until(is_it, after=after)

    async def comment(self, text):
        return await self.posts.until(lambda e: isinstance(e, Comment) and e.text == text)

    @property
    def texts(self):
        return [event.text for event in self.posts.of(Comment)]


@pytest.fixture
def fake():
    with FakeYouTube() as server:
        yield server


async def test_comments_come_in_order_and_each_once(fake):
    async with Running(room(fake)) as run:
        live = await run.state("live")
        assert (live.room, live.platform) == (TITLE, "youtube")
        for n in range(1_300):
            fake.say(said(f"第{n}条", f"m{n}"))
        await run.comment("第1299条")
        assert run.texts == [f"第{n}条" for n in range(1_300)]
        assert not fake.keys_in_url
        fake.say(item("messageDeletedEvent", "d", messageDeletedDetails={"deletedMessageId": "m5"}))
        await run.posts.until(lambda e: isinstance(e, Removed) and e.comment_id == "m5")


async def test_the_platforms_polling_interval_is_kept():
    with FakeYouTube(is_strict=True) as fake:
        async with Running(room(fake)) as run:
            await run.state("live")
            fake.say(said("来了", "m1"))
            await run.comment("来了")
            await asyncio.sleep(1)
            assert not [s for s in run.posts.of(SourceState) if s.error_code]
        polls = [at for path, _, at in fake.calls if "messages" in path]
        assert min(b - a for a, b in itertools.pairwise(polls)) > 0.19


async def test_units_are_counted_as_google_counts_them_and_the_quota_is_told(fake):
    async with Running(room(fake, budget=10_000)) as run:
        live = await run.state("live")
        assert live.params["quota_minutes"] > 200
        assert live.params["every_s"] == 7
        used = 10_000 - live.params["quota_units"]
        assert used == fake.used[KEY] == 6


async def test_a_spent_quota_says_so_and_comes_back_by_itself(fake):
    fake.daily = 6
    async with Running(room(fake)) as run:
        refused = await run.state("refused", code="youtube_quota")
        assert refused.params["hours"] >= 1
        mark = run.posts.mark()
        fake.daily = 10_000
        fake.say(said("等到了", "m1"))
        run.source.try_again()
        await run.state("live", after=mark)
        await run.comment("等到了")
        assert not run.posts.of(Gap)


async def test_a_cut_is_told_and_loses_nothing(fake):
    async with Running(room(fake)) as run:
        await run.state("live")
        fake.say(said("断前", "m1"))
        await run.comment("断前")
        mark = run.posts.mark()
        fake.next_answers += ["cut", "cut", (503, b"")]
        await run.state("reconnecting", after=mark)
        fake.say(said("断中", "m2"))
        await run.state("live", after=mark)
        await run.comment("断中")
        assert run.texts == ["断前", "断中"]
        assert not run.posts.of(Gap)


async def test_a_server_that_hangs_is_given_up(fake, monkeypatch):
    monkeypatch.setattr(youtube, "ANSWER_S", 0.3)
    async with Running(room(fake)) as run:
        await run.state("live")
        mark = run.posts.mark()
        fake.next_answers.append("hang")
        await run.state("reconnecting", after=mark, code="source_timeout")
        await run.state("live", after=mark)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (bomb(), "source_protocol"),
        ((200, b"x" * 5_000_000), "source_too_big"),
        ((200, b"\xff\x00 rubbish"), "source_protocol"),
        ((302, b"", {"Location": "http://example.invalid/"}), "source_status"),
        ((429, b"", {"Retry-After": "1"}), "source_too_many"),
        (refusal(403, "rateLimitExceeded"), "source_too_many"),
    ],
    ids=["bomb", "flood", "rubbish", "redirect", "429", "rate"],
)
async def test_what_a_server_should_not_send_ends_one_answer_not_the_show(fake, answer, code):
    async with Running(room(fake)) as run:
        await run.state("live")
        mark = run.posts.mark()
        fake.next_answers.append(answer)
        await run.state("reconnecting", after=mark, code=code)
        await run.state("live", after=mark)


@pytest.mark.parametrize(
    ("key", "code"), [("", "youtube_no_key"), ("AIzaWrong", "youtube_key"), ("密钥", "youtube_key")]
)
async def test_without_a_good_key_a_person_is_asked(fake, key, code):
    async with Running(room(fake, key=key)) as run:
        assert (await run.state("logged_out")).error_code == code


async def test_another_channel_is_not_read(fake):
    async with Running(room(fake, expected_channel="别人的店")) as run:
        await run.state("refused", code="source_other_room")
        assert not [path for path, _, _ in fake.calls if "messages" in path]


async def test_the_end_of_the_broadcast_ends_the_source(fake):
    async with Running(room(fake)) as run:
        await run.state("live")
        fake.say(said("再见", "m1"), item("chatEndedEvent", "e"))
        await run.state("ended")
        assert run.texts == ["再见"]
        async with asyncio.timeout(5):
            await run.task


async def test_nobody_there_is_told_and_costs_no_quota(fake):
    ledger = youtube.Ledger()
    source = YouTubeRoom(
        "yt",
        video=VIDEO,
        api_key=lambda: KEY,
        now_ms=wall_ms,
        base="http://127.0.0.1:9/x",
        ledger=ledger,
    )
    async with Running(source) as run:
        await run.state("reconnecting", code="source_unreachable")
        assert [units for _, units in ledger.used().values()] == [0]


async def test_the_key_is_in_no_log_event_or_repr(fake, caplog):
    caplog.set_level(logging.DEBUG)
    source = room(fake)
    async with Running(source) as run:
        await run.state("live")
        fake.next_answers += [(403, json.dumps({"error": {"message": KEY}}).encode()), "cut"]
        await run.state("refused")
        source.try_again()
        await run.state("reconnecting")
    told = caplog.text + repr(run.posts.events) + repr(source) + repr(vars(source))
    assert KEY not in told
    assert all(KEY not in str(query) for _, query, _ in fake.calls)


@pytest.fixture(scope="module")
def google_client():
    """Google's client, installed once beside the environment of the tests."""
    if not (CLIENT_FOLDER / "googleapiclient").is_dir():
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check",
                   "--no-warn-script-location", "--target", CLIENT_FOLDER, CLIENT]  # fmt: skip
        subprocess.run(command, check=True, timeout=300, capture_output=True)
    return CLIENT_FOLDER


async def test_googles_own_client_reads_the_same_from_the_fake(fake, google_client):
    messages = [said(f"第{n}条 👋", f"m{n}", name=f"观众{n % 9}") for n in range(450)]
    fake.say(*messages[:150])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", HERE / "google" / "read_chat.py",
        str(google_client), fake.root, KEY, VIDEO, "450", stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        async with Running(room(fake)) as run, asyncio.timeout(60):
            await run.comment("第149条 👋")
            while fake.keys_in_url < 2:  # Google's client has read its first page
                await asyncio.sleep(0.02)
            fake.say(*messages[150:])
            await run.comment("第449条 👋")
            out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    ours = [[e.comment_id, e.author_name, e.text] for e in run.posts.of(Comment)]
    assert json.loads(out) == [TITLE, ours]
    assert len(ours) == 450


def test_all_that_the_fake_writes_stands_in_googles_schema(google_client):
    folder = google_client / "googleapiclient" / "discovery_cache" / "documents"
    schemas = json.loads((folder / "youtube.v3.json").read_bytes())["schemas"]
    from tests.unit.sources.test_youtube_protocol import KINDS

    kinds = schemas["LiveChatMessageSnippet"]["properties"]["type"]["enum"]
    for kind, details, _ in KINDS:
        if kind != "somethingNewEvent":
            assert kind in kinds
            _fits(item(kind, "m", **details), "LiveChatMessage", schemas)
    fake = FakeYouTube()
    fake.say(said("一", "m1"))
    _fits(fake._messages({"liveChatId": CHAT}, KEY)[1], "LiveChatMessageListResponse", schemas)
    _fits(fake._videos({"id": VIDEO})[1], "VideoListResponse", schemas)


def _fits(value, name, schemas):
    """Every field is one of the schema, and of its JSON type (64-bit numbers are strings)."""
    json_types = {"string": str, "boolean": bool, "integer": int, "array": list}
    for field, content in value.items():
        kind = schemas[name]["properties"][field]
        if "$ref" in kind:
            _fits(content, kind["$ref"], schemas)
            continue
        assert type(content) is json_types[kind["type"]], (name, field)
        for each in content if kind["type"] == "array" else ():
            _fits(each, kind["items"]["$ref"], schemas)
