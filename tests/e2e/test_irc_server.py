"""Our IRC reader against a real IRC server, which nobody wrote with us in mind."""

import asyncio
import contextlib
import time

import pytest

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.sources.link import Dialled, SocketFeed
from hostdesk.sources.twitch_protocol import TwitchProtocol
from tests.e2e.real_irc import ORIGIN, IrcServer, IrcWriter
from tests.fakes.posts import Posts

pytestmark = pytest.mark.e2e
BURST = 5_000


def now_ms():
    return 1_700_000_000_000 + time.monotonic_ns() // 1_000_000


class PlainIrc(TwitchProtocol):
    """The protocol as it is, in words that a server other than Twitch's wants in addition."""

    def opened(self, now_ms):
        step = super().opened(now_ms)
        step.send += ["USER hostdesk 0 * :hostdesk", "CAP REQ :message-tags server-time", "CAP END"]
        return step


@pytest.fixture
def server(tmp_path):
    server = IrcServer(tmp_path / "irc")
    server.start()
    yield server
    server.kill()


@contextlib.asynccontextmanager
async def reading(server, feed=None):
    numbers = iter(range(1000, 9999))

    async def dial():
        protocol = PlainIrc("irc-1", channel="host", digits=next(numbers))
        return Dialled(url=server.url, protocol=protocol, origin=ORIGIN)

    posts = Posts()
    feed = feed or SocketFeed("irc-1", "twitch", "host", dial, now_ms)
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(feed.run(posts))
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


async def test_what_others_write_is_heard_word_for_word(server):
    async with reading(server) as posts, IrcWriter(server.url, "ann") as ann:
        await posts.until(is_state("live"))
        for text in ("主播断流了吗 😀", "a: b :c", "ok;\\s", "\x01ACTION 挥手\x01", "　全角　"):
            await ann.say(text)
        await posts.until(is_said("　全角　"))
        await ann.send("JOIN #other", "PRIVMSG #other :不是这里")
        await ann.say("完")
        await posts.until(is_said("完"))
    comments = posts.of(Comment)
    told = [comment.text for comment in comments]
    assert told == ["主播断流了吗 😀", "a: b :c", "ok;\\s", "挥手", "　全角　", "完"]
    assert {comment.author_name for comment in comments} == {"ann"}
    assert len({comment.comment_id for comment in comments} - {""}) == len(comments)
    assert all(comment.sent_ms for comment in comments), "the server's own time"


async def test_a_text_cut_by_the_server_in_the_middle_of_a_letter_is_still_a_comment(server):
    async with reading(server) as posts, IrcWriter(server.url, "ann") as ann:
        await posts.until(is_state("live"))
        await ann.say("长" * 300)
        comment = await posts.until(lambda event: isinstance(event, Comment))
        await ann.say("之后")
        await posts.until(is_said("之后"))
    assert set(comment.text.rstrip("\ufffd")) == {"长"}
    assert 100 < len(comment.text) < 300


async def test_a_burst_is_read_to_the_last_word_in_order(server):
    async with (
        reading(server) as posts,
        IrcWriter(server.url, "ann") as ann,
        IrcWriter(server.url, "bob") as bob,
    ):
        await posts.until(is_state("live"))
        started = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for writer in (ann, bob):
                tasks.create_task(burst(writer, BURST // 2))
        async with asyncio.timeout(60):
            while len(posts.of(Comment)) < BURST:
                await asyncio.sleep(0.05)
        print(f"{BURST / (time.monotonic() - started):.0f} comments/s through a real server")
    for name in ("ann", "bob"):
        told = [comment.text for comment in posts.of(Comment) if comment.author_name == name]
        assert told == [f"{number} 主播你好" for number in range(BURST // 2)]


async def burst(writer, count):
    for number in range(count):
        await writer.say(f"{number} 主播你好")


async def test_a_server_that_is_killed_is_found_again_and_the_gap_is_told(server):
    async with reading(server) as posts:
        await posts.until(is_state("live"))
        async with IrcWriter(server.url, "ann") as ann:
            await ann.say("一")
            await posts.until(is_said("一"))
            before_ms = now_ms()
            mark = posts.mark()
            server.kill()
            with contextlib.suppress(Exception):
                await ann.say("没有人听见")
        await posts.until(is_state("reconnecting"), after=mark)
        lost_ms = now_ms()
        await asyncio.to_thread(server.start)
        await posts.until(is_state("live"), after=mark, limit_s=40)
        async with IrcWriter(server.url, "ann") as ann:
            await ann.say("二")
            await posts.until(is_said("二"))
    [gap] = posts.of(Gap)
    assert gap.at_ms <= before_ms <= lost_ms <= gap.until_ms
    assert [comment.text for comment in posts.of(Comment)] == ["一", "二"]


async def test_signs_of_life_come_and_go_with_a_real_server(tmp_path):
    server = IrcServer(tmp_path / "irc", ping_s=3)
    server.start()
    pace, start = 6, now_ms()
    protocol = PlainIrc("irc-1", channel="host", digits=1234)

    async def dial():
        return Dialled(url=server.url, protocol=protocol, origin=ORIGIN)

    feed = SocketFeed("irc-1", "twitch", "host", dial, lambda: start + (now_ms() - start) * pace)
    try:
        async with reading(server, feed) as posts:
            await posts.until(is_state("quiet"), limit_s=30)
            assert not any(is_state("reconnecting")(event) for event in posts.events)
    finally:
        server.kill()


async def test_a_kick_is_told_and_the_room_is_entered_again(server):
    async with IrcWriter(server.url, "ann") as ann, reading(server) as posts:
        await posts.until(is_state("live"))
        mark = posts.mark()
        await ann.send("KICK #host justinfan1000 :bye")
        await posts.until(is_state("reconnecting", "twitch_left"), after=mark)
        await posts.until(is_state("live"), after=mark)


async def test_a_ban_is_told_in_the_servers_own_words(server):
    async with IrcWriter(server.url, "ann") as ann:
        await ann.send("MODE #host +b *!*@*")
        await ann.until(" MODE #host +b")
        async with reading(server) as posts:
            told = await posts.until(is_state("reconnecting"))
            assert told.error_code == "twitch_refused"
            assert "ban" in told.params["detail"]
