"""The shell over a real HTTP server and a real socket, both on loopback."""

import asyncio
import contextlib
import logging
import socket
import time

import pytest

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.settings import found_instead
from hostdesk.sources import backoff, bilibili_app, bilibili_protocol
from hostdesk.sources.bilibili import BilibiliRoom
from hostdesk.sources.bilibili_codes import fault_of_code
from hostdesk.text import LOCALES, words
from tests.fakes.bilibili import FakeBilibili, Forced, Room
from tests.fakes.posts import Posts


def now_ms():
    return round(time.time() * 1000)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(backoff, "FIRST_S", 0.05)
    monkeypatch.setattr(backoff, "LONGEST_S", 0.2)


def room_of(bilibili, **more):
    given = {
        "code": bilibili.code,
        "app_id": str(bilibili.app_id),
        "key_id": bilibili.key_id,
        "key_secret": bilibili.key_secret,
        "now_ms": now_ms,
        "base": bilibili.base,
    }
    return BilibiliRoom("b1", **{**given, **more})


@contextlib.asynccontextmanager
async def running(room):
    posts = Posts()
    task = asyncio.ensure_future(room.run(posts))
    try:
        yield posts
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def state(name, code=None):
    return lambda e: (
        isinstance(e, SourceState) and e.state == name and (code is None or e.error_code == code)
    )


def said(text):
    return lambda e: isinstance(e, Comment) and e.text == text


async def test_a_room_is_opened_read_kept_and_let_go():
    async with FakeBilibili() as bilibili:
        async with running(room_of(bilibili, keep_s=0.05, name="小店")) as posts:
            live = await posts.until(state("live"))
            assert (live.platform, live.room) == ("bilibili", "小店")
            await bilibili.say("你好", "多少钱", way="zlib")
            comment = await posts.until(said("多少钱"))
            assert (comment.source_id, comment.platform) == ("b1", "bilibili")
            await bilibili.until(lambda: len(bilibili.called("heartbeat")) >= 2)
            [game] = bilibili.games.values()
            assert bilibili.auths == [game.auth_body]
        assert not bilibili.games
        assert [call.code for call in bilibili.calls] == [0] * len(bilibili.calls)
        assert bilibili.called("end")[0].body["app_id"] == bilibili.app_id


async def test_a_tool_without_a_game_needs_no_calls_to_stay():
    async with FakeBilibili(has_game_id=False) as bilibili:
        async with running(room_of(bilibili, keep_s=0.02)) as posts:
            await posts.until(state("live"))
            await bilibili.say("在")
            await posts.until(said("在"))
        assert {call.name for call in bilibili.calls} == {"start"}


async def test_after_a_cut_the_same_game_is_used_and_the_gap_is_told():
    async with FakeBilibili() as bilibili, running(room_of(bilibili)) as posts:
        await posts.until(state("live"))
        await bilibili.say("一")
        await bilibili.cut()
        await posts.until(state("reconnecting", "source_closed"))
        await bilibili.until(lambda: bilibili.joined == 1)
        await bilibili.say("二")
        await posts.until(said("二"))
        assert len(bilibili.called("start")) == 1
        [gap] = posts.of(Gap)
        assert gap.source == "b1"
        assert gap.at_ms <= gap.until_ms


async def test_a_game_that_nobody_kept_for_a_minute_is_not_used_again():
    slept_ms = 0
    async with FakeBilibili() as bilibili:
        room = room_of(bilibili, now_ms=lambda: now_ms() + slept_ms)
        async with running(room) as posts:
            await posts.until(state("live"))
            slept_ms = 61_000  # the computer slept, or had no network
            await bilibili.cut()
            await posts.until(state("reconnecting"))
            await bilibili.until(lambda: len(set(bilibili.auths)) == 2 and bilibili.joined == 1)


async def test_when_the_platform_ends_the_feed_it_is_started_again():
    async with FakeBilibili() as bilibili, running(room_of(bilibili)) as posts:
        await posts.until(state("live"))
        await bilibili.end_interaction()
        await posts.until(state("reconnecting", "bilibili_ended"))
        await bilibili.until(lambda: bilibili.joined == 1)
        await bilibili.say("又见面了")
        await posts.until(said("又见面了"))
        assert len(bilibili.called("start")) == 2
        assert len(set(bilibili.auths)) == 2


async def test_when_the_platform_forgot_the_game_it_is_started_again():
    async with FakeBilibili() as bilibili, running(room_of(bilibili, keep_s=0.05)) as posts:
        await posts.until(state("live"))
        bilibili.games.clear()
        await posts.until(state("reconnecting", "bilibili_ended"))
        await bilibili.until(lambda: len(bilibili.auths) == 2 and bilibili.joined == 1)


async def test_a_ticket_that_is_refused_is_replaced():
    async with FakeBilibili() as bilibili:
        bilibili.refuses_auth = -101
        async with running(room_of(bilibili)) as posts:
            await posts.until(state("reconnecting", "bilibili_auth"))
            bilibili.refuses_auth = 0
            await posts.until(state("live"))
            assert len(bilibili.called("start")) >= 2
            assert bilibili.called("end"), "the refused one was let go first"


async def test_a_link_that_does_not_answer_is_followed_by_the_next_and_then_by_a_new_game():
    async with FakeBilibili() as bilibili, running(room_of(bilibili)) as posts:
        await posts.until(state("live"))
        bilibili._live.close(close_connections=True)
        await bilibili._live.wait_closed()
        await bilibili.until(lambda: len(bilibili.called("start")) >= 2)
        assert posts.of(SourceState)[-1].state == "reconnecting"


@pytest.mark.parametrize(
    ("why", "change", "code"),
    [
        ("the host made a new identity code", {"code": "OLDCODE12345"}, "bilibili_code"),
        ("the secret is another", {"key_secret": "other"}, "bilibili_key"),
        ("the key is another", {"key_id": "other"}, "bilibili_key"),
        ("the key cannot be sent", {"key_id": "密钥"}, "bilibili_key"),
        ("the app is another", {"app_id": 7}, "bilibili_app"),
        ("the app id is no number", {"app_id": "my-app"}, "bilibili_app"),
        ("the app id is beyond all", {"app_id": "9" * 30}, "bilibili_app"),
    ],
)
async def test_what_a_person_must_mend_waits_for_a_person(why, change, code):
    async with FakeBilibili() as bilibili, running(room_of(bilibili, **change)) as posts:
        refused = await posts.until(state("refused"))
        assert refused.error_code == code, why
        calls = len(bilibili.calls)
        await asyncio.sleep(0.3)  # several times the longest wait of this test
        assert len(bilibili.calls) == calls, why


async def test_a_person_asks_to_try_again():
    async with FakeBilibili() as bilibili:
        bilibili.force("start", 7007)
        room = room_of(bilibili)
        async with running(room) as posts:
            await posts.until(state("refused", "bilibili_code"))
            room.try_again()
            await posts.until(state("live"))


async def test_a_computer_whose_clock_is_wrong_is_told():
    async with FakeBilibili() as bilibili:
        wrong = room_of(bilibili, now_ms=lambda: now_ms() - 3_600_000)
        async with running(wrong) as posts:
            told = await posts.until(state("reconnecting"))
            assert told.error_code == "bilibili_clock"


@pytest.mark.parametrize("expected", ["900001", "4242", "owner-open-id", "好物小店", " 900001 "])
async def test_the_room_that_was_asked_for(expected):
    async with FakeBilibili() as bilibili:
        room = room_of(bilibili, expected_room=expected)
        async with running(room) as posts:
            await posts.until(state("live"))


async def test_another_room_than_asked_is_refused_and_let_go():
    async with FakeBilibili() as bilibili:
        room = room_of(bilibili, expected_room="123456")
        async with running(room) as posts:
            told = await posts.until(state("refused"))
            assert told.error_code == "source_other_room"
            assert told.params == {
                "asked": "123456", "found": "好物小店 (900001)", "found_id": "900001",
            }  # fmt: skip
            assert not bilibili.games
            assert not bilibili.auths


@pytest.mark.parametrize(
    ("room", "found"),
    [
        (Room(), "900001"),
        (Room(room_id=0), "owner-open-id"),
        (Room(room_id="", open_id=""), "4242"),
        (Room(room_id="", open_id="", uid=0), "好物小店"),
    ],
)
async def test_the_room_that_was_found_is_read_once_a_person_says_that_it_is_the_one(room, found):
    async with FakeBilibili(room=room) as bilibili:
        async with running(room_of(bilibili, expected_room="123456")) as posts:
            told = await posts.until(state("refused", "source_other_room"))
        assert found_instead(told.error_code, told.params) == found
        async with running(room_of(bilibili, expected_room=found)) as posts:
            await posts.until(state("live"))


@pytest.mark.parametrize(
    ("why", "answer", "told", "code"),
    [
        ("401", Forced(status=401), "logged_out", "source_logged_out"),
        ("403", Forced(status=403), "refused", "source_forbidden"),
        ("500", Forced(status=500), "reconnecting", "source_status"),
        ("led elsewhere", Forced(status=302, headers={"Location": "http://127.0.0.1:9/"}),
         "reconnecting", "source_status"),
        ("no JSON", Forced(content=b"<html>"), "reconnecting", "bilibili_answer"),
        ("nothing", Forced(content=b""), "reconnecting", "bilibili_answer"),
        ("yes, but nothing in it", Forced(content=b'{"code":0,"data":null}'), "reconnecting",
         "bilibili_answer"),
        ("nowhere to connect", Forced(content=b'{"code":0,"data":{"websocket_info":{"auth_body":"",'
         b'"wss_link":["javascript:1","ws://","ws://a:99999/","http://127.0.0.1/"]}}}'),
         "reconnecting", "bilibili_answer"),
        ("far too much", Forced(content=b" " * 300_000), "reconnecting", "bilibili_answer"),
        ("packed", Forced(content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
         "reconnecting", "bilibili_answer"),
        ("busy", Forced(content=b'{"code":5003}'), "reconnecting", "bilibili_service"),
    ],
)  # fmt: skip
async def test_answers_that_are_not_what_we_hoped_for(why, answer, told, code):
    async with FakeBilibili() as bilibili:
        bilibili.force("start", answer)
        room = room_of(bilibili)
        async with running(room) as posts:
            assert (await posts.until(state(told))).error_code == code, why
            room.try_again()
            await posts.until(state("live"))


async def test_too_many_calls_wait_as_long_as_the_platform_says():
    async with FakeBilibili() as bilibili:
        bilibili.force("start", Forced(status=429, headers={"Retry-After": "1"}))
        began = time.monotonic()
        async with running(room_of(bilibili)) as posts:
            told = await posts.until(state("reconnecting", "source_too_many"))
            assert told.params["seconds"] == 1
            await posts.until(state("live"))
        assert time.monotonic() - began >= 1.0


async def test_nobody_listens_and_then_somebody_does(unused_tcp_port):
    async with FakeBilibili() as bilibili:
        room = room_of(bilibili, base=f"http://127.0.0.1:{unused_tcp_port}")
        async with running(room) as posts:
            await posts.until(state("reconnecting", "source_unreachable"))
            room._app._base = bilibili.base
            await posts.until(state("live"))


async def test_a_name_that_is_not_found_is_told_as_such(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)  # no test asks a real name server
    room = BilibiliRoom(
        "b1", code="c", app_id=1, key_id="k", key_secret="s", now_ms=now_ms, base="http://nowhere"
    )
    async with running(room) as posts:
        assert (await posts.until(state("reconnecting"))).error_code == "source_dns"


@contextlib.asynccontextmanager
async def listening(answer):
    """A server that says ``answer`` and nothing else; its address without a scheme."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await reader.read(100)
            writer.write(answer)
            await writer.drain()
            if not answer:
                await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_server_that_is_not_encrypted_is_told_as_such():
    async with FakeBilibili() as bilibili, listening(b"HTTP/1.1 400 Bad\r\n\r\n") as address:
        room = room_of(bilibili, base=f"https://{address}")
        async with running(room) as posts:
            assert (await posts.until(state("reconnecting"))).error_code == "source_tls"


async def test_a_server_that_speaks_something_else_is_told_as_such():
    async with FakeBilibili() as bilibili, listening(b"220 mail ready\r\n") as address:
        room = room_of(bilibili, base=f"http://{address}")
        async with running(room) as posts:
            assert (await posts.until(state("reconnecting"))).error_code == "source_protocol"


async def test_a_platform_that_never_answers_is_told_as_such(monkeypatch):
    monkeypatch.setattr(bilibili_app, "ANSWER_S", 0.2)
    async with FakeBilibili() as bilibili, listening(b"") as address:
        room = room_of(bilibili, base=f"http://{address}")
        async with running(room) as posts:
            assert (await posts.until(state("reconnecting"))).error_code == "source_timeout"


async def test_an_encrypted_call_never_leads_to_an_open_socket():
    app = bilibili_app.OpenApp(None, None, now_ms, "https://live-open.biliapi.com")
    assert app._is_fit("wss://broadcast.example/sub")
    assert not app._is_fit("ws://broadcast.example/sub")


async def test_a_dead_line_is_found_by_asking_and_replaced(monkeypatch):
    monkeypatch.setattr(bilibili_protocol.BilibiliProtocol, "stalled_ms", 900)
    monkeypatch.setattr(bilibili_protocol, "PROBE_MS", 300)
    async with FakeBilibili() as bilibili, running(room_of(bilibili)) as posts:
        await posts.until(state("live"))
        await bilibili.say("一")
        await posts.until(said("一"))
        bilibili.stall()
        await posts.until(state("stalled"))
        await posts.until(state("reconnecting", "source_stalled"))
        bilibili.resume()
        await posts.until(state("live"), after=posts.mark())
        assert len(posts.of(Gap)) == 1


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "number",
    [*range(4000, 4014), *range(5000, 5006), *range(6000, 6004), *range(7000, 7008), 8002, -1, 99],
)
def test_every_number_of_the_platform_has_words(number, locale):
    fault = fault_of_code(number)
    say = words(locale)
    assert say.has(f"error.{fault.code}.message")
    assert say.has(f"error.{fault.code}.hint")
    message, hint = say.error(fault.code, fault.params)
    assert "{" not in message + hint


@pytest.mark.parametrize(
    ("number", "told", "retry_s"),
    [(7007, "refused", 0), (7002, "reconnecting", 60), (7001, "reconnecting", 10),
     (4002, "refused", 0), (4003, "reconnecting", 60), (4009, "reconnecting", 30),
     (7003, "reconnecting", 0), (5000, "reconnecting", 0), (123, "reconnecting", 0)],
)  # fmt: skip
def test_what_the_platform_refuses_is_waited_for_or_left_to_a_person(number, told, retry_s):
    fault = fault_of_code(number)
    assert (fault.state, fault.retry_s) == (told, retry_s)


async def test_no_secret_is_in_the_log_in_events_or_shown(caplog):
    caplog.set_level(logging.DEBUG)
    async with FakeBilibili() as bilibili:
        bilibili.force("start", 4002, Forced(content=b'{"code":0,"data":{"websocket_info":7}}'))
        room = room_of(bilibili, keep_s=0.05)
        async with running(room) as posts:
            await posts.until(state("refused", "bilibili_key"))
            room.try_again()
            await posts.until(state("reconnecting", "bilibili_answer"))
            await posts.until(state("live"))
            await bilibili.until(lambda: bool(bilibili.called("heartbeat")))
            shown = repr(room) + repr(vars(room)) + repr(room._protocol) + repr(room._game)
        secrets = [bilibili.key_secret, bilibili.code, "ticket-"]
    logged = "".join(
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(("hostdesk", "http"))
    )
    for secret in secrets[:2]:
        assert secret not in logged + repr(posts.events), secret
    assert secrets[0] not in shown
    assert "ticket-" not in shown + repr(posts.events)
