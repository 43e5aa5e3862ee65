"""Bridges as processes of their own, from what a platform says to what the desk hears."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import time

import pytest
from websockets.asyncio.server import serve

from hostdesk.events import Comment, Gap, Gift, Join, Like, Removed, SourceState
from hostdesk.sources.bridge_client import BarrageGrabRoom
from tests.e2e.test_inbox import EXAMPLES, ROOT, TOKEN, Desk, listening, ws_folder  # noqa: F401
from tests.unit.sources.inbox_samples import grab

pytestmark = pytest.mark.e2e


@contextlib.asynccontextmanager
async def running(*command, **environment):
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOSTDESK_TOKEN": TOKEN, **environment},
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.communicate()


async def test_tiktok_comes_in_by_a_process_of_its_own(tmp_path):
    shutil.copy(ROOT / "tests/fakes/tiktok_live.py", tmp_path / "TikTokLive.py")
    async with listening() as desk:
        bridge = EXAMPLES / "tiktok_bridge.py"
        async with running(sys.executable, bridge, "@shop", "--port", desk.inbox.port,
                           PYTHONPATH=str(tmp_path)):  # fmt: skip
            await desk.until(lambda: desk.of(Join))
    [comment] = desk.of(Comment)
    told = (comment.text, comment.comment_id, comment.author_id, comment.platform)
    assert told == ("多少钱", "7310000000000000002", "7310000000000000001", "tiktok")
    assert [(gift.name, gift.count) for gift in desk.of(Gift)] == [("Rose", 3)]
    assert desk.of(Like)[0].count == 5
    assert desk.states("inbox:tiktok/@shop")[0] == "live"


async def test_the_tiktok_bridge_stops_with_words_where_the_token_is_wrong(tmp_path):
    shutil.copy(ROOT / "tests/fakes/tiktok_live.py", tmp_path / "TikTokLive.py")
    async with listening() as desk:
        bridge = EXAMPLES / "tiktok_bridge.py"
        async with running(sys.executable, bridge, "@shop", "--port", desk.inbox.port,
                           PYTHONPATH=str(tmp_path), HOSTDESK_TOKEN="nope") as process:  # fmt: skip
            async with asyncio.timeout(30):
                out, _ = await process.communicate()
    assert b"Is the token right?" in out
    assert b"nope" not in out


class Pusher:
    """A chat room of Kick as its page sees it (Pusher's protocol 7)."""

    def __init__(self):
        self.rooms, self.sockets = [], []

    async def meet(self, socket):
        self.sockets.append(socket)
        hello = json.dumps({"socket_id": "1.1", "activity_timeout": 120})
        await self.send(socket, "pusher:connection_established", hello)
        async for frame in socket:
            said = json.loads(frame)
            if said["event"] == "pusher:subscribe":
                self.rooms.append(said["data"]["channel"])
                await self.send(socket, "pusher_internal:subscription_succeeded", "{}")
                await self.send(socket, "App\\Events\\ChatMessageEvent", _message("m1", "多少钱"))
                await socket.send("rubbish")
                await self.send(socket, "App\\Events\\MessageDeletedEvent",
                                json.dumps({"message": {"id": "m1"}}))  # fmt: skip
            else:
                await self.send(socket, "pusher:pong", "{}")

    async def send(self, socket, event, data):
        channel = self.rooms[-1] if self.rooms else ""
        await socket.send(json.dumps({"event": event, "channel": channel, "data": data}))


def _message(message_id, text):
    badges = [{"type": "moderator", "text": "M"}]
    sender = {"id": 42, "username": "xiaolu", "identity": {"color": "#fff", "badges": badges}}
    return json.dumps({"id": message_id, "chatroom_id": 7, "content": text, "type": "message",
                       "created_at": "2026-11-22T10:00:00+00:00", "sender": sender})  # fmt: skip


async def test_kick_comes_in_by_a_process_of_its_own_and_comes_back_after_a_cut(ws_folder):  # noqa: F811
    kick = Pusher()
    bridge = EXAMPLES / "kick_bridge.mjs"
    folder = os.path.join(ws_folder, "kick_bridge.mjs")
    shutil.copy(bridge, folder)  # beside node_modules, as the user does
    async with listening() as desk, serve(kick.meet, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with running("node", folder, "7", desk.inbox.port,
                           KICK_SOCKET=f"ws://127.0.0.1:{port}/app/x"):  # fmt: skip
            await desk.until(lambda: desk.of(Removed))
            kick.sockets[0].transport.abort()
            await desk.until(lambda: len(desk.of(Removed)) == 2)
    [comment] = desk.of(Comment)  # the second time it is known by its id
    assert (comment.text, comment.author_name, comment.badges) == (
        "多少钱",
        "xiaolu",
        ("moderator",),
    )
    assert comment.sent_ms == 1795341600000
    assert kick.rooms == ["chatrooms.7.v2"] * 2
    states = [event.state for event in desk.of(SourceState) if event.source_id == "inbox:kick/7"]
    assert states[:3] == ["live", "reconnecting", "live"]


class Grab:
    """DouyinBarrageGrab's server: answers "ping", takes commands, pushes what it grabs."""

    def __init__(self):
        self.heard, self.sockets, self.number = [], [], 0

    async def meet(self, socket):
        self.sockets.append(socket)
        for _ in range(3):
            self.number += 1
            await socket.send(grab(1, Content=f"弹幕{self.number}", MsgId=2**62 + self.number))
        await socket.send(grab(1, Content="repeated", MsgId=2**62 + 1))
        async for frame in socket:
            self.heard.append(frame)
            if frame == "ping":
                await socket.send("pong")


async def test_a_grabber_is_read_reconnected_and_never_told_anything():
    grabber = Grab()
    async with serve(grabber.meet, "127.0.0.1", 0) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        room = BarrageGrabRoom("dy", now_ms=lambda: int(time.time() * 1000), url=url)
        desk = Desk(None)
        task = asyncio.get_running_loop().create_task(room.run(desk.heard.extend))
        try:
            await desk.until(lambda: len(desk.of(Comment)) == 3)
            grabber.sockets[0].transport.abort()
            await desk.until(lambda: len(desk.of(Comment)) == 6)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    assert desk.texts() == [f"弹幕{number}" for number in range(1, 7)]
    assert desk.of(Comment)[0].comment_id == str(2**62 + 1)
    assert desk.states("dy")[:4] == ["starting", "live", "reconnecting", "live"]
    assert [gap.source for gap in desk.of(Gap)] == ["dy"]
    assert set(grabber.heard) <= {"ping"}
