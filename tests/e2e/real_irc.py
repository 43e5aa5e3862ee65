"""A real IRC server (InspIRCd 3) that speaks WebSocket, in its own folder, on its own ports.

Debian: ``apt-get install inspircd``. It is ended by its process id.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

START_LIMIT_S = 30
ORIGIN = "http://localhost"
"""InspIRCd lets no WebSocket in without one."""

_CONF = """<server name="irc.test" description="hostdesk test" network="TestNet">
<admin name="t" email="t@test" nick="t">
<bind address="127.0.0.1" port="{port}" type="clients" hook="websocket">
<connect name="main" allow="127.0.0.0/8" timeout="20" pingfreq="{ping_s}" hardsendq="16M"
 softsendq="16M" recvq="8M" localmax="100" globalmax="100" useident="no" resolvehostnames="no"
 commandrate="100000000" fakelag="no" threshold="100000">
<options prefixpart="" defaultmodes="no" splitwhois="no">
<performance nouserdns="yes" softlimit="256" somaxconn="64">
<dns server="127.0.0.1" enabled="no">
<module name="sha1"> <module name="websocket"> <websocket defaultmode="text" sendastext="yes">
<wsorigin allow="*">
<module name="cap"> <module name="ircv3"> <module name="ircv3_ctctags">
<module name="ircv3_servertime"> <module name="ircv3_msgid"> <module name="ircv3_echomessage">
<log method="file" level="default" type="* -USERINPUT -USEROUTPUT" target="{folder}/ircd.log">
<pid file="{folder}/inspircd.pid">
"""


class IrcServer:
    """One server; it may be killed and started again on the same port."""

    def __init__(self, folder: Path, *, ping_s: int = 120) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "inspircd.conf"
        self._config.write_text(_CONF.format(port=self.port, folder=folder, ping_s=ping_s))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> None:
        program = shutil.which("inspircd") or "/usr/sbin/inspircd"
        command = [program, f"--config={self._config}", "--nofork", "--nolog"]
        if os.geteuid() == 0:
            command.append("--runasroot")
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + START_LIMIT_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                output = self._process.stdout.read().decode(errors="replace")
                raise AssertionError(f"inspircd did not start: {output}")
            time.sleep(0.05)

    def kill(self) -> None:
        """At once, with no farewell to anybody."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class IrcWriter:
    """A plain client that is not ours: joins ``#host`` and writes."""

    def __init__(self, url: str, nick: str) -> None:
        self._url, self._nick = url, nick
        self.heard: list[str] = []
        self._news = asyncio.Event()

    async def __aenter__(self) -> "IrcWriter":
        self._socket: ClientConnection = await connect(
            self._url, origin=ORIGIN, ping_interval=None, proxy=None, close_timeout=1
        )
        self._listening = asyncio.ensure_future(self._listen())
        await self.send(f"NICK {self._nick}", f"USER {self._nick} 0 * :{self._nick}")
        await self.until(" 001 ")
        await self.send("JOIN #host")
        await self.until(" 366 ")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._listening

    async def send(self, *lines: str) -> None:
        for line in lines:
            await self._socket.send(line)

    async def say(self, text: str) -> None:
        await self.send(f"PRIVMSG #host :{text}")

    async def until(self, part: str, limit_s: float = 20) -> str:
        async with asyncio.timeout(limit_s):
            while not (found := [line for line in self.heard if part in line]):
                self._news.clear()
                await self._news.wait()
        return found[0]

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for line in self._socket:
                assert isinstance(line, str)
                if line.startswith("PING"):
                    await self.send("PONG" + line[4:])
                self.heard.append(line)
                self._news.set()
