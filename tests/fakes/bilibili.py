"""Bilibili's Open Live on loopback: the signed calls over HTTP, and the live socket.

Written from the protocol's document, not from our client; npm's ``bilibili-live-ws`` reads it
too (tests/e2e/test_bilibili_fake.py). Change it as the platform would, with the methods.
"""

import asyncio
import contextlib
import hashlib
import hmac
import itertools
import json
import random
import struct
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import brotli
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

WAYS = ("raw", "zlib", "brotli", "nested")
LIES = (
    "noise", "text", "short", "long_length", "no_header", "bad_zlib", "cut_zlib", "bad_brotli",
    "deep", "not_json", "wrong_types", "bomb_zlib", "bomb_brotli", "many", "oversized",
)  # fmt: skip
AUTH_S = 5.0
CLOCK_S = 600
SIGNED = ("accesskeyid", "content-md5", "signature-method", "signature-nonce",
          "signature-version", "timestamp")  # fmt: skip


def packet(op: int, body: bytes = b"", version: int = 0, sequence: int = 0) -> bytes:
    return struct.pack(">IHHII", 16 + len(body), 16, version, op, sequence) + body


def command(cmd: str, data: dict[str, Any]) -> bytes:
    return packet(5, json.dumps({"cmd": cmd, "data": data}, ensure_ascii=False).encode())


def packed(inner: bytes, way: str) -> bytes:
    """Complete packets, written in one of the `WAYS`."""
    match way:
        case "raw":
            return inner
        case "zlib":
            return packet(5, zlib.compress(inner), 2)
        case "brotli":
            return packet(5, brotli.compress(inner, quality=4), 3)
        case "nested":
            return packet(5, zlib.compress(packet(5, brotli.compress(inner, quality=4), 3)), 2)
    raise ValueError(way)


def lie(kind: str, dice: random.Random) -> bytes | str:
    """A frame that no honest platform sends."""
    honest = command("LIVE_OPEN_PLATFORM_DM", {"msg": "x", "msg_id": "", "open_id": "liar"})
    match kind:
        case "noise":
            return dice.randbytes(dice.randrange(1, 600))
        case "text":
            return "<html>502 Bad Gateway</html>"
        case "short":
            return honest[: dice.randrange(1, 16)]
        case "long_length":
            return struct.pack(">IHHII", 2**32 - 1, 16, 0, 5, 0) + b"{}"
        case "no_header":
            return struct.pack(">IHHII", 18, 0, 0, 5, 0) + b"{}"
        case "bad_zlib":
            return packet(5, dice.randbytes(64), 2)
        case "cut_zlib":
            return packet(5, zlib.compress(dice.randbytes(400))[:-100], 2)
        case "bad_brotli":
            return packet(5, dice.randbytes(64), 3)
        case "deep":
            frame = packet(5, b"{}")
            for _ in range(40):
                frame = packet(5, zlib.compress(frame), 2)
            return frame
        case "not_json":
            return packet(5, dice.choice([b"", b"{", b"[" * 5000, b"\xff\xfe", b"null", b"7"]))
        case "wrong_types":
            return command("LIVE_OPEN_PLATFORM_DM", {"msg": {"a": 1}, "open_id": [], "uname": 7})
        case "bomb_zlib":
            return packet(5, zlib.compress(bytes(64 << 20)), 2)
        case "bomb_brotli":
            return packet(5, brotli.compress(bytes(64 << 20), quality=4), 3)
        case "many":
            return packet(5, zlib.compress(packet(5) * 400_000), 2)
        case "oversized":
            return packet(5, dice.randbytes(1 << 20))
    raise ValueError(kind)


@dataclass
class Room:
    """Whose identity code it is."""

    room_id: int = 900001
    uid: int = 4242
    open_id: str = "owner-open-id"
    uname: str = "好物小店"


@dataclass
class Call:
    """A call that was made, and what it was answered."""

    name: str
    body: dict[str, Any]
    code: int
    headers: dict[str, str]


@dataclass
class Forced:
    """An answer that comes instead of the honest one."""

    status: int = 200
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Game:
    """One opened feed."""

    game_id: str
    auth_body: str
    code: str
    app_id: int
    alive: float


@dataclass
class FakeBilibili:
    """``async with FakeBilibili() as bilibili``; `base` is the address of the calls."""

    key_id: str = "fake-key"
    key_secret: str = "fake-secret"
    app_id: int = 1_700_000_000_001
    code: str = "ABCDEFGHIJK1"
    room: Room = field(default_factory=Room)
    has_game_id: bool = True
    """Tools get an empty game id, and need no calls to stay."""
    game_lasts_s: float = 60.0
    cool_down_s: float = 0.0
    seed: int = 1

    def __post_init__(self) -> None:
        self.calls: list[Call] = []
        self.games: dict[str, Game] = {}
        self.auths: list[str] = []
        """Bodies of authentication that came, as they were."""
        self.heartbeats = 0
        self.sent: list[str] = []
        """Texts of comments that were written to a connection that was let in, in order."""
        self.forced: dict[str, list[Forced]] = {}
        self.refuses_auth = 0
        self.is_mute = False
        self.dice = random.Random(self.seed)
        self._nonces: set[str] = set()
        self._numbers = itertools.count(1)
        self._started_at = -1e9
        self._sockets: set[ServerConnection] = set()
        self._news = asyncio.Condition()
        self._http: asyncio.Server | None = None
        self._live: Server | None = None

    # ------------------------------------------------------------ starting and ending

    async def __aenter__(self) -> "FakeBilibili":
        self._http = await asyncio.start_server(self._answer, "127.0.0.1", 0, limit=1 << 20)
        self._live = await serve(
            self._talk, "127.0.0.1", 0, close_timeout=0.2, compression=None, ping_interval=None
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self.resume()
        for server in (self._http, self._live):
            if server:
                server.close()
                await server.wait_closed()

    @property
    def base(self) -> str:
        assert self._http
        return f"http://127.0.0.1:{self._http.sockets[0].getsockname()[1]}"

    @property
    def link(self) -> str:
        assert self._live
        return f"ws://127.0.0.1:{self._live.sockets[0].getsockname()[1]}/sub"

    # ------------------------------------------------------------ what the platform does

    async def say(self, *texts: str, way: str = "raw", **more: Any) -> None:
        """Comments, all in one frame."""
        if await self.send(b"".join(self.comment(text, **more) for text in texts), way):
            self.sent += texts

    def comment(self, text: str, **more: Any) -> bytes:
        number = next(self._numbers)
        data = {
            "room_id": self.room.room_id, "uid": 0, "open_id": f"viewer-{number % 97}",
            "union_id": "", "uname": f"观众{number % 97}", "uface": "https://127.0.0.1/face.jpg",
            "timestamp": int(time.time()), "msg": text, "msg_id": f"m-{self.seed}-{number}",
            "guard_level": 0, "fans_medal_wearing_status": False, "fans_medal_name": "",
            "fans_medal_level": 0, "emoji_img_url": "", "dm_type": 0, "glory_level": 0,
            "reply_open_id": "", "reply_uname": "", "is_admin": 0, **more,
        }  # fmt: skip
        return command("LIVE_OPEN_PLATFORM_DM", data)

    async def tell(self, name: str, data: dict[str, Any], way: str = "raw") -> None:
        """Any other command, named without its prefix."""
        await self.send(command(f"LIVE_OPEN_PLATFORM_{name}", data), way)

    async def send(self, inner: bytes, way: str = "raw") -> int:
        return await self.write(packed(inner, way))

    async def write(self, frame: bytes | str) -> int:
        """A frame as it is, to everybody who was let in; to how many."""
        count = 0
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionClosed):
                await socket.send(frame)
                count += 1
        return count

    async def flood(self, count: int, *, per_frame: int = 20, say: str = "洪水") -> None:
        """Many comments as fast as they are taken, in all `WAYS` in turn."""
        ways = itertools.cycle(WAYS)
        for first in range(0, count, per_frame):
            numbers = range(first, min(first + per_frame, count))
            await self.say(*(f"{say} {number}" for number in numbers), way=next(ways))

    async def lie(self, kind: str) -> None:
        """See `LIES`. ``oversized`` ends the connection of a careful reader."""
        await self.write(await asyncio.to_thread(lie, kind, self.dice))

    def stall(self) -> None:
        """Keep every connection open, but neither hear nor say anything on it, until `resume`."""
        self.is_mute = True
        for socket in self._sockets:
            socket.transport.pause_reading()

    def resume(self) -> None:
        """Hear again; the connections of before are gone for good."""
        was_mute, self.is_mute = self.is_mute, False
        for socket in list(self._sockets) if was_mute else []:
            self._sockets.discard(socket)
            socket.transport.abort()

    async def cut(self) -> None:
        """The line breaks, without a goodbye; what was written before still arrives."""
        sockets, self._sockets = set(self._sockets), set()
        for socket in sockets:
            socket.transport.close()
        async with asyncio.timeout(5):
            for socket in sockets:
                await socket.wait_closed()

    async def end_interaction(self) -> None:
        """The platform closes the feed."""
        for game in list(self.games.values()):
            await self.tell("INTERACTION_END", {"game_id": game.game_id, "timestamp": 1})
        self.games.clear()

    def force(self, name: str, *answers: Forced | int) -> None:
        """Answer the next calls of ``name`` so; a number is a code of the platform."""
        made = [
            Forced(content=json.dumps({"code": answer, "message": "", "data": None}).encode())
            if isinstance(answer, int) else answer
            for answer in answers
        ]  # fmt: skip
        self.forced.setdefault(name, []).extend(made)

    def called(self, name: str) -> list[Call]:
        return [call for call in self.calls if call.name == name]

    @property
    def joined(self) -> int:
        return len(self._sockets)

    async def until(self, holds: Callable[[], bool], limit_s: float = 15) -> None:
        """Wait until something that this server sees is so."""
        async with asyncio.timeout(limit_s), self._news:
            await self._news.wait_for(holds)

    async def _told(self) -> None:
        async with self._news:
            self._news.notify_all()

    # ------------------------------------------------------------------- the live socket

    async def _talk(self, socket: ServerConnection) -> None:
        try:
            if await self._is_let_in(socket):
                async for frame in socket:
                    await self._heard(socket, frame)
        except ConnectionClosed:
            pass
        finally:
            self._sockets.discard(socket)
            await self._told()

    async def _is_let_in(self, socket: ServerConnection) -> bool:
        """The first frame, within five seconds, is the authentication; else a silent end."""
        if socket.request is None or socket.request.path != "/sub":
            return False
        try:
            async with asyncio.timeout(AUTH_S):
                frame = await socket.recv()
        except TimeoutError:
            return False
        if not isinstance(frame, bytes) or len(frame) < 16:
            return False
        length, header, _, op, _ = struct.unpack(">IHHII", frame[:16])
        if op != 7 or header != 16 or length != len(frame):
            return False
        body = frame[16:].decode()
        self.auths.append(body)
        is_known = any(game.auth_body == body for game in self.games.values())
        code = self.refuses_auth or (0 if is_known else -101)
        await socket.send(packet(8, json.dumps({"code": code}).encode(), 1, 1))
        if not code:
            self._sockets.add(socket)
        await self._told()
        return not code

    async def _heard(self, socket: ServerConnection, frame: str | bytes) -> None:
        if isinstance(frame, bytes) and len(frame) >= 16:
            op = struct.unpack(">IHHII", frame[:16])[3]
            if op == 2 and not self.is_mute:
                self.heartbeats += 1
                echo = frame[16:]  # not counted in the length, as the platform does it
                await socket.send(packet(3, struct.pack(">I", 2466), 1) + echo)
                await self._told()

    # --------------------------------------------------------------------- signed calls

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await _request(reader)) is not None:
                method, path, headers, body = request
                answer = self._reply(method, path, headers, body)
                writer.write(_written(answer))
                await writer.drain()
                await self._told()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Forced:
        name = path.removeprefix("/v2/app/")
        forced = self.forced.get(name)
        try:
            asked = json.loads(body)
        except ValueError:
            asked = {}
        if forced:
            answer = forced.pop(0)
            self.calls.append(Call(name, asked, -1, headers))
            return answer
        code = self._unsigned(method, headers, body)
        data: dict[str, Any] | None = None
        if not code:
            code, data = self._do(name, asked)
        self.calls.append(Call(name, asked, code, headers))
        content = {
            "code": code,
            "message": "ok" if not code else "no",
            "request_id": "1",
            "data": data,
        }
        return Forced(content=json.dumps(content).encode())

    def _unsigned(self, method: str, headers: dict[str, str], body: bytes) -> int:
        """0, or the number of what is wrong with the signature."""
        told = {name: headers.get(f"x-bili-{name}", "") for name in SIGNED}
        text = "\n".join(f"x-bili-{name}:{told[name]}" for name in SIGNED)
        wanted = hmac.new(self.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        stamp = told["timestamp"]
        late = not stamp.isdigit() or abs(int(stamp) - time.time()) > CLOCK_S
        checks = [
            (4005, method != "POST"),
            (4011, headers.get("content-type") != "application/json"),
            (4013, headers.get("accept") != "application/json"),
            (4012, told["content-md5"] != hashlib.md5(body).hexdigest()),
            (4006, told["signature-version"] != "1.0"),
            (4002, told["signature-method"] != "HMAC-SHA256"),
            (4002, told["accesskeyid"] != self.key_id),
            (4002, headers.get("authorization") != wanted),
            (4003, late),
            (4004, told["signature-nonce"] in self._nonces),
        ]
        self._nonces.add(told["signature-nonce"])
        return next((code for code, is_wrong in checks if is_wrong), 0)

    def _do(self, name: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        now = time.monotonic()
        for game_id in [
            g for g, game in self.games.items() if now - game.alive > self.game_lasts_s
        ]:
            del self.games[game_id]
        match name:
            case "start":
                return self._start(asked, now)
            case "heartbeat":
                game = self.games.get(str(asked.get("game_id")))
                if game is None:
                    return 7003, None
                game.alive = now
                return 0, {}
            case "end":
                return (0, {}) if self.games.pop(str(asked.get("game_id")), None) else (7000, None)
        return 4010, None

    def _start(self, asked: dict[str, Any], now: float) -> tuple[int, dict[str, Any] | None]:
        if not isinstance(asked.get("app_id"), int) or not isinstance(asked.get("code"), str):
            return 4000, None
        if asked["app_id"] != self.app_id:
            return 4001, None
        if asked["code"] != self.code:
            return 7007, None
        if any(game.game_id for game in self.games.values()):
            return 7002, None
        if now - self._started_at < self.cool_down_s:
            return 7001, None
        self._started_at = now
        number = next(self._numbers)
        game_id = f"game-{self.seed}-{number}" if self.has_game_id else ""
        auth = {"roomid": self.room.room_id, "protover": 2, "uid": 0, "key": f"ticket-{number}",
                "group": "open"}  # fmt: skip
        auth_body = json.dumps(auth, separators=(",", ":"))
        self.games[game_id] = Game(game_id, auth_body, asked["code"], asked["app_id"], now)
        room = self.room
        return 0, {
            "game_info": {"game_id": game_id},
            "websocket_info": {"auth_body": auth_body, "wss_link": [self.link, self.link]},
            "anchor_info": {"room_id": room.room_id, "uid": room.uid, "open_id": room.open_id,
                            "union_id": "u", "uname": room.uname, "uface": ""},
        }  # fmt: skip


async def _request(
    reader: asyncio.StreamReader,
) -> tuple[str, str, dict[str, str], bytes] | None:
    """One HTTP/1.1 request; None where the client has gone."""
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return method, path, headers, body


def _written(answer: Forced) -> bytes:
    headers = {"Content-Type": "application/json", **answer.headers}
    headers["Content-Length"] = str(len(answer.content))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Told\r\n{lines}\r\n".encode() + answer.content


def texts_of(events: Sequence[Any]) -> list[str]:
    """What was said, of a list of our events."""
    return [event.text for event in events if hasattr(event, "text")]
