"""The inbox on a real port, with real clients: fetch, npm's ws, curl, websockets, bare sockets."""

import asyncio
import contextlib
import gc
import gzip
import json
import logging
import os
import shutil
import sys
import time
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.sources import inbox as inbox_module
from hostdesk.sources import inbox_connection
from hostdesk.sources.inbox import Inbox
from tests.unit.sources.inbox_samples import batch, script, wx_event, wx_push

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "tests/e2e/node/inbox_client.mjs"
EXAMPLES = ROOT / "resources/inbox"
TOKEN = "right-token-of-this-test"
PAGE = "https://live.kuaishou.com"
WS_VERSION = "8.18.0"
pytestmark = pytest.mark.e2e


class Desk:
    """An inbox that listens, and what it posted."""

    def __init__(self, inbox):
        self.inbox, self.heard = inbox, []

    @property
    def http(self):
        return f"http://127.0.0.1:{self.inbox.port}/v1/comments"

    @property
    def socket(self):
        return f"ws://127.0.0.1:{self.inbox.port}/"

    def of(self, kind):
        return [event for event in self.heard if isinstance(event, kind)]

    def texts(self):
        return [event.text for event in self.of(Comment)]

    def states(self, source_id):
        return [event.state for event in self.of(SourceState) if event.source_id == source_id]

    async def until(self, condition, within_s=20.0):
        end = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < end, self.heard[-5:]
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(**more):
    inbox = Inbox(port=0, token=TOKEN, now_ms=lambda: int(time.time() * 1000),
                  allowed_origins=(PAGE,), **more)  # fmt: skip
    desk = Desk(inbox)
    task = asyncio.get_running_loop().create_task(inbox.run(desk.heard.extend))
    try:
        await desk.until(lambda: inbox.port)
        yield desk
    finally:
        assert not task.done(), task
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def run(*command, stdin=b"", **environment):
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate(stdin)
    assert process.returncode == 0, err.decode()
    return out.decode()


@pytest.fixture(scope="session")
def ws_folder():
    """npm's ws, kept beside the virtual environment."""
    folder = Path(sys.prefix) / "test-npm" / f"ws-{WS_VERSION}"
    if not (folder / "node_modules/ws/package.json").exists():
        import subprocess

        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund",
             f"ws@{WS_VERSION}"],
            check=True, capture_output=True, timeout=300,
        )  # fmt: skip
    return str(folder)


async def node(command, *arguments, **more):
    return json.loads(await run("node", CLIENT, command, *arguments, **more))


def bearer(token=TOKEN, **more):
    return {"Authorization": f"Bearer {token}", **more}


def client():
    return httpx.AsyncClient(trust_env=False, timeout=20)


# ------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("name", ["example.py", "example.mjs"])
async def test_the_examples_work_as_they_are(name):
    program = sys.executable if name.endswith(".py") else shutil.which("node")
    async with listening() as desk:
        out = await run(program, EXAMPLES / name, TOKEN, desk.inbox.port)
        first, second = [json.loads(line.replace("'", '"')) for line in out.splitlines()]
        assert (first["taken"], second["taken"]) == (1, 0)
        [comment] = desk.of(Comment)
        assert (comment.text, comment.author_name, comment.platform) == ("多少钱", "小鹿", "kick")
    assert len((EXAMPLES / name).read_text(encoding="utf-8").splitlines()) <= 25


async def test_the_bridges_are_valid_programs_that_load_nothing_before_they_run():
    for file in EXAMPLES.glob("*.py"):
        compile(file.read_text(encoding="utf-8"), file.name, "exec")
    await run(sys.executable, EXAMPLES / "tiktok_bridge.py", "--help")
    if shutil.which("node"):
        await run("node", "--check", EXAMPLES / "kick_bridge.mjs")


# ------------------------------------------------------------------- independent clients


async def test_fetch_of_node_posts_and_reads_the_answer():
    async with listening() as desk:
        told = await node("post", desk.http, TOKEN)
        assert (told["status"], told["body"]["taken"]) == (200, 1)
        [comment] = desk.of(Comment)
        assert comment.comment_id == "7310000000000000001"
        assert desk.states("inbox:node") == ["live"]


async def test_fetch_of_node_reads_why_two_megabytes_are_refused():
    async with listening() as desk:
        told = await node("big", desk.http, TOKEN)
        assert (told["status"], told["body"]["why"]) == (413, "too_big")
        assert desk.texts() == []


async def test_ws_of_npm_talks_in_all_three_ways_of_showing_the_token(ws_folder):
    async with listening() as desk:
        address = f"{desk.socket}?token={TOKEN}&source=b"
        line = '{"text":"一","source":"a","kind":"comment"}'
        by_header = await node("talk", desk.socket, TOKEN, stdin=line.encode(), WS_AT=ws_folder,
                               WANT="1")  # fmt: skip
        by_address = await node("talk", address, stdin=line.encode(), WS_AT=ws_folder, WANT="1")
        hello = json.dumps({"token": TOKEN, "source": "c"}) + "\n" + line
        by_word = await node("talk", desk.socket, stdin=hello.encode(), WS_AT=ws_folder, WANT="2")
        for told in (by_header, by_address, by_word):
            assert json.loads(told["answers"][-1])["taken"] == 1, told
        assert desk.texts() == ["一"] * 3
        await desk.until(lambda: desk.states("inbox:a")[-1] == "reconnecting")
        assert desk.of(SourceState)[-1].error_code == "inbox_bridge_gone"


async def test_ws_of_npm_is_refused_with_a_wrong_token_or_a_foreign_origin(ws_folder):
    async with listening() as desk:
        wrong = await node("talk", desk.socket, "wrong", WS_AT=ws_folder, WANT="1")
        assert wrong["status"] == 401
        foreign = await node("talk", desk.socket, TOKEN, "https://evil.example", WS_AT=ws_folder)
        assert foreign["status"] == 403
        no_token = await node("talk", desk.socket, WS_AT=ws_folder, WANT="2",
                              stdin=b'{"text":"a"}')  # fmt: skip
        assert no_token["code"] == 4401
        allowed = await node("talk", desk.socket, TOKEN, PAGE, WS_AT=ws_folder, WANT="1",
                             stdin=b'{"text":"a"}')  # fmt: skip
        assert allowed["code"] == 1005
        assert desk.texts() == ["a"]


async def test_curl_posts_plain_and_packed_and_by_its_own_rules(tmp_path):
    body = tmp_path / "push.json"
    body.write_bytes(gzip.compress(wx_push(wx_event()).encode()))
    curl = ["curl", "-sS", "--noproxy", "*", "-o", "-", "-w", " %{http_code}"]
    async with listening() as desk:
        packed = await run(*curl, "-H", "Content-Encoding: gzip", "--data-binary", f"@{body}",
                           f"{desk.http}?token={TOKEN}&room=%E5%BA%97")  # fmt: skip
        assert packed.endswith(" 200")
        body.write_bytes(b'{"text":"' + b"a" * (2 << 20) + b'"}')  # curl asks before it sends
        big = await run(*curl, "-H", f"Authorization: Bearer {TOKEN}", "--data-binary", f"@{body}",
                        desk.http)  # fmt: skip
        assert big.endswith(" 413")
        health = await run(*curl, f"http://127.0.0.1:{desk.inbox.port}/v1/health?token={TOKEN}")
        assert health.endswith(" 200")
        assert '"state":"live"' in health
        assert desk.texts() == ["好看"]
        [comment] = desk.of(Comment)
        assert comment.platform == "weixin_channels"


# ----------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({}, 401, "token"),
        (bearer("wrong"), 401, "token"),
        (bearer(Origin="https://evil.example"), 403, "origin"),
        (bearer(Host="evil.example"), 403, "host"),
        (bearer(Origin="null"), 403, "origin"),
    ],
)
async def test_strangers_are_refused_and_told_why(headers, status, why):
    async with listening() as desk, client() as http:
        answer = await http.post(desk.http, content=batch({"text": "a"}), headers=headers)
        assert (answer.status_code, answer.json()["why"]) == (status, why)
        assert desk.texts() == []
        assert desk.states("inbox:program") == []


async def test_a_page_that_is_allowed_asks_first_and_may_read_the_answer():
    async with listening() as desk, client() as http:
        first = await http.options(
            desk.http,
            headers={"Origin": PAGE, "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "authorization"},
        )  # fmt: skip
        assert first.status_code == 204
        assert first.headers["access-control-allow-origin"] == PAGE
        answer = await http.post(desk.http, content=batch({"text": "a"}),
                                 headers=bearer(Origin=PAGE))  # fmt: skip
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.json()["taken"] == 1


async def test_one_connection_serves_many_posts():
    async with listening() as desk, client() as http:
        for number in range(50):
            answer = await http.post(desk.http, content=batch({"text": str(number)}),
                                     headers=bearer())  # fmt: skip
            assert answer.status_code == 200
        assert desk.texts() == [str(number) for number in range(50)]
        assert len(desk.inbox._connections) == 1


async def test_rubbish_is_answered_and_others_go_on(ws_folder):
    async with listening() as desk, client() as http:
        await http.post(desk.http, content=batch({"text": "a"}, source="good"), headers=bearer())
        for _ in range(10):
            answer = await http.post(f"{desk.http}?source=bad", content=b"\xff\x00rubbish",
                                     headers=bearer())  # fmt: skip
            assert answer.status_code == 400
        assert desk.of(SourceState)[-1].error_code == "inbox_rubbish"
        told = await node("talk", desk.socket, TOKEN, stdin=b"rubbish\n" * 10, WS_AT=ws_folder,
                          WANT="99")  # fmt: skip
        assert told["code"] == 4400
        await http.post(desk.http, content=batch({"text": "b"}, source="good"), headers=bearer())
        assert desk.texts() == ["a", "b"]


async def test_a_frame_of_two_megabytes_ends_only_its_own_connection():
    async with listening() as desk:
        async with connect(desk.socket, additional_headers=bearer(), proxy=None) as other:
            big = await connect(desk.socket, additional_headers=bearer(), proxy=None)
            with contextlib.suppress(ConnectionClosed):
                await big.send('{"text":"' + "a" * (2 << 20) + '"}')
            await big.wait_closed()
            assert big.close_code == 1009
            await other.send(batch({"text": "still here"}))
            assert json.loads(await other.recv())["taken"] == 1
        assert desk.texts() == ["still here"]


async def test_bytes_that_are_no_http_are_answered_and_closed():
    async with listening() as desk:
        for rubbish in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"\x00" * 40_000, b"GET " + b"a" * 40_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", desk.inbox.port)
            writer.write(rubbish)
            answer = await asyncio.wait_for(reader.read(), 10)
            assert b" 400 " in answer
            writer.close()
        await desk.until(lambda: not desk.inbox._connections)


async def test_slow_senders_are_cut_off_and_hold_nobody_up(monkeypatch):
    monkeypatch.setattr(inbox_connection, "HEAD_S", 0.3)
    monkeypatch.setattr(inbox_connection, "BODY_S", 0.6)
    monkeypatch.setattr(inbox_module, "MAX_CONNECTIONS", 20)
    starts = (b"", b"GET / HT", b"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\n",
              b"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
              b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n{")  # fmt: skip
    async with listening() as desk, client() as http:
        slow = []
        for number in range(40):
            slow.append(await asyncio.open_connection("127.0.0.1", desk.inbox.port))
            slow[-1][1].write(starts[number % 4])
        answer = await http.post(desk.http, content=batch({"text": "a"}), headers=bearer())
        assert answer.status_code == 200
        for _ in range(3):  # dribbling does not help
            for _, writer in slow:
                writer.write(b"a")
            await asyncio.sleep(0.4)
        await asyncio.wait_for(
            asyncio.gather(*(reader.read() for reader, _ in slow), return_exceptions=True), 10
        )
        for _, writer in slow:
            writer.close()
        await desk.until(lambda: len(desk.inbox._connections) <= 1)


async def test_open_sockets_are_not_pushed_out_and_too_many_are_told_so(monkeypatch):
    monkeypatch.setattr(inbox_module, "MAX_CONNECTIONS", 3)
    async with listening() as desk, contextlib.AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(
                connect(desk.socket, additional_headers=bearer(), proxy=None)
            )
            for _ in range(3)
        ]
        with pytest.raises(InvalidStatus) as refused:
            await connect(desk.socket, additional_headers=bearer(), proxy=None)
        assert refused.value.response.status_code == 503
        await sockets[0].send(batch({"text": "a"}))
        assert json.loads(await sockets[0].recv())["taken"] == 1


async def test_a_client_that_vanishes_in_the_middle_is_forgotten():
    async with listening() as desk:
        for start in (b"", b"POST / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"):
            _, writer = await asyncio.open_connection("127.0.0.1", desk.inbox.port)
            writer.write(start)
            await writer.drain()
            writer.transport.abort()
        await desk.until(lambda: not desk.inbox._connections)


# ----------------------------------------------------------------------------------- load


async def test_a_flood_of_twenty_thousand_loses_nothing_and_keeps_the_loop_free(ws_folder):
    longest = 0.0

    async def watch(desk):
        nonlocal longest
        await desk.until(desk.texts)  # by then the client's process has been started
        gc.collect()
        gc.freeze()  # as the engine does: what the tests imported is not walked through again
        while True:
            before = time.process_time()  # not what other processes of this machine take
            await asyncio.sleep(0.001)
            longest = max(longest, time.process_time() - before)

    async with listening() as desk:
        watcher = asyncio.get_running_loop().create_task(watch(desk))
        told = await node("flood", desk.socket, TOKEN, WS_AT=ws_folder, TOTAL="20000", SIZE="500")
        watcher.cancel()
        gc.unfreeze()
        print(f"longest turn {longest * 1000:.1f} ms")
        assert told == {"code": 1005, "taken": 20_000}
        assert desk.texts() == [f"弹幕 {number}" for number in range(20_000)]
    assert longest < 0.05, "other work waited too long"


async def test_while_the_desk_is_behind_senders_wait_and_nothing_is_lost():
    behind = True
    async with listening(waiting=lambda: 10_000 if behind else 0) as desk, client() as http:
        posts = [
            asyncio.get_running_loop().create_task(
                http.post(desk.http, content=batch({"text": str(number)}), headers=bearer())
            )
            for number in range(8)
        ]
        done, _ = await asyncio.wait(posts, timeout=0.3)
        assert not done
        behind = False
        answers = await asyncio.gather(*posts)
        assert [answer.status_code for answer in answers] == [200] * 8
        assert sorted(desk.texts()) == [str(number) for number in range(8)]


# ------------------------------------------------------------------------ life of the inbox


async def test_a_socket_that_comes_back_tells_the_gap_and_repeats_nothing():
    async with listening() as desk:
        for _ in range(2):
            async with connect(desk.socket, additional_headers=bearer(), proxy=None) as socket:
                await socket.send(batch({"text": "a", "id": 1}, source="x"))
                await socket.recv()
            await desk.until(lambda: desk.states("inbox:x")[-1] == "reconnecting")
        assert desk.texts() == ["a"]
        [gap] = desk.of(Gap)
        assert gap.source == "inbox:x"
        assert gap.until_ms >= gap.at_ms


async def test_a_program_that_hangs_is_noticed_by_its_silence(monkeypatch):
    monkeypatch.setattr(inbox_module, "PROBE_MS", 100)
    monkeypatch.setattr(inbox_module, "PONG_S", 0.3)
    async with listening() as desk:
        socket = await connect(desk.socket, additional_headers=bearer(), proxy=None)
        await socket.send(batch({"text": "a"}, source="x"))
        await socket.recv()
        await asyncio.sleep(0.5)  # it answers pings, and stays
        assert desk.states("inbox:x") == ["live"]
        socket.transport.pause_reading()
        await desk.until(lambda: desk.states("inbox:x") == ["live", "reconnecting"])
        socket.transport.abort()


async def test_a_user_script_of_a_page_that_is_allowed_is_heard():
    async with listening() as desk:
        url = f"{desk.socket}?token={TOKEN}&source=快手&platform=kuaishou"
        async with connect(url, origin=PAGE, proxy=None) as socket:
            await socket.send(script("info", content="ws连接成功"))
            await socket.send(script("comment", "小鹿", "多少钱"))
            await desk.until(desk.texts)
        [comment] = desk.of(Comment)
        assert (comment.source_id, comment.platform) == ("inbox:快手", "kuaishou")


async def test_a_port_that_is_taken_is_told_and_tried_again(monkeypatch):
    monkeypatch.setattr(inbox_module, "AGAIN_S", 0.05)
    holder = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = holder.sockets[0].getsockname()[1]
    heard = []
    inbox = Inbox(port=port, token=TOKEN, now_ms=lambda: 1)
    task = asyncio.get_running_loop().create_task(inbox.run(heard.extend))
    try:
        desk = Desk(inbox)
        await desk.until(lambda: heard)
        told = (heard[0].source_id, heard[0].state, heard[0].error_code, heard[0].params)
        assert told == ("inbox", "refused", "inbox_port_taken", {"port": port})
        holder.close()
        await holder.wait_closed()
        await desk.until(lambda: inbox.port == port)
        assert [event.state for event in heard] == ["refused", "quiet"]
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert heard[-1].state == "ended"


async def test_closing_the_inbox_ends_every_feed_and_connection():
    async with listening() as desk, client() as http:
        await http.post(desk.http, content=batch({"text": "a"}, source="x"), headers=bearer())
        socket = await connect(desk.socket, additional_headers=bearer(), proxy=None)
        await socket.send(batch({"text": "a"}, source="y"))
        await socket.recv()
    assert [desk.states(f"inbox:{name}")[-1] for name in "xy"] == ["ended", "ended"]
    assert desk.inbox.port == 0
    await socket.wait_closed()


async def test_the_token_is_in_no_log_even_at_its_most_talkative(caplog):
    caplog.set_level(logging.DEBUG)
    async with listening() as desk, client() as http:
        await http.post(f"{desk.http}?token={TOKEN}", content=b"rubbish")
        await http.post(f"{desk.http}?token=nearly-{TOKEN}", content=b"{}")
        async with connect(f"{desk.socket}?token={TOKEN}", proxy=None) as socket:
            await socket.send(json.dumps({"token": TOKEN}))
            await socket.recv()
    ours = [record for record in caplog.records if record.name.startswith("hostdesk")]
    assert ours
    assert not [record for record in ours if TOKEN in record.getMessage()]
    assert TOKEN not in repr(vars(desk.inbox)["_feeds"])
    servers = [record for record in caplog.records if record.name == "websockets.server"]
    assert not servers
