"""``hostdesk connect`` as people and scripts use it: beside a running engine, and without one.

One engine reads rooms that are well and rooms in which everything is wrong. Each says its own
sentence, in both languages, and the others go on.
"""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import httpx
import pytest

from hostdesk import settings_file
from hostdesk.settings import Room, Settings
from hostdesk.text import words
from tests.e2e.engine_process import ROOT, EngineProcess, until
from tests.fakes.bilibili import FakeBilibili, Forced
from tests.fakes.twitch_irc import FakeTwitch
from tests.fakes.untrusted_tls import untrusted_server
from tests.fakes.youtube import KEY, VIDEO, FakeYouTube

pytestmark = pytest.mark.e2e

CODE, KEY_ID, KEY_SECRET = "ABCDEFGHIJK1", "fake-key", "fake-secret"
BILIBILI = f"{CODE}\n{KEY_ID}\n{KEY_SECRET}\n"
WAIT_S = 300
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
WELL = ("good-b", "good-t", "good-y")
TROUBLES = {
    "logged-out": ("logged_out", "source_logged_out", {"status": 401}),
    "wrong-key": ("logged_out", "youtube_key", {}),
    "too-many": ("reconnecting", "source_too_many", {"seconds": WAIT_S}),
    "no-name": ("reconnecting", "source_dns", {}),
    "no-trust": ("reconnecting", "source_tls", {"reason": "tls_unknown"}),
    "nobody": ("reconnecting", "source_unreachable", {}),
    "lies": ("reconnecting", "source_protocol", {}),
    "lacks": ("refused", "source_incomplete", {"missing": "api_key"}),
}


def run(data, *arguments, stdin="", lang="zh", prefix=(), **environment):
    """One command; its answer."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "hostdesk", "--lang", lang, "connect",
         *map(str, arguments)],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=90, check=False,
        env={**os.environ, **NO_KEYRING, "HOSTDESK_DATA": str(data), **environment},
    )  # fmt: skip


def rows(done):
    """What ``--json`` printed, by the room's id."""
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {row.get("source_id") or row["room_id"]: row for row in told}


class House:
    """The rooms of all platforms, and an engine that reads them."""

    def __init__(self, data):
        self.data = data
        self.engine = EngineProcess(data, "--stay", environment=NO_KEYRING, home=data)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = contextlib.AsyncExitStack()
        self._youtube = contextlib.ExitStack()

    def do(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def enter(self, fake):
        return self.do(self._stack.enter_async_context(fake))

    def begin(self):
        self._thread.start()
        self.bilibili, self.strict, self.busy = (self.enter(FakeBilibili()) for _ in range(3))
        self.strict.force("start", *[Forced(status=401)] * 100)
        self.busy.force("start", *[Forced(429, headers={"Retry-After": str(WAIT_S)})] * 100)
        self.twitch, self.stalling = (self.enter(FakeTwitch()) for _ in range(2))
        self.tls = self.enter(untrusted_server(self.data))
        self.http = self.enter(_plain_http())
        self.youtube = self._youtube.enter_context(FakeYouTube(daily=10_000_000))
        self.engine.start()

    def end(self):
        if self.engine.process is not None:
            self.engine.stop()
        self._youtube.close()
        self.do(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def connect(self, *arguments, **more):
        return run(self.data, *arguments, **more)

    def add(self, room_id, platform, *words, stdin="", **fields):
        pairs = [f"{name}={value}" for name, value in fields.items()]
        done = self.connect("add", platform, *words, *pairs, "--id", room_id, stdin=stdin)
        assert done.returncode == 0, done.stderr
        assert room_id in done.stderr
        assert not done.stdout
        return done

    def states(self):
        return rows(self.connect("--check", "--json"))


@contextlib.asynccontextmanager
async def _plain_http():
    """A program that is no chat at all."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError):
            await reader.read(100)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def kept_house(tmp_path_factory):
    """All rooms were added by the command line while the engine ran, secrets on its input."""
    data = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(data))
        made = House(data)
        try:
            made.begin()
            _add_rooms(made)
            yield made
        finally:
            made.end()


@pytest.fixture
def house(kept_house, own_folders, monkeypatch):
    """The one house of all these tests, in the runtime folder in which its engine was started."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(kept_house.data))
    return kept_house


def _add_rooms(made):
    tube = {"url": made.youtube.base, "budget": 10_000_000}
    kept = made.add("good-b", "bilibili", made.bilibili.app_id,
                    url=made.bilibili.base, name="B站", stdin=BILIBILI)  # fmt: skip
    assert words("zh").error("keyring_absent", {})[0] in kept.stderr, "holds for this run, is said"
    made.add("stall", "twitch", "host", url=made.stalling.url)
    made.add("good-t", "twitch", "host", url=made.twitch.url)
    made.add("good-y", "youtube", f"https://youtu.be/{VIDEO}", **tube, stdin=KEY)
    made.add("wrong-key", "youtube", VIDEO, **tube, stdin="AIzaWrong\n")
    made.add("logged-out", "bilibili", made.strict.app_id, url=made.strict.base, stdin=BILIBILI)
    made.add("too-many", "bilibili", made.busy.app_id, url=made.busy.base, stdin=BILIBILI)
    made.add("no-name", "twitch", "host", url="wss://nowhere.invalid")
    made.add("no-trust", "twitch", "host", url=f"wss://127.0.0.1:{made.tls}")
    made.add("nobody", "twitch", "host", url="ws://127.0.0.1:1")
    made.add("lies", "twitch", "host", url=f"ws://127.0.0.1:{made.http}")
    lacks = made.add("lacks", "youtube", VIDEO, **tube)
    assert "hostdesk connect set lacks api_key" in lacks.stderr
    made.do(made.stalling.until(lambda: made.stalling.joins))
    made.stalling.stall()


def test_each_room_says_how_it_is_and_what_is_wrong_with_it(house):
    wanted = {room_id: (state, code) for room_id, (state, code, _) in TROUBLES.items()}
    wanted |= dict.fromkeys(WELL, ("live", ""))
    found = {}

    def told():
        found.update(house.states())
        return {i: (found[i]["state"], found[i]["error_code"]) for i in wanted} == wanted

    until(told, what="every room to say what is wrong with it")
    for room_id, (_, _, params) in TROUBLES.items():
        assert params.items() <= found[room_id]["params"].items(), room_id
    assert found["good-b"]["room"] == "B站"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_says_its_sentence_in_both_languages(house, lang):
    say = words(lang)
    done = house.connect("--check", lang=lang)
    assert done.returncode == 1, "something is wrong"
    lines = {line.split("\t")[0]: line.split("\t") for line in done.stdout.splitlines()}
    for room_id, (state, code, params) in TROUBLES.items():
        message, hint = say.error(code, {"room": VIDEO, **params})
        assert lines[room_id][2:] == [say(f"status.source.{state}"), f"{message} {hint}"]
        assert "{" not in message + hint
    for room_id in WELL[:2]:
        assert lines[room_id][2:] == [say("status.source.live"), ""]
    assert len(lines) == len(WELL) + len(TROUBLES) + 1


def test_the_list_tells_every_room_and_no_secret(house):
    done = house.connect("list", "--json")
    assert done.returncode == 0
    listed = rows(done)
    assert set(listed) == {*WELL, *TROUBLES, "stall"}
    assert listed["good-t"]["state"] == "live"
    plain = house.connect("list", lang="en").stdout
    assert f"good-b\tbilibili\tB站\t{words('en')('status.source.live')}" in plain.splitlines()
    for secret in (CODE, KEY_ID, KEY_SECRET, KEY, "AIzaWrong"):
        assert secret not in done.stdout + plain


def test_while_some_are_wrong_the_others_are_heard(house):
    with house.engine.seat() as seat:
        house.do(house.bilibili.say("B站还在"))
        house.do(house.twitch.say("T站还在"))
        said = {"B站还在", "T站还在"}
        seat.until(lambda: said <= {row.text for row in seat.rows.values()}, what="both")


def test_what_was_mended_is_read_after_a_retry_or_a_new_key(house):
    house.strict.forced.clear()
    assert house.connect("retry", "logged-out").returncode == 0
    mended = house.connect("set", "wrong-key", "api_key", stdin=f"{KEY}\n")
    assert mended.returncode == 0, mended.stderr
    for room_id in ("logged-out", "wrong-key"):
        until(lambda room=room_id: house.states()[room]["state"] == "live", what=room_id)
    assert len(house.busy.called("start")) == 1, "it is waited for as long as it wants"


def test_another_room_than_asked_waits_until_a_person_says_that_it_is_the_one(house):
    other = house.enter(FakeBilibili())
    house.add("other", "bilibili", other.app_id, url=other.base, expected="1", stdin=BILIBILI)
    until(lambda: house.states()["other"]["error_code"] == "source_other_room", what="the question")
    told = house.connect("--check").stdout
    assert "要连 1，现在是 好物小店 (900001)" in told
    assert "如果就是它：hostdesk connect set other expected=900001" in told
    assert house.connect("set", "other", "expected=900001").returncode == 0
    until(lambda: house.states()["other"]["state"] == "live", what="the room")
    assert house.connect("remove", "other").returncode == 0


def test_a_room_is_changed_switched_off_and_removed_while_the_engine_runs(house):
    house.do(house.twitch.until(lambda: house.twitch.readers))
    assert house.connect("set", "good-t", "is_on=false").returncode == 0
    house.do(house.twitch.until(lambda: not house.twitch.readers))
    assert "good-t" not in house.states()
    assert rows(house.connect("list", "--json"))["good-t"]["state"] == "off"
    assert house.connect("set", "good-t", "is_on=true", "name=主号").returncode == 0
    house.do(house.twitch.until(lambda: house.twitch.readers))
    removed = house.connect("remove", "lies")
    assert removed.returncode == 0
    assert "lies" not in house.states()
    assert house.connect("remove", "lies").returncode == 2


def test_the_inbox_is_opened_by_a_command_and_closed_by_one(house):
    port = _free_port()
    opened = house.connect("inbox", "on", "--port", port)
    assert opened.returncode == 0, opened.stderr
    token = opened.stdout.strip()
    assert str(port) in opened.stderr
    assert token not in opened.stderr
    until(lambda: house.states()["inbox"]["state"] == "quiet", what="the inbox")
    push = {"kind": "comment", "text": "推送的", "comment_id": "p1"}
    with httpx.Client(trust_env=False) as client, house.engine.seat() as seat:
        url = f"http://127.0.0.1:{port}/v1/comments"
        assert client.post(url, json=push).status_code == 401
        answer = client.post(url, json=push, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        seat.until(lambda: "推送的" in {row.text for row in seat.rows.values()}, what="it")
        page = {"kind": "status", "state": "covered", "reason": "list_hidden", "source": "page"}
        answer = client.post(url, json=page, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["taken"] == 1
    until(lambda: "inbox:page" in house.states(), what="the page")
    for lang in ("zh", "en"):
        told = house.connect("--check", lang=lang).stdout
        assert words(lang)("status.page.list_hidden") in told
    _only_a_page_that_is_named_may_push(house, url, token)
    assert house.connect("inbox", "on").stdout.strip() == token, "the token stays"
    assert house.connect("inbox", "off").returncode == 0
    until(lambda: "inbox" not in house.states(), what="its end")


def _only_a_page_that_is_named_may_push(house, url, token):
    page = "https://live.kuaishou.com"

    def status():
        shown = {"Authorization": f"Bearer {token}", "Origin": page}
        said = {"text": "网页里的"}
        return httpx.post(url, json=said, headers=shown, trust_env=False).status_code

    assert status() == 403
    named = house.connect("inbox", "on", "--origin", f"{page}/u/3x")
    assert words("zh")("connect.origins", pages=page) in named.stderr
    assert status() == 200
    house.connect("inbox", "on")
    assert status() == 200, "it stays until others are named"
    assert house.connect("inbox", "on", "--origin").returncode == 0
    assert status() == 403


def test_an_order_list_is_used_at_once_and_forgotten_by_a_command(house, tmp_path):
    orders = tmp_path / "订单.csv"
    orders.write_text(
        "主订单编号,买家昵称,订单提交时间,支付完成时间\n"
        "6928000000881234,小鹿,2026-06-18 19:59:00,2026-06-18 20:00:00\n"
        "坏行\n",
        encoding="gbk",
    )
    done = house.connect("orders", orders)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        words("zh")("orders.read", orders=1, shop="doudian"),
        words("zh")("orders.skipped", skipped=1, lines="3"),
    ]
    assert "订单" in settings_file.load(house.data)[0].orders
    assert house.connect("orders", tmp_path / "none.csv").returncode == 2
    assert house.connect("orders", "off").returncode == 0
    assert settings_file.load(house.data)[0].orders == ""


def test_a_room_that_stalls_is_told_and_read_again_when_it_speaks(house):
    def stalled():
        row = house.states()["stall"]
        is_told = row["state"] == "stalled" or row["error_code"] == "source_stalled"
        return row if is_told else None

    until(stalled, limit_s=40, what="the stall")
    house.stalling.resume()
    until(lambda: house.states()["stall"]["state"] == "live", what="the room again")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("add", "nope", "x"), "source_platform"),
        (("add", "twitch", "host", "--id", "good-t"), "source_exists"),
        (("set", "nobody-knows-it", "name=x"), "source_unknown"),
        (("set", "good-b", "key_secret=on-the-command-line"), "source_secret"),
        (("inbox", "on", "--port", "70000"), "source_value"),
        (("inbox", "on", "--origin", "kuaishou"), "source_value"),
        (("orders",), "source_unnamed"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_call_ends_with_2_in_one_sentence_and_changes_nothing(house, call, code, lang):
    before = settings_file.load(house.data)
    done = house.connect(*call, lang=lang)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    hint = words(lang).raw(f"error.{code}.hint").partition("{")[0]
    assert hint in done.stderr
    assert "on-the-command-line" not in done.stderr
    assert settings_file.load(house.data) == before


# ------------------------------------------------------------------------- without an engine


@pytest.fixture
def alone(house, tmp_path):
    """The same platforms, a data folder of its own, and no engine."""
    rooms = (
        Room(room_id="b", platform="bilibili", app_id=str(house.bilibili.app_id),
             url=house.bilibili.base),
        Room(room_id="t", platform="twitch", channel="host", url=house.twitch.url),
    )  # fmt: skip
    settings_file.save(tmp_path, Settings(rooms=rooms, inbox=True, inbox_port=_free_port()))
    secrets = {
        "HOSTDESK_B_CODE": CODE,
        "HOSTDESK_B_KEY_ID": KEY_ID,
        "HOSTDESK_B_KEY_SECRET": KEY_SECRET,
        "HOSTDESK_INBOX_TOKEN": "t" * 30,
    }
    house.bilibili.games.clear()
    return SimpleNamespace(data=tmp_path, secrets=secrets)


def test_without_an_engine_every_room_is_tried_and_let_go_again(alone, house):
    began = time.monotonic()
    done = run(alone.data, "--check", "--json", "--seconds", "30", **alone.secrets)
    assert done.returncode == 0, done.stdout + done.stderr
    states = {room_id: row["state"] for room_id, row in rows(done).items()}
    assert states == {"b": "live", "t": "live", "inbox": "quiet"}
    assert time.monotonic() - began < 20, "not longer than the slowest needs"
    assert house.bilibili.called("end"), "the room is free for the engine"
    wrong = {**alone.secrets, "HOSTDESK_B_KEY_SECRET": "wrong"}
    done = run(alone.data, "--check", "--seconds", "30", lang="en", **wrong)
    assert done.returncode == 1
    assert words("en").error("bilibili_key", {})[0] in done.stdout


def test_without_an_engine_commands_keep_settings_and_say_what_is_not_kept(tmp_path):
    nothing = run(tmp_path, "--check")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert words("zh")("connect.none") in nothing.stderr
    added = run(tmp_path, "add", "youtube", VIDEO, stdin=f"{KEY}\n", lang="en")
    assert added.returncode == 1, "the key is lost with the end of the command"
    assert "hostdesk connect set youtube-1 api_key" in added.stderr
    assert settings_file.load(tmp_path)[0].rooms[0].channel == VIDEO
    retry = run(tmp_path, "retry", "youtube-1")
    assert (retry.returncode, retry.stderr.strip()) == (1, words("zh")("cli.not_running"))
    later = run(tmp_path, "inbox", "on")
    assert (later.returncode, later.stdout) == (0, ""), "a token that lasts a second is no token"
    assert words("zh")("connect.inbox_later") in later.stderr
    assert run(tmp_path, "remove", "youtube-1").returncode == 0
    assert settings_file.load(tmp_path)[0].rooms == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_program_that_changes_the_proxy_is_warned_of_when_it_is_added_or_switched_on(
    tmp_path, lang
):
    warning = words(lang)("inbox.grab_warning")
    added = run(tmp_path, "add", "barrage_grab", lang=lang)
    assert added.returncode == 0
    assert warning in added.stderr.splitlines()
    assert words(lang)("inbox.grab_open") in added.stderr.splitlines()
    off = run(tmp_path, "set", "barrage-grab-1", "is_on=false", lang=lang)
    assert warning not in off.stderr
    on = run(tmp_path, "set", "barrage-grab-1", "is_on=true", lang=lang)
    assert on.stderr.splitlines()[1:] == [warning]
    named = run(tmp_path, "set", "barrage-grab-1", "name=抖音", lang=lang)
    assert warning not in named.stderr


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_any_network_every_platform_says_so(tmp_path, lang):
    """In a network of its own, without so much as a loopback."""
    cut_off = ("unshare", "--map-root-user", "--net")
    if not shutil.which("unshare") or subprocess.run([*cut_off, "true"], check=False).returncode:
        pytest.skip("this system gives us no network of our own")
    rooms = (
        Room(room_id="b", platform="bilibili", app_id="17"),
        Room(room_id="t", platform="twitch", channel="host"),
        Room(room_id="y", platform="youtube", channel=VIDEO),
    )
    settings_file.save(tmp_path, Settings(rooms=rooms))
    secrets = {"HOSTDESK_B_CODE": CODE, "HOSTDESK_B_KEY_ID": KEY_ID,
               "HOSTDESK_B_KEY_SECRET": KEY_SECRET, "HOSTDESK_Y_API_KEY": KEY}  # fmt: skip
    done = run(tmp_path, "--check", "--seconds", "3", lang=lang, prefix=cut_off, **secrets)
    assert done.returncode == 1
    sentence = " ".join(words(lang).error("source_dns", {}))
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert {line[0]: line[3] for line in lines} == dict.fromkeys("bty", sentence)


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
