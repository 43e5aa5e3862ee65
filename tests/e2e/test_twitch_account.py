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
from hostdesk.events import StartShowAsked
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


@contextlib.contextmanager
def engine_with_login(home, twitch, scopes=None):
    """A running engine whose room reads with a login, and a show that is open."""
    access, refresh = twitch.api.log_in("shop", *([scopes] if scopes else []))
    prepare(home, twitch)
    tokens = {"HOSTDESK_TW_TOKEN": access, "HOSTDESK_TW_REFRESH": refresh}
    engine = EngineProcess(home, "--stay", environment={**NO_KEYRING, **tokens}, home=home)
    engine.start()
    try:
        until(lambda: any(s.subscriptions for s in twitch.api.sessions), what="EventSub")
        until(lambda: row(home)["can_speak"], what="the room to be open for words")
        with engine.seat() as seat:
            assert seat.ask(StartShowAsked).ok
            yield seat
    finally:
        engine.stop()


def heard(twitch, text):
    """Wait until Twitch has it."""
    return until(lambda: text in [m["text"] for m in twitch.api.messages.values()], what=text)


def test_what_is_said_waits_goes_out_and_is_seen_in_the_chat(tmp_path, twitch):
    with engine_with_login(tmp_path, twitch):
        code, out, err = connect(tmp_path, "say", "tw", "正在查", "两分钟内回大家")
        assert (code, err) == (0, "")
        assert out.splitlines()[0].startswith("3 秒后发到")
        assert out.splitlines()[-1] == "已出现在 shop 的公屏：正在查 两分钟内回大家"
        assert heard(twitch, "正在查 两分钟内回大家")


def test_what_twitch_takes_and_shows_to_nobody_is_a_failure(tmp_path, twitch):
    with engine_with_login(tmp_path, twitch):
        twitch.api.drops.append({"code": "msg_duplicate", "message": "duplicate"})
        code, out, err = connect(tmp_path, "say", "tw", "正在查")
        assert code == 1
        assert "30 秒内发过一样的话" in err
        assert "已出现" not in out


def test_a_room_is_moderated_by_its_owner(tmp_path, twitch):
    with engine_with_login(tmp_path, twitch) as seat:
        twitch.do(twitch.api.say("bob", "加我微信领优惠"))
        seat.until(lambda: any(r.text == "加我微信领优惠" for r in seat.rows.values()))
        assert connect(tmp_path, "announce", "tw", "已经恢复")[0] == 0
        assert connect(tmp_path, "shield", "tw", "on")[0] == 0
        assert twitch.api.shield is True
        assert connect(tmp_path, "shield", "tw", "off")[0] == 0
        assert twitch.api.shield is False
        code, _, err = connect(tmp_path, "timeout", "tw", "Bob")
        assert (code, twitch.api.bans) == (0, {"3003": 600}), err
        assert connect(tmp_path, "pin", "tw", "看公告")[0] == 0
        until(lambda: twitch.api.pin is not None, what="the pin, which may follow the echo")
        assert connect(tmp_path, "unpin", "tw")[0] == 0
        assert twitch.api.pin is None
        code, _, err = connect(tmp_path, "delete", "tw", "Nobody")
        assert (code, "没有找到这个人" in err) == (2, True)


def test_a_buyer_who_waits_for_an_answer_is_not_silenced(tmp_path, twitch):
    with engine_with_login(tmp_path, twitch) as seat:
        twitch.do(twitch.api.say("ann", "上周买的毛衣洗一次就起球了"))
        seat.until(lambda: seat.panels.get("status") and seat.panels["status"].to_answer)
        for act in ("delete", "timeout"):
            code, _, err = connect(tmp_path, act, "tw", "Ann")
            assert (code, "先回他" in err) == (2, True), err
        assert not twitch.api.bans


def test_a_login_that_may_only_read_says_so_when_something_is_to_be_said(tmp_path, twitch):
    with engine_with_login(tmp_path, twitch, scopes=("user:read:chat",)):
        code, _, err = connect(tmp_path, "say", "tw", "正在查")
        assert (code, "没有同意这项权限" in err) == (1, True), err


def test_what_cannot_be_done_in_a_chat_is_one_sentence(tmp_path, twitch):
    wrong = {
        ("say", "tw"): "没有要发的话",
        ("say", "nowhere", "x"): "nowhere",
        ("shield", "tw", "maybe"): "maybe",
        ("delete", "tw"): "delete",
    }
    with engine_with_login(tmp_path, twitch):
        for words, said in wrong.items():
            code, _, err = connect(tmp_path, *words)
            assert code != 0, words
            assert said in err, words
            assert "Traceback" not in err, words
