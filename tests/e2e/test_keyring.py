"""The real gnome-keyring in a D-Bus session of its own: kept, locked, absent, hanging."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jeepney import DBusAddress, message_bus, new_method_call
from jeepney.io.blocking import Proxy, open_dbus_connection
from jeepney.low_level import MessageType

from hostdesk import secret_store
from hostdesk.secret_store import Secrets
from hostdesk.secret_wire import ABSENT, LOCKED, UNANSWERED
from tests.e2e.engine_process import ROOT, until

pytestmark = pytest.mark.e2e

SECRET = "nobody-reads-this-42 密码"
KEY = "bilibili-1.key_secret"
PASSWORD = b"the-keyrings-own"

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={path}</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""
"""No service folders: nothing is started that the test did not start."""

PROMPTER = """
import sys
from jeepney import message_bus, new_method_return
from jeepney.io.blocking import Proxy, open_dbus_connection
bus = open_dbus_connection(sys.argv[1])
Proxy(message_bus, bus).RequestName("org.gnome.keyring.SystemPrompter")
while True:
    message = bus.receive()
    if message.header.message_type.name == "method_call":
        print("asked", flush=True)
        bus.send(new_method_return(message))
"""
"""Takes every prompt, as a window on a screen that nobody looks at."""


class Session:
    """A D-Bus session with a home of its own; all it started is ended with it."""

    def __init__(self, folder):
        self.folder, self.home = folder, folder / "home"
        self.address = f"unix:path={folder}/bus"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "XDG_DATA_HOME": str(self.home / ".local/share"),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }
        self._started = []

    def start_bus(self):
        self.home.mkdir(parents=True)
        (self.folder / "run").mkdir(mode=0o700)
        conf = self.folder / "bus.conf"
        conf.write_text(BUS.format(path=self.folder / "bus"))
        self.start("dbus-daemon", f"--config-file={conf}", "--nofork")
        until((self.folder / "bus").exists, what="the bus")

    def start(self, *command, given=None):
        process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._started.append(process)
        if given is not None:
            process.stdin.write(given)
            process.stdin.close()
        return process

    def start_keyring(self, *, unlocked):
        """The daemon reads its password on stdin, as a login would give it."""
        more = ("--unlock",) if unlocked else ()
        daemon = self.start(
            "gnome-keyring-daemon", "--foreground", "--components=secrets", *more,
            given=PASSWORD if unlocked else b"",
        )  # fmt: skip
        self.wait_for("org.freedesktop.secrets")
        return daemon

    def lock(self):
        """As the desktop does after a while, or an automatic login."""
        service = DBusAddress(
            "/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service"
        )
        login = "/org/freedesktop/secrets/collection/login"
        with contextlib.closing(open_dbus_connection(self.address)) as bus:
            reply = bus.send_and_get_reply(new_method_call(service, "Lock", "ao", ([login],)))
        assert reply.header.message_type is MessageType.method_return
        assert reply.body[0] == [login]

    def start_prompter(self):
        prompter = self.start(sys.executable, "-c", PROMPTER, self.address)
        self.wait_for("org.gnome.keyring.SystemPrompter")
        return prompter

    def wait_for(self, name):
        with contextlib.closing(open_dbus_connection(self.address)) as bus:
            proxy = Proxy(message_bus, bus)
            until(lambda: proxy.NameHasOwner(name)[0], what=name)

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()

    def end_all(self):
        for process in reversed(self._started):
            self.end(process)


@pytest.fixture
def session(tmp_path, monkeypatch):
    made = Session(tmp_path / "s")
    made.start_bus()
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.end_all()


async def test_what_is_set_is_there_in_another_process_until_it_is_forgotten(session):
    session.start_keyring(unlocked=True)
    first = Secrets()
    assert await first.check()
    assert await first.get(KEY) == ""
    assert await first.set(KEY, SECRET)
    assert await first.set("twitch-1.token", "other")
    assert await first.set(KEY, SECRET + "!"), "a new value takes the place of the old"
    names = [KEY, "twitch-1.token", "obs_password"]
    found = await Secrets().get_many(names)
    assert found == dict(zip(names, (SECRET + "!", "other", ""), strict=True))
    assert await first.forget(KEY)
    assert (await Secrets().get(KEY), await Secrets().get("twitch-1.token")) == ("", "other")
    assert Secrets().is_kept_now()


async def test_it_is_still_there_after_the_computer_started_again(session):
    daemon = session.start_keyring(unlocked=True)
    assert await Secrets().set(KEY, SECRET)
    session.end(daemon)
    session.start_keyring(unlocked=True)
    assert await Secrets().get(KEY) == SECRET


@pytest.mark.expects_log
async def test_a_locked_keyring_is_said_and_unlocking_it_is_enough(session):
    daemon = session.start_keyring(unlocked=True)
    assert await Secrets().set(KEY, SECRET)
    session.lock()
    secrets = Secrets()
    assert await secrets.check() is False
    assert await secrets.get(KEY) == ""
    assert (secrets.error_code, secrets.is_kept_now()) == (LOCKED, False)
    assert await secrets.set(KEY, "for this run") is False
    assert await secrets.get(KEY) == "for this run"
    session.end(daemon)
    session.start_keyring(unlocked=True)  # as the next login does
    assert await Secrets().get(KEY) == SECRET
    assert await secrets.set(KEY, "for ever")
    assert await Secrets().get(KEY) == "for ever"


@pytest.mark.expects_log
async def test_a_prompt_that_nobody_answers_ends_and_no_second_comes(session):
    session.start_keyring(unlocked=True)
    assert await Secrets().set(KEY, SECRET)
    session.lock()
    prompter = session.start_prompter()
    secrets = Secrets(timeout_s=4.0)
    began, longest, last = time.monotonic(), 0.0, time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(secrets.get_many([KEY, "obs_password"]))
        while not asked.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert asked.result() == {KEY: "", "obs_password": ""}
    assert secrets.error_code == UNANSWERED
    assert time.monotonic() - began < 20
    assert longest < 1.0, "the loop goes on while a prompt stands"
    assert prompter.stdout.readline() == b"asked\n"
    began = time.monotonic()
    assert await secrets.get("twitch-1.token") == ""
    assert time.monotonic() - began < 0.5
    os.set_blocking(prompter.stdout.fileno(), False)
    assert prompter.stdout.read() is None, "one prompt, not one for each secret"
    assert await secrets.check() is False
    assert secrets.error_code == LOCKED, "a check asks for nothing"


async def test_on_a_system_that_never_had_a_keyring_a_look_puts_up_no_prompt(session):
    session.start_keyring(unlocked=False)
    prompter = session.start_prompter()
    secrets = Secrets()
    assert await secrets.get(KEY) == ""
    assert await secrets.forget(KEY)
    assert await secrets.check()
    os.set_blocking(prompter.stdout.fileno(), False)
    assert prompter.stdout.read() is None


@pytest.mark.expects_log
@pytest.mark.parametrize("address", ["", "unix:path=/nowhere/bus", "rubbish", "tcp:host=127.0.0.1"])
async def test_without_a_session_bus_it_is_said_and_holds_for_this_run(
    address, tmp_path, monkeypatch
):
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    if not address:
        monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    secrets = Secrets()
    assert await secrets.set(KEY, SECRET) is False
    assert (secrets.error_code, secrets.is_kept) == (ABSENT, False)
    assert await secrets.get(KEY) == SECRET
    assert await Secrets().get(KEY) == ""


@pytest.mark.expects_log
async def test_a_keyring_daemon_that_dies_is_said(session):
    daemon = session.start_keyring(unlocked=True)
    assert await Secrets().set(KEY, SECRET)
    session.end(daemon)
    secrets = Secrets()
    assert await secrets.get(KEY) == ""
    assert secrets.error_code == ABSENT


@pytest.mark.expects_log
@pytest.mark.parametrize(("hangs", "said"), [("bus", ABSENT), ("daemon", UNANSWERED)])
async def test_whoever_hangs_the_limit_holds(hangs, said, session, monkeypatch, tmp_path):
    daemon = session.start_keyring(unlocked=True)
    secrets = Secrets(timeout_s=3.0)
    monkeypatch.setattr(secret_store, "CHECK_TIMEOUT_S", 3.0)
    with contextlib.ExitStack() as stack:
        if hangs == "bus":
            deaf = stack.enter_context(socket.socket(socket.AF_UNIX))
            deaf.bind(str(tmp_path / "deaf"))
            deaf.listen()
            monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/deaf")
        else:
            daemon.send_signal(signal.SIGSTOP)
            stack.callback(daemon.send_signal, signal.SIGCONT)
        began = time.monotonic()
        assert await secrets.set(KEY, SECRET) is False
        assert (secrets.error_code, secrets.peek(KEY)) == (said, SECRET)
        assert await secrets.check() is False
        assert secrets.is_kept_now() is False
        assert time.monotonic() - began < 30


PROGRAM = """
import asyncio, logging, sys, traceback
from pathlib import Path
from hostdesk import logs, secret_store
from hostdesk.secret_store import Secrets

data, secret = Path(sys.argv[1]), sys.stdin.readline().rstrip("\\n")
logs.start(data / "logs", "engine", to_stderr=True)
logging.getLogger().setLevel(logging.DEBUG)

async def run():
    secrets = Secrets(timeout_s=float(sys.argv[2]))
    print(await secrets.set("a.token", secret), secrets.is_kept, secrets.error_code, repr(secrets))
    try:
        async with asyncio.timeout(0.001):
            await Secrets().get("a.token")
    except TimeoutError:
        logging.exception("ended by a bug of ours: %s", secrets)

asyncio.run(run(), debug=True)
"""


def seen_in_processes(secret):
    """The numbers of the processes whose command line or environment shows it."""
    shown = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                if secret in (process / name).read_bytes():
                    shown.append((process.name, name))
    return shown


@pytest.mark.parametrize("unlocked", [True, False])
def test_a_secret_is_seen_nowhere_but_in_the_keyring(unlocked, session, tmp_path):
    """While the child waits, and after: no command line, environment, log, file or traceback."""
    session.start_keyring(unlocked=True)
    if not unlocked:
        session.lock()
        prompter = session.start_prompter()
    secret = "seen-nowhere-f00d42"
    data = tmp_path / "data"
    limit_s = "30" if unlocked else "5"
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data), limit_s],
        cwd=ROOT, env=session.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    program.stdin.write(secret + "\n")
    program.stdin.flush()
    if not unlocked:
        assert prompter.stdout.readline() == b"asked\n"  # so the child waits, and holds it
    assert seen_in_processes(session.address.encode()), "the look itself works"
    assert seen_in_processes(secret.encode()) == []
    out, err = program.communicate(timeout=60)
    assert out.startswith("True True" if unlocked else "False False"), out + err
    assert "ended by a bug of ours" in err
    assert secret not in out + err
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(file.name == "engine.log" for file in files)
    assert any(file.name == "login.keyring" for file in files) or not unlocked
    for file in files:
        assert secret.encode() not in file.read_bytes(), file
