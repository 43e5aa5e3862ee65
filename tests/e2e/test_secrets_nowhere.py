"""Every kind of secret in one live session: used, refused, wrong, in a bug. Then nowhere.

Each value is a canary. Afterwards every byte that was left behind is searched for it, in the
spellings that a file, an address or a header would give it, and inside what is packed.
"""

import asyncio
import base64
import contextlib
import gc
import json
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import zlib

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from hostdesk.seats.protocol import SaveSettings, SettingsNow, encode
from hostdesk.settings import Room, Settings
from tests.e2e.engine_process import ROOT, EngineProcess
from tests.e2e.test_keyring import Session
from tests.fakes.bilibili import FakeBilibili, Forced
from tests.fakes.fake_obs import FakeObs
from tests.fakes.twitch_irc import FakeTwitch
from tests.fakes.youtube import KEY, VIDEO, FakeYouTube

pytestmark = pytest.mark.e2e

CODE, KEY_ID, KEY_SECRET = "canary-code-1a", "canary-key-id-1b", "canary-key-secret-1c"
WRONG_SECRET, WRONG_KEY, ODD_KEY = "canary-wrong-2a", "canary-wrong-2b", "canary-odd\u5bc6-2c"
BUG_KEY, BUG_CODE = "canary-bug-3a", "canary-bug-3b"
OBS, WRONG_OBS = "canary-obs-4a", "canary-obs-4b"
INBOX, WRONG_INBOX = "canary-inbox-token-5a", "canary-inbox-token-5b"
TOKEN, REFRESH = "canary-twitch-6a", "canary-twitch-6b"
IN_ADDRESS, TICKET = "canary-address-7a", "ticket-"
SECRETS = {
    "b-good.code": CODE, "b-good.key_id": KEY_ID, "b-good.key_secret": KEY_SECRET,
    "b-wrong.code": CODE, "b-wrong.key_id": KEY_ID, "b-wrong.key_secret": WRONG_SECRET,
    "b-401.code": CODE, "b-401.key_id": KEY_ID, "b-401.key_secret": KEY_SECRET,
    "b-bug.code": BUG_CODE, "b-bug.key_id": KEY_ID, "b-bug.key_secret": KEY_SECRET,
    "y-good.api_key": KEY, "y-wrong.api_key": WRONG_KEY, "y-odd.api_key": ODD_KEY,
    "y-bug.api_key": BUG_KEY, "t-good.token": TOKEN, "t-good.refresh": REFRESH,
    "inbox.token": INBOX,
}  # fmt: skip
CANARIES = {*SECRETS.values(), OBS, WRONG_OBS, WRONG_INBOX, IN_ADDRESS, TICKET}

PROGRAM = """
import asyncio, logging, sys
from pathlib import Path
from hostdesk import engine_main, logs
from hostdesk.sources.bilibili import BilibiliRoom
from hostdesk.sources.youtube import YouTubeRoom

begin, poll, dial = logs.start, YouTubeRoom._poll, BilibiliRoom._dial

def start(*arguments, **more):
    begin(*arguments, **more)
    logging.getLogger().setLevel(logging.DEBUG)

async def bad_poll(self, client):
    if self.source_id == "y-bug":
        raise RuntimeError("it was " + self._api_key())
    return await poll(self, client)

async def bad_dial(self):
    if self.source_id == "b-bug":
        int(self._code)
    return await dial(self)

async def fail(why):
    raise RuntimeError(why)

async def crash(self):
    code = await self._store.get("b-good.code")
    lost = asyncio.ensure_future(fail("nobody waits for " + code))
    while not (Path(self._data) / "crash-now").exists():
        await asyncio.sleep(0.05)
    del lost
    raise RuntimeError("ends with " + code)

logs.start, YouTubeRoom._poll, BilibiliRoom._dial = start, bad_poll, bad_dial
engine_main._Process._watch_wall = crash
sys.exit(engine_main.main())
"""
"""The engine as it is, at its most talkative, with bugs that quote what they had in hand."""


class BuggyEngine(EngineProcess):
    """Runs `PROGRAM`."""

    program = ("-X", "dev", "-c", PROGRAM)


class Watch:
    """Looks at the command lines and environments of all that this test starts, all the time."""

    def __init__(self):
        self.seen, self._end = {}, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _look(self):
        while not self._end.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    line = child.cmdline()
                    key = (child.pid, tuple(line))
                    if key not in self.seen:
                        self.seen[key] = repr(line) + repr(child.environ())


def spellings(secret):
    """How it would stand in a file, an address, a header or a database."""
    raw = secret.encode()
    yield raw
    yield secret.encode("utf-16-le")
    yield urllib.parse.quote(secret, safe="").encode()
    yield json.dumps(secret)[1:-1].encode()
    yield raw.hex().encode()
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + raw)
        yield packed[4 if shift else 0 : -4]


def contents(folder):
    """Every file below, and of databases every cell, unpacked where it is packed."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        yield file, file.read_bytes()
        if file.read_bytes()[:15] == b"SQLite format 3":
            with contextlib.closing(sqlite3.connect(file)) as database:
                names = [name for (name,) in database.execute(
                    "select name from sqlite_master where type = 'table'")]  # fmt: skip
                for name in names:
                    for row in database.execute(f'select * from "{name}"'):
                        yield file, b"".join(map(unpacked, row))


def unpacked(cell):
    if not isinstance(cell, bytes):
        return str(cell).encode()
    with contextlib.suppress(zlib.error):
        return zlib.decompress(cell)
    return cell


def assert_nowhere(told, *, but=()):
    for where, content in told:
        for secret in CANARIES:
            if (getattr(where, "name", where), secret) in but:
                continue
            for spelling in spellings(secret):
                assert spelling not in content, (where, secret, spelling)


def hostdesk(environment, *arguments, stdin=""):
    return subprocess.run(
        [sys.executable, "-m", "hostdesk", *map(str, arguments)],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=90, check=False,
        env=environment,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def platforms():
    """All fakes, with the canaries as their true keys."""
    keys = {"key_id": KEY_ID, "key_secret": KEY_SECRET, "code": CODE}
    async with (
        FakeBilibili(**keys) as bilibili,
        FakeBilibili(**keys) as strict,
        FakeTwitch() as twitch,
        FakeObs(password=OBS) as obs,
    ):
        strict.force("start", *[Forced(status=401)] * 50)
        with FakeYouTube(daily=10_000_000) as youtube:
            yield bilibili, strict, twitch, obs, youtube


def settings_for(fakes, inbox_port):
    bilibili, strict, twitch, obs, youtube = fakes
    bili = {"platform": "bilibili", "app_id": str(bilibili.app_id), "url": bilibili.base}
    tube = {"platform": "youtube", "channel": VIDEO, "url": youtube.base, "budget": 10_000_000}
    grab = f"ws://127.0.0.1:{free_port()}/?t={IN_ADDRESS}"
    other = bilibili.base.replace("http", "ws") + f"/?t={IN_ADDRESS}"
    return Settings(
        obs_port=obs.port,
        inbox=True,
        inbox_port=inbox_port,
        rooms=(
            Room(room_id="b-good", **bili),
            Room(room_id="b-wrong", **bili),
            Room(room_id="b-401", **{**bili, "url": strict.base}),
            Room(room_id="b-bug", **bili),
            Room(room_id="y-good", **tube),
            Room(room_id="y-wrong", **tube),
            Room(room_id="y-odd", **tube),
            Room(room_id="y-bug", **tube),
            Room(room_id="t-good", platform="twitch", channel="host", url=twitch.url),
            Room(room_id="g-away", platform="barrage_grab", url=grab),
            Room(room_id="g-other", platform="barrage_grab", url=other),
        ),
    )


STATES = {
    "b-good": "", "b-wrong": "bilibili_key", "b-401": "source_logged_out", "b-bug": "bug",
    "y-good": "", "y-wrong": "youtube_key", "y-odd": "youtube_key", "y-bug": "bug",
    "t-good": "", "g-away": "source_unreachable", "g-other": "source_protocol", "inbox": "",
}  # fmt: skip


async def knock(port):
    """At the inbox, with the right token and a wrong one, in all the ways of showing it."""
    url, said = f"http://127.0.0.1:{port}/v1/comments", {"kind": "comment", "text": "推送"}
    async with httpx.AsyncClient(trust_env=False) as client:
        for token, status in ((INBOX, 200), (WRONG_INBOX, 401)):
            answers = [
                await client.post(url, json=said, headers={"Authorization": f"Bearer {token}"}),
                await client.post(f"{url}?token={token}", json=said),
                await client.post(f"{url}/{token}", content=b"{", headers={"X-Token": token}),
            ]
            assert [answer.status_code for answer in answers[:2]] == [status, status]
            assert not [answer for answer in answers if token in answer.text]
    for token in (INBOX, WRONG_INBOX):
        for query in (f"?token={token}", ""):
            with contextlib.suppress(WebSocketException):
                async with connect(f"ws://127.0.0.1:{port}/{query}", proxy=None) as line:
                    await line.send(json.dumps({"token": token}))
                    await line.send("rubbish")
                    assert token not in str(await line.recv())


def save(engine, settings, password, secrets):
    with engine.seat() as seat:
        wish = SaveSettings(settings=settings, obs_password=password, secrets=secrets)
        seat.socket.send(encode(wish))
        assert seat.next(SettingsNow).error_code == ""


def settle(engine, obs, settings):
    """Until every room is as it must be, OBS let us in, refused us, and let us in again."""
    found = {}

    def told():
        found.update({row.source_id: row.error_code for row in seat.panels["status"].sources})
        return {name: found.get(name) for name in STATES} == STATES

    with engine.seat() as seat:
        seat.until(lambda: "status" in seat.panels, what="news")
        seat.until(told, what="every room")
        seat.until(lambda: seat.panels["status"].obs_linked, what="OBS")
    save(engine, settings, WRONG_OBS, {})
    with engine.seat() as seat:
        seat.until(
            lambda: "status" in seat.panels
            and seat.panels["status"].obs_error == "obs_password",
            what="OBS to refuse us",
        )  # fmt: skip
    save(engine, settings, OBS, {})


async def session_of_all(engine, folder, environment):
    """The whole evening; what was printed by everybody in it."""
    async with platforms() as fakes:
        bilibili, strict, _, obs, youtube = fakes
        port = free_port()
        settings = settings_for(fakes, port)
        await asyncio.to_thread(engine.start)
        await asyncio.to_thread(save, engine, settings, OBS, SECRETS)
        await asyncio.to_thread(settle, engine, obs, settings)
        await bilibili.say("多少钱")
        await knock(port)
        printed = []
        for call in (("connect",), ("connect", "--check", "--json"), ("connect", "list", "--json"),
                     ("connect", "set", "b-wrong", "key_secret")):  # fmt: skip
            done = await asyncio.to_thread(hostdesk, environment, *call, stdin=f"{WRONG_SECRET}\n")
            printed.append((" ".join(call), (done.stdout + done.stderr).encode()))
            assert "Traceback" not in done.stderr
        assert bilibili.called("start")[0].headers["x-bili-accesskeyid"] == KEY_ID, "it was used"
        assert strict.called("start")
        assert youtube.used[KEY]
        assert not youtube.keys_in_url
        (engine.data / "crash-now").touch()
        assert await asyncio.to_thread(engine.process.wait, 60) == 1
        printed.append(("engine", engine.process.stderr.read().encode()))
        assert b"RuntimeError" in printed[-1][1], "the place of the bug is told"
        for call in (("export", "last", "--out", folder / "whole.jsonl"),
                     ("export", "last", "--masked", "--out", folder / "masked.jsonl"),
                     ("review", "last", "--json", "--html", folder / "review.html")):  # fmt: skip
            done = await asyncio.to_thread(hostdesk, environment, *call)
            assert done.returncode == 0, done.stderr
            printed.append((call[0], (done.stdout + done.stderr).encode()))
        return printed


@pytest.mark.parametrize("keyring", [False, True], ids=["no-keyring", "gnome-keyring"])
async def test_after_an_evening_with_every_secret_none_is_to_be_found(
    keyring, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    extra = {"PYTHONASYNCIODEBUG": "1", "HOSTDESK_DATA": str(home)}
    with contextlib.ExitStack() as stack:
        if keyring:
            bus = Session(tmp_path / "bus")
            stack.callback(bus.end_all)
            bus.start_bus()
            bus.start_keyring(unlocked=True)
            monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
            extra |= {name: value for name, value in bus.environment.items() if name != "PATH"}
        for name, value in extra.items():
            monkeypatch.setenv(name, value)
        engine = BuggyEngine(home, "--stay", home=home)
        stack.callback(lambda: engine.process and engine.stop())
        watch = stack.enter_context(Watch())
        printed = await session_of_all(engine, tmp_path, dict(engine._environment))
    log = engine.log()
    assert log.count("ended by a bug of ours") >= 3, "the bugs are in the log"
    assert "DEBUG asyncio" in log
    settings = {("settings.toml", IN_ADDRESS)}  # where a person wrote it
    listing = {("connect list --json", IN_ADDRESS), ("connect", IN_ADDRESS)}
    assert_nowhere(printed, but=listing)
    assert_nowhere(contents(tmp_path), but=settings)
    assert any("hostdesk.secrets_main" in line for line in watch.seen.values())
    assert_nowhere(((key, seen.encode()) for key, seen in watch.seen.items()))
    if keyring:
        assert list(tmp_path.rglob("login.keyring"))
    gc.collect()


def test_the_search_itself_finds_what_is_hidden(tmp_path):
    database = tmp_path / "show.hostdesk"
    with contextlib.closing(sqlite3.connect(database)) as made, made:
        made.execute("create table checkpoints (state blob)")
        made.execute("insert into checkpoints values (?)", [zlib.compress(KEY.encode() * 50)])
    with pytest.raises(AssertionError):
        assert_nowhere(contents(tmp_path))
    for content in (base64.b64encode(b"a:" + CODE.encode()), urllib.parse.quote(ODD_KEY).encode()):
        with pytest.raises(AssertionError):
            assert_nowhere([("file", content)])


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
