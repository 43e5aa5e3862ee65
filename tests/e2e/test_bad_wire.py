"""What no honest server or program sends, on real sockets, to every source that we have.

Each says so in words, comes back by itself where that makes sense, and holds no more memory
than it may; what is honest afterwards is heard.
"""

import asyncio
import contextlib
import gzip
import socket
import struct
import time
import tracemalloc
import zlib

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, WebSocketException

from hostdesk.accounts import Accounts
from hostdesk.events import Comment, SourceState
from hostdesk.settings import INBOX, Room
from hostdesk.source_building import builder
from hostdesk.sources import backoff
from hostdesk.sources.bridge_client import MAX_ODD
from hostdesk.text import LOCALES, words
from tests.fakes.bilibili import FakeBilibili, lie
from tests.fakes.posts import Posts
from tests.fakes.twitch_irc import FakeTwitch
from tests.fakes.untrusted_tls import untrusted_server
from tests.fakes.youtube import KEY, VIDEO
from tests.unit.sources.inbox_samples import grab

pytestmark = pytest.mark.e2e

SECRETS = {
    "bilibili": {"code": "ABCDEFGHIJK1", "key_id": "fake-key", "key_secret": "fake-secret"},
    "youtube": {"api_key": KEY},
    "twitch": {"token": "", "refresh": ""},
    "barrage_grab": {},
    INBOX: {"token": "right-token-of-this-test"},
}
CHANNELS = {"youtube": VIDEO, "twitch": "host"}
CALLED = ("bilibili", "youtube")
DIALLED = ("twitch", "barrage_grab")
MOST_HELD = 24 << 20
"""Bytes more than before, at the worst moment; a bomb has 64 MiB and more."""
ZEROS = bytes(1 << 16)


def wall_ms():
    return time.time_ns() // 1_000_000


BUILD = builder(Accounts(None, wall_ms))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_S", 0.05)


@contextlib.asynccontextmanager
async def reading(platform, url):
    """The source as the product builds it, at another address."""
    room = Room(room_id="r", platform=platform, url=url, app_id="1700000000001",
                channel=CHANNELS.get(platform, ""), budget=10_000_000)  # fmt: skip
    posts = Posts()
    task = asyncio.ensure_future(BUILD(room, SECRETS[platform], wall_ms).run(posts))
    try:
        yield posts
        assert not task.done(), "it goes on"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.contextmanager
def bounded():
    """Nothing in here holds more than it may."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] - before < MOST_HELD
    finally:
        tracemalloc.stop()


def is_state(*codes):
    return lambda event: isinstance(event, SourceState) and event.error_code in codes


def said(text):
    return lambda event: isinstance(event, Comment) and event.text == text


def assert_has_words(event):
    for locale in LOCALES:
        sentences = words(locale).error(event.error_code, event.params)
        assert all(sentences)
        assert not any("…" in sentence or "{" in sentence for sentence in sentences), sentences


# --------------------------------------------------------------------- before anything is said


def answered(status, *heads, body=b"{}"):
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}", *heads]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _endless(writer, piece):
    """As much as is taken, but not for ever."""
    for _ in range(2_000):
        writer.write(piece)
        await writer.drain()


@contextlib.asynccontextmanager
async def server(says, then=b""):
    """Answers everybody with ``says``, then with ``then`` again and again; gives its port."""

    async def meet(reader, writer):
        with contextlib.suppress(ConnectionError):
            if says:
                await reader.read(100)
                writer.write(says)
                await writer.drain()
            if then:
                await _endless(writer, then)
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", 0) as made:
        yield made.sockets[0].getsockname()[1]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = answered(200, "Content-Encoding: gzip", body=gzip.compress(bytes(64 << 20)))
FIRST_WORDS = [
    ("401", answered(401), b"", {"source_logged_out", "youtube_key"}),
    ("403", answered(403), b"", {"source_forbidden", "youtube_forbidden"}),
    ("429", answered(429, "Retry-After: 77"), b"", {"source_too_many"}),
    ("502", answered(502), b"", {"source_status"}),
    ("led elsewhere", answered(302, "Location: http://127.0.0.1:9/"), b"",
     {"source_status", "source_protocol"}),
    ("closes", b"", b"", {"source_protocol", "source_closed", "source_unreachable"}),
    ("no HTTP", b"220 mail ready\r\n", b"", {"source_protocol"}),
    ("half an answer", answered(200, body=b"x" * 900)[:-400], b"",
     {"source_protocol", "source_unreachable"}),
    ("a head without end", b"HTTP/1.1 200 OK\r\nX: ", ZEROS.replace(b"\0", b"x"),
     {"source_protocol"}),
    ("a body without end", CHUNKED, b"10000\r\n" + ZEROS + b"\r\n",
     {"source_too_big", "bilibili_answer", "source_protocol"}),
    ("a gzip bomb", BOMB, b"", {"source_protocol", "bilibili_answer"}),
]  # fmt: skip


@pytest.mark.parametrize("platform", [*CALLED, *DIALLED])
@pytest.mark.parametrize(
    ("why", "says", "then", "codes"), FIRST_WORDS, ids=[case[0] for case in FIRST_WORDS]
)
async def test_a_server_that_answers_wrongly_is_told_in_words(platform, why, says, then, codes):
    scheme = "http" if platform in CALLED else "ws"
    with bounded():
        async with (
            server(says, then) as port,
            reading(platform, f"{scheme}://127.0.0.1:{port}") as posts,
        ):
            told = await posts.until(lambda e: isinstance(e, SourceState) and e.error_code)
    assert told.error_code in codes, told
    if why == "429":
        assert told.params["seconds"] == 77
    assert_has_words(told)


@pytest.mark.parametrize("platform", [*CALLED, *DIALLED])
async def test_a_name_that_does_not_resolve_and_a_certificate_that_nobody_vouches_for(
    platform, tmp_path
):
    scheme = "https" if platform in CALLED else "wss"
    async with reading(platform, f"{scheme}://nowhere.invalid") as posts:
        assert_has_words(await posts.until(is_state("source_dns")))
    async with (
        untrusted_server(tmp_path) as port,
        reading(platform, f"{scheme}://127.0.0.1:{port}") as posts,
    ):
        told = await posts.until(is_state("source_tls"))
        assert told.params["reason"] == "tls_unknown"
        assert_has_words(told)


# ------------------------------------------------------------------- in the middle of a show


class Grabber:
    """A local program that serves what DouyinBarrageGrab would."""

    def __init__(self):
        self.sockets = set()

    async def __aenter__(self):
        self._server = await serve(self._talk, "127.0.0.1", 0, compression=None, close_timeout=0.2)
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _talk(self, socket):
        self.sockets.add(socket)
        try:
            await socket.send(grab(5, GiftName="在"))
            async for _ in socket:
                await socket.send("pong")
        except ConnectionClosed:
            pass
        finally:
            self.sockets.discard(socket)

    async def say(self, text):
        for line in list(self.sockets):
            await line.send(grab(1, Content=text, MsgId=abs(hash(text))))


class Live:
    """A room on a fake, what it posts, and the raw line to it."""

    def __init__(self, platform, fake, posts):
        self.platform, self.fake, self.posts = platform, fake, posts

    @property
    def lines(self):
        if self.platform == "twitch":
            return [reader.socket.transport for reader in self.fake.readers if reader.is_joined]
        sockets = self.fake.sockets if self.platform == "barrage_grab" else self.fake._sockets
        return [socket.transport for socket in sockets]

    async def write(self, raw, times=1):
        for line in self.lines:
            for _ in range(times):
                with contextlib.suppress(RuntimeError):  # it was closed meanwhile
                    line.write(raw)
                await asyncio.sleep(0)

    async def cut(self):
        for line in self.lines:
            line.close()

    async def hears(self, text):
        """Said again until it is heard: the line may be on its way back."""
        mark = self.posts.mark()
        async with asyncio.timeout(30):
            for number in range(10_000):
                one = f"{text} {number}"
                await self.fake.say(one)
                with contextlib.suppress(AssertionError):
                    await self.posts.until(
                        lambda e: isinstance(e, Comment) and e.text.startswith(text),
                        after=mark,
                        limit_s=0.3,
                    )
                    return


@contextlib.asynccontextmanager
async def live(platform):
    fakes = {"bilibili": FakeBilibili, "twitch": FakeTwitch, "barrage_grab": Grabber}
    async with fakes[platform]() as fake:
        url = fake.base if platform == "bilibili" else fake.url
        async with reading(platform, url) as posts:
            room = Live(platform, fake, posts)
            await posts.until(lambda e: isinstance(e, SourceState) and e.state == "live")
            await room.hears("之前")
            yield room


def frame(opcode, body, *, first=0x80, announced=None):
    """A frame of a server: unmasked. ``first``: its flags, 0x80 = the last part, 0x40 = packed."""
    size = len(body) if announced is None else announced
    return struct.pack(">BBQ", first | opcode, 127, size) + body


def deflated(size):
    packing = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packing.compress(bytes(size)) + packing.flush(zlib.Z_SYNC_FLUSH)


WIRE = [
    ("a frame of a terabyte", [frame(1, b"x" * 100, announced=1 << 40)], 1),
    ("a message without end", [frame(1, ZEROS, first=0), *[frame(0, ZEROS, first=0)] * 40], 1),
    ("packed though nobody asked for it", [frame(1, deflated(64 << 20), first=0xC0)], 1),
    ("an unknown kind of frame", [frame(11, b"x")], 1),
    ("text that is no text", [frame(1, b"\xff\xfe\xfd")], 1),
    ("a part of nothing", [frame(0, b"x")], 1),
    ("noise", [bytes(range(256)) * 40], 1),
    ("half a frame, then nobody", [frame(1, b"x" * 10, announced=1000)], 1),
    ("many pings", [frame(9, b"p")], 5_000),
    ("many empty frames", [frame(2, b"")], 5_000),
]


@pytest.mark.parametrize("platform", ["bilibili", "twitch", "barrage_grab"])
@pytest.mark.parametrize(("why", "frames", "times"), WIRE, ids=[case[0] for case in WIRE])
async def test_frames_that_no_server_sends_end_a_line_at_most(platform, why, frames, times):
    if platform == "barrage_grab" and "empty" in why:
        times = MAX_ODD - 1  # of more it is told that this is no grabber, and not tried for 30 s
    async with live(platform) as room:
        with bounded():
            for raw in frames:
                await room.write(raw, times)
            if "nobody" in why:
                await room.cut()
            await room.hears("之后")
        for event in room.posts.of(SourceState):
            if event.error_code:
                assert_has_words(event)


@pytest.mark.parametrize(
    "kind", ["bomb_zlib", "bomb_brotli", "many", "deep", "cut_zlib", "bad_brotli", "oversized"]
)
async def test_what_bilibili_packs_is_unpacked_within_bounds(kind):
    async with live("bilibili") as room:
        raw = await asyncio.to_thread(lie, kind, room.fake.dice)
        with bounded():
            for _ in range(5):
                await room.fake.write(raw)
            await room.hears("之后")


# ----------------------------------------------------------------------------- at the inbox


@contextlib.asynccontextmanager
async def inbox():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    room = Room(room_id=INBOX, platform=INBOX, url=str(port))
    posts = Posts()
    task = asyncio.ensure_future(BUILD(room, SECRETS[INBOX], wall_ms).run(posts))
    try:
        await posts.until(lambda e: isinstance(e, SourceState) and e.state == "quiet")
        yield port, posts
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


BEARER = {"Authorization": f"Bearer {SECRETS[INBOX]['token']}"}
POSTS = [
    ("a gzip bomb", gzip.compress(bytes(64 << 20)), {"Content-Encoding": "gzip"}, 413),
    ("half of a gzip", gzip.compress(b"[]" * 900)[:-9], {"Content-Encoding": "gzip"}, 400),
    ("another packing", b"x", {"Content-Encoding": "br"}, 415),
    ("too much", b" " * (1 << 21), {}, 413),
    ("nesting without end", b"[" * 500_000, {}, 400),
    ("half a character", b'{"text":"\xe4\xbd"}', {}, 200),
]


@pytest.mark.parametrize(("why", "body", "heads", "status"), POSTS, ids=[c[0] for c in POSTS])
async def test_a_program_that_posts_what_it_should_not_is_answered(why, body, heads, status):
    async with inbox() as (port, posts), httpx.AsyncClient(trust_env=False) as client:
        url = f"http://127.0.0.1:{port}/v1/comments"
        with bounded():
            with contextlib.suppress(httpx.TransportError):  # some are cut off while they send
                answer = await client.post(url, content=body, headers={**BEARER, **heads})
                assert answer.status_code == status, (why, answer.text)
            honest = {"kind": "comment", "text": "之后"}
            assert (await client.post(url, json=honest, headers=BEARER)).status_code == 200
            await posts.until(said("之后"))


@pytest.mark.parametrize(("why", "frames", "times"), WIRE, ids=[case[0] for case in WIRE])
async def test_a_program_whose_frames_are_none_ends_only_its_own_line(why, frames, times):
    token = SECRETS[INBOX]["token"]
    async with inbox() as (port, posts):
        url = f"ws://127.0.0.1:{port}/?token={token}"
        async with connect(url, proxy=None, compression=None) as honest:
            with bounded():
                with contextlib.suppress(WebSocketException, OSError):
                    async with connect(url, proxy=None, compression=None, close_timeout=0.2) as odd:
                        for raw in frames:
                            masked = bytearray(raw)
                            masked[1] |= 0x80  # a client must mask; a mask of zeros will do
                            masked[10:10] = bytes(4)
                            for _ in range(times):
                                with contextlib.suppress(RuntimeError):  # closed meanwhile
                                    odd.transport.write(bytes(masked))
                                await asyncio.sleep(0)
                await honest.send('{"kind":"comment","text":"之后"}')
                await posts.until(said("之后"))
