"""Rooms that talk, run as a program: Twitch-shaped chat on 127.0.0.1, at a steady pace.

Prints its port. Begins once every room is joined, ends after ``--seconds`` and prints how
many comments each room has sent. A room's comments are numbered from 0 in their ids.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from hostdesk.bench.loads import Crowd

FRAME_S = 0.02


class Rooms:
    """All rooms of one run."""

    def __init__(self, names: Sequence[str], per_s: int, seconds: float) -> None:
        self._names, self._per_s, self._seconds = names, per_s, seconds
        self._joined: dict[str, ServerConnection] = {}
        self._all = asyncio.Event()
        self._lines = _texts()
        self.sent = dict.fromkeys(names, 0)
        self.done = asyncio.Event()

    async def meet(self, socket: ServerConnection) -> None:
        """One client; says what Twitch says to a guest."""
        with contextlib.suppress(ConnectionClosed):
            await self._converse(socket)

    async def _converse(self, socket: ServerConnection) -> None:
        async for frame in socket:
            for line in str(frame).splitlines():
                if line.startswith("PING"):
                    await socket.send(f":tmi.twitch.tv PONG tmi.twitch.tv {line[5:]}\r\n")
                elif line.startswith("CAP REQ"):
                    await socket.send(f":tmi.twitch.tv CAP * ACK {line[8:]}\r\n")
                elif line.startswith("NICK "):
                    await socket.send(f":tmi.twitch.tv 001 {line[5:]} :Welcome, GLHF!\r\n")
                elif line.startswith("JOIN #"):
                    await self._join(socket, line[6:].strip())

    async def talk(self) -> None:
        """Every room at its pace, in frames of `FRAME_S`, once all are joined."""
        await self._all.wait()
        began = time.monotonic()
        while (passed := time.monotonic() - began) < self._seconds:
            due = round(passed * self._per_s)
            for name, socket in self._joined.items():
                frame = "".join(self._line(name, n) for n in range(self.sent[name], due))
                self.sent[name] = due
                if frame:
                    await socket.send(frame)
            await asyncio.sleep(FRAME_S)
        self.done.set()

    async def _join(self, socket: ServerConnection, name: str) -> None:
        room = f"@room-id={self._names.index(name) + 1} :tmi.twitch.tv ROOMSTATE #{name}\r\n"
        await socket.send(f":justinfan.tmi.twitch.tv 366 justinfan #{name} :End\r\n{room}")
        self._joined[name] = socket
        if len(self._joined) == len(self._names):
            self._all.set()

    def _line(self, name: str, number: int) -> str:
        person, text = next(self._lines)
        tags = f"display-name={person};id={name}-{number};user-id={person};tmi-sent-ts=1"
        login = f"u{number % 997}"
        host = f"{login}!{login}@{login}.tmi.twitch.tv"
        return f"@{tags} :{host} PRIVMSG #{name} :{text}\r\n"


def _texts() -> Iterator[tuple[str, str]]:
    for line in Crowd().comments():
        yield str(line["author_id"]), str(line["text"]).replace("\r", " ").replace("\n", " ")


async def _run(names: Sequence[str], per_s: int, seconds: float) -> None:
    rooms = Rooms(names, per_s, seconds)
    async with serve(rooms.meet, "127.0.0.1", 0, compression=None) as server:
        _say(next(iter(server.sockets)).getsockname()[1])
        await rooms.talk()
        _say(rooms.sent)
        await asyncio.to_thread(sys.stdin.readline)  # the engine takes the rest meanwhile


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Talk, and end when a line comes on standard input."""
    parser = argparse.ArgumentParser(prog="hostdesk.bench.chat_rooms")
    parser.add_argument("--rooms", nargs="+", required=True)
    parser.add_argument("--per-s", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    args = parser.parse_args()
    asyncio.run(_run(args.rooms, args.per_s, args.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
