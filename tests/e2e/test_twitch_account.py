"""Logging in to Twitch as a person does, with a real engine and without one, and what follows.

Login, Helix and EventSub are `tests.fakes.twitch_api` (held to PyPI's twitchAPI and Twurple), the
chat for guests is `tests.fakes.twitch_irc` (held to npm's tmi.js).
"""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import threading

import pytest

from hostdesk import settings_file
from hostdesk.settings import Room, Settings
from tests.e2e.engine_process import ROOT, EngineProcess, until
from tests.fakes.twitch_api import FakeTwitch
from tests.fakes.twitch_irc import FakeTwitch as FakeChat

pytestmark = pytest.mark.e2e

NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


class Twitch:
    """Both stand-ins in a loop of their own."""

    def __enter__(self):
        self._up = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._up.wait(30)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self._down.set)
        self._thread.join()

    async def _run(self):
        self.loop, self._down = asyncio.get_running_loop(), asyncio.Event()
        async with FakeChat(channel="shop") as self.chat, FakeTwitch() as self.api:
            self.api.chat_port = self.chat.port
            self._up.set()
            await self._down.wait()

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


@pytest.fixture
def twitch():
    with Twitch() as both:
        yield both


def prepare(home, twitch, **fields):
    known = {"channel": "shop", "client_id": twitch.api.client_id, "url": twitch.api.url, **fields}
    room = Room(room_id="tw", platform="twitch", **known)
    settings_file.save(home, Settings(rooms=(room,)))


def connect(home, *words, wait=True, **environment):
    process = subprocess.Popen(
        [sys.executable, "-m", "hostdesk", "--lang", "zh", "connect", *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **NO_KEYRING, "HOSTDESK_DATA": str(home), **environment},
    )  # fmt: skip
    if not wait:
        return process
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


def type_the_code(process, twitch, login="shop"):
    """Read the code from the command, and type it at the page."""
    shown = process.stdout.readline() + process.stdout.readline()
    assert "https://www.twitch.tv/activate" in shown
    code = re.search(r"代码：([A-Z]{8})", shown)[1]
    twitch.api.approve(code, login)
    out, err = process.communicate(timeout=90)
    return process.returncode, out, err


def row(home):
    _, out, _ = connect(home, "--check", "--json", "--seconds", "20")
    [found] = [json.loads(line) for line in out.splitlines()]
    return found


@contextlib.contextmanager
def engine_of(home):
    engine = EngineProcess(home / "data", "--stay", environment=NO_KEYRING, home=home)
    engine.data = home
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def test_a_person_logs_in_and_the_running_room_reads_with_the_login(tmp_path, twitch):
    prepare(tmp_path, twitch)
    with engine_of(tmp_path):
        until(lambda: row(tmp_path)["state"] == "live", what="the guest to read")
        assert not twitch.api.sessions
        process = connect(tmp_path, "login", "tw", wait=False)
        code, out, err = type_the_code(process, twitch)
        assert (code, err) == (0, "")
        assert "已登录：shop" in out
        until(lambda: any(s.subscriptions for s in twitch.api.sessions), what="EventSub")
        until(lambda: row(tmp_path)["state"] == "live", what="the member to read")
        assert not row(tmp_path)["error_code"]

        code, out, err = connect(tmp_path, "logout", "tw")
        assert (code, "已退出登录" in out) == (0, True), err
        until(lambda: not twitch.api.sessions, what="the login to be left")
        assert not any(token.is_valid for token in twitch.api.tokens.values())
        until(lambda: row(tmp_path)["state"] == "live", what="the guest to read again")


def test_a_login_that_is_taken_back_costs_no_feed(tmp_path, twitch):
    """The room goes on as a guest, says why, and what lay between is a gap."""
    access, refresh = twitch.api.log_in("shop")
    prepare(tmp_path, twitch)
    tokens = {"HOSTDESK_TW_TOKEN": access, "HOSTDESK_TW_REFRESH": refresh}
    engine = EngineProcess(tmp_path, "--stay", environment={**NO_KEYRING, **tokens}, home=tmp_path)
    engine.start()
    try:
        until(lambda: any(s.subscriptions for s in twitch.api.sessions), what="EventSub")
        twitch.api.refreshes.clear()
        twitch.do(twitch.api.revoke("shop"))
        found = until(
            lambda: (told := row(tmp_path))["error_code"] == "twitch_as_guest" and told,
            what="the guest",
        )
        assert found["state"] in ("live", "quiet")
        code, out, _ = connect(tmp_path, "--check")
        assert (code, "先以游客身份读着" in out) == (0, True)
    finally:
        engine.stop()


def test_a_lapsed_token_is_renewed_without_a_word(tmp_path, twitch):
    access, refresh = twitch.api.log_in("shop")
    twitch.api.lapse(access)
    prepare(tmp_path, twitch)
    tokens = {"HOSTDESK_TW_TOKEN": access, "HOSTDESK_TW_REFRESH": refresh}
    code, out, err = connect(tmp_path, "--check", "--json", **tokens)
    told = json.loads(out)
    assert (code, told["state"], told["error_code"]) == (0, "live", ""), err


def test_a_refusal_at_the_page_is_said(tmp_path, twitch):
    prepare(tmp_path, twitch)
    with engine_of(tmp_path):
        process = connect(tmp_path, "login", "tw", wait=False)
        shown = process.stdout.readline() + process.stdout.readline()
        twitch.api.deny(re.search(r"代码：([A-Z]{8})", shown)[1])
        _, err = process.communicate(timeout=90)
        assert process.returncode == 1
        assert "网页上没有同意登录" in err


def test_without_a_keyring_and_without_an_engine_nobody_types_a_code_for_nothing(tmp_path, twitch):
    prepare(tmp_path, twitch)
    code, out, err = connect(tmp_path, "login", "tw")
    assert (code, out) == (1, "")
    assert "先打开 hostdesk" in err
    assert not twitch.api.devices


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"client_id": ""}, "还没有填 Client ID"), ({"client_id": "wrong"}, "不认这个应用")],
)
def test_what_is_missing_for_a_login_is_said(tmp_path, twitch, fields, said):
    prepare(tmp_path, twitch, **fields)
    with engine_of(tmp_path):
        code, _, err = connect(tmp_path, "login", "tw")
        assert (code, said in err) == (1, True), err


def test_no_token_is_written_anywhere(tmp_path, twitch):
    prepare(tmp_path, twitch)
    with engine_of(tmp_path):
        process = connect(tmp_path, "login", "tw", wait=False)
        code, out, err = type_the_code(process, twitch)
        assert code == 0, err
        until(lambda: any(s.subscriptions for s in twitch.api.sessions), what="EventSub")
    secrets = [*twitch.api.tokens, *twitch.api.refreshes, *twitch.api.devices]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"engine.log", "settings.toml"}
    for path in written:
        body = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in body], path
    assert not [secret for secret in secrets if secret in out + err]
