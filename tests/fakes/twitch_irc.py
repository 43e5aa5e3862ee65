"""Twitch's chat server on loopback, one channel: written from Twitch's documents, not from our
reader. npm ``tmi.js`` is held to it, too (``tests/e2e/test_twitch_fake.py``).

It keeps account: `settle` returns when every reader has really read what it was sent, so what is
in `delivered` may not be lost by anybody.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

IRC = Subprotocol("irc")
HOST = "tmi.twitch.tv"
CAPS = {"twitch.tv/tags", "twitch.tv/commands", "twitch.tv/membership"}
Lie = Literal["room", "channel", "garbage", "repeat", "huge"]


@dataclass
class Said:
    """One comment, as the channel knows it."""

    comment_id: str
    text: str
    author_id: str
    author_name: str
    at_ms: int


@dataclass(eq=False)
class Reader:
    """One connection."""

    socket: ServerConnection
    caps: set[str] = field(default_factory=set)
    nick: str = ""
    password: str = ""
    is_welcome: bool = False
    is_joined: bool = False
    sent: list[str] = field(default_factory=list)
    """Ids of comments that were written to the socket and not yet seen to be read."""
    asked: list[str] = field(default_factory=list)
    """Every line that came from it."""


@dataclass
class FakeTwitch:
    """``async with FakeTwitch() as twitch``; then let people talk, and let the server misbehave."""

    channel: str = "host"
    room_id: str = "7"
    now_ms: Callable[[], int] = lambda: 1_700_000_000_000
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    """Login by token. Without one only ``justinfan<digits>`` may read."""
    suspended: bool = False

    def __post_init__(self) -> None:
        self.said: list[Said] = []
        self.delivered: set[str] = set()
        self.readers: list[Reader] = []
        self.joins = 0
        """How often somebody joined, so far."""
        self.is_stalled = False
        self._numbers = itertools.count(1)
        self._people: dict[str, str] = {}
        self._server: Server | None = None
        self._news = asyncio.Event()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    # ------------------------------------------------------------ starting and ending

    async def __aenter__(self) -> "FakeTwitch":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await serve(
            self._talk,
            "127.0.0.1",
            self.port,
            select_subprotocol=lambda _, offered: IRC if IRC in offered else None,
            close_timeout=0.2,
            compression=None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Nobody listens any more, and every connection is closed."""
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def until(self, condition: Callable[[], object], *, limit_s: float = 30) -> None:
        async with asyncio.timeout(limit_s):
            while not condition():
                self._news.clear()
                await self._news.wait()

    # ------------------------------------------------------------ what people do

    async def say(self, text: str, *, who: str = "小鹿", action: bool = False, **tags: str) -> str:
        """Somebody speaks; ``tags`` with "_" for "-". The comment's id."""
        said, line = self._comment(text, who, action=action, **tags)
        await self._tell(line, said.comment_id)
        return said.comment_id

    async def flood(self, count: int, *, per_frame: int = 20) -> list[str]:
        """As many comments as the line takes, several in each frame; their ids."""
        ids: list[str] = []
        while len(ids) < count:
            pairs = [
                self._comment(f"刷屏 {len(ids) + n}", f"路人{n}")
                for n in range(min(per_frame, count - len(ids)))
            ]
            some = [said.comment_id for said, _ in pairs]
            await self._tell("".join(line for _, line in pairs), *some)
            ids += some
        return ids

    async def tell_all(self, kind: str, text: str = "", *, who: str = "小鹿", **tags: str) -> str:
        """USERNOTICE of this msg-id; its id."""
        comment_id = f"notice-{next(self._numbers)}"
        tags = {"msg_id": kind, "id": comment_id, "system_msg": f"{who} did {kind}"} | tags
        words = f" :{text}" if text else ""
        await self._tell(f"{self._head(who, tags)}:{HOST} USERNOTICE #{self.channel}{words}\r\n")
        return comment_id

    async def take_back(
        self, *, comment_id: str = "", who: str = "", seconds: int | None = None
    ) -> None:
        """One comment, one person (for seconds, or for good), or the whole chat."""
        if comment_id:
            [said] = [each for each in self.said if each.comment_id == comment_id]
            tags = {"login": said.author_name, "target-msg-id": comment_id}
            await self._tell(f"{self._tags(tags)}:{HOST} CLEARMSG #{self.channel} :{said.text}\r\n")
            return
        tags = {"target-user-id": self._id_of(who)} if who else {}
        if seconds:
            tags["ban-duration"] = str(seconds)
        name = f" :{self._login_of(who)}" if who else ""
        await self._tell(f"{self._tags(tags)}:{HOST} CLEARCHAT #{self.channel}{name}\r\n")

    # ------------------------------------------------------------ what the server does

    async def settle(self) -> None:
        """Wait until every reader has read what it was sent, and write that down."""
        for reader in list(self.readers):
            sent, reader.sent = reader.sent, []
            with contextlib.suppress(ConnectionClosed):
                await (await reader.socket.ping())
                self.delivered |= set(sent)

    async def ping(self) -> None:
        await self._tell(f"PING :{HOST}\r\n")

    async def reconnect(self) -> None:
        """Twitch moves to another machine: says so, and closes some time later."""
        await self._tell(f":{HOST} RECONNECT\r\n")

    def cut(self) -> None:
        """Every connection breaks in the middle of whatever it was doing."""
        for reader in self.readers:
            reader.socket.transport.abort()

    def stall(self) -> None:
        """Connections stand, and nothing comes from them any more."""
        self.is_stalled = True

    def resume(self) -> None:
        self.is_stalled = False

    async def lie(self, what: Lie) -> None:
        """Send what Twitch would not."""
        match what:
            case "room":
                self.room_id = str(int(self.room_id) + 1)
                await self._tell(self._roomstate())
            case "channel":
                await self._tell(
                    f"{self._tags({'id': 'x', 'user-id': '5'})}:a!a@a PRIVMSG #b :x\r\n"
                )
            case "garbage":
                await self._tell("@;;=\\ :: \x00\x01\r\n:\r\n@a=b\r\nPRIVMSG\r\n!!! ???\r\n")
            case "repeat":
                for said in self.said[-20:]:
                    await self._tell(self._line_of(said, {}))
            case "huge":
                await self._tell(f":{HOST} PRIVMSG #{self.channel} :" + "x" * (1 << 21))

    async def _tell(self, line: str, *comment_ids: str) -> None:
        """To everybody who has joined, as far as they asked for it."""
        if self.is_stalled:
            return
        for reader in [each for each in self.readers if each.is_joined]:
            with contextlib.suppress(ConnectionClosed):
                await reader.socket.send(line)
                reader.sent += comment_ids

    # ------------------------------------------------------------ one conversation

    async def _talk(self, socket: ServerConnection) -> None:
        reader = Reader(socket)
        self.readers.append(reader)
        try:
            async for frame in socket:
                assert isinstance(frame, str)
                for line in frame.split("\r\n"):
                    if line and not self.is_stalled:
                        await self._answer(reader, line)
        except ConnectionClosed:
            pass
        finally:
            self.readers.remove(reader)
            self._news.set()

    async def _answer(self, reader: Reader, line: str) -> None:
        reader.asked.append(line)
        command, _, rest = line.partition(" ")
        rest = rest.removeprefix(":")
        match command.upper():
            case "CAP":
                await self._on_cap(reader, rest)
            case "PASS":
                reader.password = rest
            case "NICK":
                reader.nick = rest.strip().lower()
                await self._on_nick(reader)
            case "JOIN" if reader.is_welcome:
                await self._on_join(reader, rest.strip())
            case "PING":
                await reader.socket.send(f":{HOST} PONG {HOST} :{rest}\r\n")
            case "PONG" | "USER" | "PRIVMSG" | "QUIT" | "PART":
                pass
            case _:
                await reader.socket.send(
                    f":{HOST} 421 {reader.nick or 'you'} {command} :Unknown command\r\n"
                )
        self._news.set()

    async def _on_cap(self, reader: Reader, rest: str) -> None:
        verb, _, wanted = rest.partition(" ")
        if verb.upper() != "REQ":
            return
        names = wanted.removeprefix(":").split()
        is_known = set(names) <= CAPS
        reader.caps |= set(names) if is_known else set()
        verdict = "ACK" if is_known else "NAK"
        await reader.socket.send(f":{HOST} CAP * {verdict} :{' '.join(names)}\r\n")

    async def _on_nick(self, reader: Reader) -> None:
        if refusal := self._refusal(reader):
            await reader.socket.send(f":{HOST} NOTICE * :{refusal}\r\n")
            await reader.socket.close()
            return
        reader.is_welcome = True
        nick = reader.nick
        told = [
            f":{HOST} 001 {nick} :Welcome, GLHF!",
            f":{HOST} 002 {nick} :Your host is {HOST}",
            f":{HOST} 003 {nick} :This server is rather new",
            f":{HOST} 004 {nick} :-",
            f":{HOST} 375 {nick} :-",
            f":{HOST} 372 {nick} :You are in a maze of twisty passages, all alike.",
            f":{HOST} 376 {nick} :>",
        ]
        if not nick.startswith("justinfan") and "twitch.tv/commands" in reader.caps:
            told.append(f"@badge-info=;badges=;user-id=1 :{HOST} GLOBALUSERSTATE")
        await reader.socket.send("".join(f"{line}\r\n" for line in told))

    def _refusal(self, reader: Reader) -> str:
        if reader.nick.removeprefix("justinfan").isdigit():
            return ""
        if not reader.password.startswith("oauth:"):
            return "Improperly formatted auth"
        known = self.tokens.get(reader.password.removeprefix("oauth:"))
        return "" if known == reader.nick else "Login authentication failed"

    async def _on_join(self, reader: Reader, channel: str) -> None:
        if channel != f"#{self.channel}":
            return  # Twitch says nothing at all
        if self.suspended:
            await reader.socket.send(
                f"@msg-id=msg_channel_suspended :{HOST} NOTICE {channel} "
                ":This channel does not exist or has been suspended.\r\n"
            )
            return
        nick = reader.nick
        told = f":{nick}!{nick}@{nick}.{HOST} JOIN {channel}\r\n"
        told += f":{nick}.{HOST} 353 {nick} = {channel} :{nick}\r\n"
        told += f":{nick}.{HOST} 366 {nick} {channel} :End of /NAMES list\r\n"
        if "twitch.tv/commands" in reader.caps:
            told += self._roomstate()
        await reader.socket.send(told)
        reader.is_joined = True
        self.joins += 1

    # ------------------------------------------------------------ how lines are written

    def _roomstate(self) -> str:
        tags = {"emote-only": "0", "followers-only": "-1", "r9k": "0", "slow": "0"}
        return f"{self._tags(tags)}:{HOST} ROOMSTATE #{self.channel}\r\n"

    def _comment(
        self, text: str, who: str, *, action: bool = False, **tags: str
    ) -> tuple[Said, str]:
        comment_id = f"{next(self._numbers):08x}-1111-4111-8111-111111111111"
        said = Said(comment_id, text, self._id_of(who), who, self.now_ms())
        self.said.append(said)
        if action:
            said = Said(comment_id, f"\x01ACTION {text}\x01", said.author_id, who, said.at_ms)
        return said, self._line_of(said, tags)

    def _line_of(self, said: Said, tags: dict[str, str]) -> str:
        login = self._login_of(said.author_name)
        tags = {"id": said.comment_id, "tmi_sent_ts": str(said.at_ms), "first_msg": "0"} | tags
        head = self._head(said.author_name, tags)
        prefix = f":{login}!{login}@{login}.{HOST}"
        return f"{head}{prefix} PRIVMSG #{self.channel} :{said.text}\r\n"

    def _head(self, who: str, tags: dict[str, str]) -> str:
        everybody = {
            "badge-info": "",
            "badges": "",
            "color": "#1E90FF",
            "display-name": who,
            "emotes": "",
            "flags": "",
            "login": self._login_of(who),
            "mod": "0",
            "returning-chatter": "0",
            "subscriber": "0",
            "turbo": "0",
            "user-id": self._id_of(who),
            "user-type": "",
        }
        return self._tags(everybody | {key.replace("_", "-"): tags[key] for key in tags})

    def _tags(self, tags: dict[str, str]) -> str:
        tags = {"room-id": self.room_id} | tags
        return "@" + ";".join(f"{key}={escaped(tags[key])}" for key in sorted(tags)) + " "

    def _id_of(self, who: str) -> str:
        return self._people.setdefault(who, str(9_007_199_254_741_000 + len(self._people)))

    def _login_of(self, who: str) -> str:
        return who.lower() if who.isascii() else f"viewer{self._id_of(who)[-4:]}"


def escaped(value: str) -> str:
    """As IRCv3 wants the values of tags."""
    value = value.replace("\\", "\\\\").replace(";", "\\:").replace(" ", "\\s")
    return value.replace("\r", "\\r").replace("\n", "\\n")
