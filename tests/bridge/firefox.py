"""Real Firefox with the bridge as a temporary add-on, driven over WebDriver BiDi."""

import asyncio
import contextlib
import itertools
import json
import shutil
import socket
import subprocess

from websockets.asyncio.client import connect

from tests.bridge.chromium import BRIDGE, until

HOSTS = "live.bilibili.com,live.douyin.com"


def browser():
    """The browser's program, or None where it is not installed."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """One browser, headless; the platforms' names lead to this machine."""

    def __init__(self, folder, inbox_port, token):
        self.extension = folder / "bridge"
        shutil.copytree(BRIDGE, self.extension)
        # There is no way into an add-on's settings from outside: the copy has them as defaults.
        settings = self.extension / "worker" / "settings.js"
        said = settings.read_text(encoding="utf-8")
        settings.write_text(
            said.replace("port: 8765", f"port: {inbox_port}").replace(
                'token: ""', f'token: "{token}"'
            ),
            encoding="utf-8",
        )
        profile = folder / "profile"
        profile.mkdir()
        prefs = {
            "network.dns.localDomains": HOSTS,
            "network.proxy.type": 0,
            "app.update.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "browser.shell.checkDefaultBrowser": False,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "extensions.update.enabled": False,
            "services.settings.server": "http://127.0.0.1:1",
            "browser.safebrowsing.malware.enabled": False,
        }
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in prefs.items()]
        (profile / "user.js").write_text("\n".join(lines))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._process = subprocess.Popen(
            [browser(), "--headless", "--no-remote", "--profile", str(profile),
             "--remote-debugging-port", str(self.port), "about:blank"],
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def talk(self):
        async with await until(self._connected, limit_s=60, every_s=0.2) as socket_:
            yield Bidi(socket_)

    async def _connected(self):
        try:
            return await connect(f"ws://127.0.0.1:{self.port}/session", max_size=None, proxy=None)
        except OSError:
            return None

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Bidi:
    """Requests and answers; one at a time is enough here."""

    def __init__(self, socket_):
        self._socket, self._numbers = socket_, itertools.count(1)

    async def call(self, method, **params):
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with asyncio.timeout(60):
            while True:
                answer = json.loads(await self._socket.recv())
                if answer.get("id") == number:
                    break
        if answer.get("type") == "error":
            raise RuntimeError(f"{method}: {answer['error']} {answer['message']}")
        return answer["result"]

    async def run(self, context, script):
        answer = await self.call(
            "script.evaluate", expression=script, target={"context": context}, awaitPromise=True
        )
        return answer["result"]
