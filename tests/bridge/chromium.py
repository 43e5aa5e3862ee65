"""Real Chromium with the unpacked extension, on a screen of its own, driven over its debugging
protocol. It reaches 127.0.0.1 and nothing else: every name leads to the test's page server."""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from websockets.asyncio.client import connect

BRIDGE = Path(__file__).parents[2] / "resources" / "bridge"
START_S = 60


def browser():
    """The browser's program, or None where it is not installed."""
    return next(
        (found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None
    )


class Screen:
    """Xvfb with a window manager: without one nothing can be minimised."""

    def __init__(self, folder):
        read, write = os.pipe()
        self._ran = []
        self._run(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
            pass_fds=(write,),
        )
        os.close(write)
        with os.fdopen(read) as told:
            self.name = f":{told.readline().strip()}"
        self.env = {**os.environ, "DISPLAY": self.name, "HOME": str(folder)}
        self._run(["openbox"], env=self.env)

    def _run(self, command, **more):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._ran.append(subprocess.Popen(command, **quiet, **more))

    def stop(self):
        for process in reversed(self._ran):
            process.terminate()
            process.wait()


class Chromium:
    """One browser. `talk()` gives a connection for the test's own loop."""

    def __init__(self, folder, screen, pages_port, language="zh-CN"):
        self.extension = folder / "bridge"
        shutil.copytree(BRIDGE, self.extension)
        if language == "zh-CN":  # Debian's Chromium speaks English only; without it, the default
            shutil.rmtree(self.extension / "_locales" / "en")
        profile = folder / "profile"
        self._process = subprocess.Popen(
            [
                browser(), f"--user-data-dir={profile}", "--remote-debugging-port=0",
                f"--load-extension={self.extension}", f"--lang={language}",
                "--disable-features=DisableLoadExtensionCommandLineSwitch,Translate",
                f"--host-resolver-rules=MAP * 127.0.0.1:{pages_port},EXCLUDE 127.0.0.1",
                "--ignore-certificate-errors", "--no-first-run", "--no-default-browser-check",
                "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync",
                "--disable-background-networking", "--disable-component-update",
                "--no-proxy-server", "--window-size=900,700", "about:blank",
            ],
            env={**screen.env, "LANGUAGE": language, "LANG": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self._told = profile / "DevToolsActivePort"

    def address(self):
        limit = time.monotonic() + START_S
        while time.monotonic() < limit:
            with contextlib.suppress(OSError, ValueError):
                port, path = self._told.read_text().split("\n")[:2]
                return f"ws://127.0.0.1:{int(port)}{path}"
            time.sleep(0.05)
        raise TimeoutError("Chromium did not start")

    @contextlib.asynccontextmanager
    async def talk(self):
        async with connect(self.address(), max_size=None, compression=None, proxy=None) as socket:
            talk = Talk(socket)
            try:
                yield talk
            finally:
                await talk.close()

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Talk:
    """Requests and answers of the debugging protocol."""

    def __init__(self, socket):
        self._socket, self._numbers, self._waiting = socket, itertools.count(1), {}
        self._reader = asyncio.ensure_future(self._read())
        self._opened = []

    async def close(self):
        for page in self._opened:
            with contextlib.suppress(RuntimeError):
                await page.close()
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self):
        async for frame in self._socket:
            message = json.loads(frame)
            waiting = self._waiting.pop(message.get("id"), None)
            if waiting and not waiting.done():
                waiting.set_result(message)

    async def call(self, method, session=None, **params):
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        request = {"id": number, "method": method, "params": params}
        await self._socket.send(
            json.dumps({**request, "sessionId": session} if session else request)
        )
        answer = await asyncio.wait_for(self._waiting[number], 60)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    async def open(self, url, **more):
        target = (await self.call("Target.createTarget", url=url, **more))["targetId"]
        page = Page(self, target)
        self._opened.append(page)
        await page.attach()
        await until(
            lambda: page.run(
                "document.readyState === 'complete' && location.href !== 'about:blank'"
            )
        )
        return page

    async def worker_target(self):
        infos = (await self.call("Target.getTargets"))["targetInfos"]
        return next((info["targetId"] for info in infos if info["type"] == "service_worker"
                     and info["url"].endswith("worker/worker.js")), None)  # fmt: skip

    async def in_worker(self, script):
        """Run in the extension's worker. Attached only so long: who watches it keeps it alive."""
        target = await until(self.worker_target)
        worker = Page(self, target)
        await worker.attach()
        try:
            await until(lambda: worker.run("typeof chrome === 'object'"))  # it may just begin
            return await worker.run(script)
        finally:
            await self.call("Target.detachFromTarget", sessionId=worker.session)

    async def end_worker(self):
        """As the browser does when it wants the memory back."""
        target = await self.worker_target()
        await self.call("Target.closeTarget", targetId=target)
        await until(lambda: self._is_gone(target))

    async def _is_gone(self, target):
        return await self.worker_target() != target


class Page:
    """One tab."""

    def __init__(self, talk, target):
        self._talk, self.target, self.session = talk, target, None

    async def attach(self):
        answer = await self._talk.call("Target.attachToTarget", targetId=self.target, flatten=True)
        self.session = answer["sessionId"]

    async def call(self, method, **params):
        return await self._talk.call(method, self.session, **params)

    async def run(self, script):
        more = {"awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = await self.call("Runtime.evaluate", expression=script, **more)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:600])
        return answer["result"].get("value")

    async def shown(self):
        return await self.run("window.shown")

    async def reload(self):
        await self.call("Page.reload")
        await until(
            lambda: self.run("document.readyState === 'complete' && window.shown?.length === 0")
        )

    async def click(self, x, y):
        where = {"x": x, "y": y, "button": "left", "clickCount": 1}
        await self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        await self.call("Input.dispatchMouseEvent", type="mousePressed", **where)
        await self.call("Input.dispatchMouseEvent", type="mouseReleased", **where)

    async def press(self, words):
        """Click the button with these words, also inside a closed shadow tree."""
        root = (await self.call("DOM.getDocument", depth=-1, pierce=True))["root"]
        button = next(
            node for node in _nodes(root) if node["nodeName"] == "BUTTON" and _text(node) == words
        )
        box = await self.call("DOM.getBoxModel", nodeId=button["nodeId"])
        x, y = box["model"]["content"][:2]
        await self.click(x + 4, y + 4)

    async def window(self, state):
        number = (await self._talk.call("Browser.getWindowForTarget", targetId=self.target))[
            "windowId"
        ]
        await self._talk.call(
            "Browser.setWindowBounds", windowId=number, bounds={"windowState": state}
        )

    async def activate(self):
        await self._talk.call("Target.activateTarget", targetId=self.target)

    async def close(self):
        await self._talk.call("Target.closeTarget", targetId=self.target)


def _nodes(node):
    yield node
    for inner in (*node.get("children", ()), *node.get("shadowRoots", ())):
        yield from _nodes(inner)


def _text(node):
    return "".join(inner["nodeValue"] for inner in _nodes(node) if inner["nodeType"] == 3)


async def until(look, limit_s=40, every_s=0.05):
    """Wait until `look()` is true (plain or awaitable) and return what it said."""
    limit = time.monotonic() + limit_s
    while True:
        said = look()
        if hasattr(said, "__await__"):
            try:
                said = await said
            except RuntimeError:
                said = None  # the page is between two documents
        if said:
            return said
        assert time.monotonic() < limit, "waited in vain"
        await asyncio.sleep(every_s)
