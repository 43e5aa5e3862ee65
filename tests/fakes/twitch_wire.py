"""HTTP/1.1 and WebSocket on one port of 127.0.0.1, small and strict. No rule of Twitch's here."""

import asyncio
import contextlib
import email.utils
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol

MAX_HEAD = 64 * 1024
WORDS = {200: "OK", 202: "Accepted", 204: "No Content", 400: "Bad Request", 401: "Unauthorized",
         403: "Forbidden", 404: "Not Found", 409: "Conflict", 422: "Unprocessable Entity",
         429: "Too Many Requests", 500: "Internal Server Error"}  # fmt: skip


@dataclass
class Request:
    """What a client asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body."""
        if "application/x-www-form-urlencoded" not in self.headers.get("content-type", ""):
            return {}
        return dict(urllib.parse.parse_qsl(self.body.decode()))

    @property
    def json(self) -> Any:
        """The JSON body; an empty object where there is none."""
        if "application/json" not in self.headers.get("content-type", ""):
            return {}
        return json.loads(self.body or b"{}")


@dataclass
class Response:
    """What is answered."""

    status: int = 200
    told: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Socket:
    """The server's side of one WebSocket."""

    def __init__(self, protocol: ServerProtocol, writer: asyncio.StreamWriter, query: dict):
        self.protocol, self.writer, self.query = protocol, writer, query

    async def send(self, text: str) -> None:
        with contextlib.suppress(Exception):  # gone: as with a real server, nobody is told
            self.protocol.send_text(text.encode())
            await self.flush()

    async def close(self, code: int, reason: str = "") -> None:
        with contextlib.suppress(Exception):
            self.protocol.send_close(code, reason)
            await self.flush()

    def abort(self) -> None:
        self.writer.transport.abort()

    async def flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.writer.write(data)
            elif self.writer.can_write_eof():
                self.writer.write_eof()
        await self.writer.drain()


class WireServer:
    """``answer`` for each HTTP request; ``opened``, ``heard`` and ``closed`` for each socket."""

    port = 0
    chat_port = 0
    """Where ``/irc`` leads: a `tests.fakes.twitch_irc.FakeTwitch` beside this one."""

    async def answer(self, request: Request) -> Response:
        raise NotImplementedError

    async def opened(self, socket: Socket) -> None:
        raise NotImplementedError

    async def heard(self, socket: Socket, data: bytes) -> None:
        raise NotImplementedError

    async def closed(self, socket: Socket) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        self._talks: set[asyncio.Task] = set()
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, limit=MAX_HEAD
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        for task in list(self._talks):
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._talks.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request = _request(head)
                if request.path == "/irc" and self.chat_port:
                    await self._lead_on(head, reader, writer)
                    return
                if request.headers.get("upgrade", "").lower() == "websocket":
                    await self._listen(head, request, reader, writer)
                    return
                if size := int(request.headers.get("content-length", "0")):
                    request.body = await reader.readexactly(size)
                writer.write(_encoded(await self.answer(request)))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._talks.discard(task)
            writer.close()

    async def _lead_on(self, head, reader, writer) -> None:
        """Every byte to the chat server and back, as a tunnel does."""
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.chat_port)

        async def copy(source, target):
            while data := await source.read(65_536):
                target.write(data)
                await target.drain()

        inner_writer.write(head)
        ways = [
            asyncio.ensure_future(copy(reader, inner_writer)),
            asyncio.ensure_future(copy(inner_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when="FIRST_COMPLETED")
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            inner_writer.close()

    async def _listen(self, head, request, reader, writer) -> None:
        protocol = ServerProtocol(max_size=1 << 20)
        protocol.receive_data(head)
        [handshake] = protocol.events_received()
        assert isinstance(handshake, Handshake)
        protocol.send_response(protocol.accept(handshake))
        socket = Socket(protocol, writer, request.query)
        await socket.flush()
        await self.opened(socket)
        try:
            while data := await reader.read(65_536):
                protocol.receive_data(data)
                for frame in protocol.events_received():
                    assert isinstance(frame, Frame)
                    if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                        await self.heard(socket, bytes(frame.data))
                await socket.flush()
        finally:
            await self.closed(socket)


def _request(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    return Request(method, path, fields, headers)


def _encoded(response: Response) -> bytes:
    body = b"" if response.told is None else json.dumps(response.told).encode()
    headers = {
        "Date": email.utils.formatdate(usegmt=True),
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        **response.headers,
    }
    lines = [f"HTTP/1.1 {response.status} {WORDS.get(response.status, 'Odd')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
