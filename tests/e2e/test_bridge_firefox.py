"""The same extension in real Firefox: its background page, its permissions, its words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bridge.chromium import BRIDGE, until
from tests.bridge.firefox import Firefox
from tests.bridge.recorder import Platforms, Recorder

TOKEN = "a-token-for-the-bridge"
WEB_EXT = "8.10.0"
"""The last one that runs on the Node of Debian 12."""
pytestmark = pytest.mark.e2e


async def test_firefox_reads_each_comment_once(tmp_path):
    platforms, inbox = Platforms(tmp_path), Recorder(TOKEN)
    firefox = Firefox(tmp_path, inbox.port, TOKEN)
    try:
        async with firefox.talk() as talk:
            always = {"acceptInsecureCerts": True}
            await talk.call("session.new", capabilities={"alwaysMatch": always})
            data = {"type": "path", "path": str(firefox.extension)}
            await talk.call("webExtension.install", extensionData=data)
            context = (await talk.call("browsingContext.getTree"))["contexts"][0]["context"]
            for host, room, page in (
                ("live.bilibili.com", "71", "plain"),
                ("live.douyin.com", "72", "virtual"),
            ):
                url = f"https://{host}:{platforms.port}/{room}?page={page}"
                await talk.call(
                    "browsingContext.navigate", context=context, url=url, wait="complete"
                )
                await talk.run(context, "drive({count: 6, everyMs: 60})")
                await until(lambda room=room: "live" in inbox.states(room))
                await talk.run(context, "drive({from: 6, count: 200, everyMs: 8})")
                shown = json.loads((await talk.run(context, "JSON.stringify(shown)"))["value"])
                await until(lambda room=room, shown=shown: len(inbox.comments(room)) >= len(shown))
                assert inbox.comments(room) == shown
            await talk.call("session.end")
    finally:
        firefox.stop()
        inbox.down()
        platforms.stop()


def test_mozilla_s_own_checker_finds_nothing_wrong():
    """web-ext lint. It only notes that Firefox leaves Chromium's `service_worker` aside."""
    folder = Path(sys.prefix) / "npm" / f"web-ext-{WEB_EXT}"
    program = folder / "node_modules" / ".bin" / "web-ext"
    if not program.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run(
            [*command, f"web-ext@{WEB_EXT}"], check=True, capture_output=True, timeout=300
        )
    ran = subprocess.run(
        [program, "lint", "--source-dir", BRIDGE, "--output", "json", "--no-config-discovery"],
        capture_output=True,
        env={**os.environ, "NO_UPDATE_NOTIFIER": "1"},
        timeout=120,
    )
    found = json.loads(ran.stdout)
    assert found["errors"] == []
    [warning] = found["warnings"]
    assert "/background/service_worker" in warning["message"], "its code differs between versions"
