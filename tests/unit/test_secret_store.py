"""A keyring may ask, hang, lie or not be there; the show goes on and it is said."""

import asyncio
import contextlib
import logging
import os
import sys
import time
from pathlib import Path

import pytest

from hostdesk import secret_store
from hostdesk.secret_store import OBS_PASSWORD, Secrets, variable
from hostdesk.secret_wire import ABSENT, BROKEN, LOCKED, UNANSWERED, Ask, Told
from hostdesk.text import LOCALES, words

SECRET = "nobody-reads-this-42"
KEY = "bilibili-1.key_secret"


class Vault:
    """A keyring in memory that counts how often it is asked."""

    def __init__(self, **held):
        self.held, self.asked = held, 0

    def get_password(self, service, name):
        self.asked += 1
        return self.held.get(name)

    def set_password(self, service, name, value):
        self.held[name] = value

    def delete_password(self, service, name):
        del self.held[name]


class KeyringLocked(Exception):  # noqa: N818  (the keyring library's name)
    pass


class Locked(Vault):
    """Nobody unlocks it, and each try would put up a prompt."""

    def get_password(self, service, name):
        self.asked += 1
        raise KeyringLocked(SECRET)

    def set_password(self, service, name, value):
        raise KeyringLocked(value)

    delete_password = get_password


class Forgetful(Vault):
    """As keyring's null backend: takes everything, keeps nothing."""

    def set_password(self, service, name, value):
        pass


def child(tmp_path, code):
    """A stand-in for the child that runs ``code``."""
    script = tmp_path / "child.py"
    script.write_text(f"import json, sys, time, os\n{code}\n")
    return (sys.executable, str(script))


async def test_what_is_set_is_kept_and_found_by_the_next_run():
    vault = Vault()
    secrets = Secrets(vault)
    assert secrets.is_kept is None, "nobody asked it yet"
    assert await secrets.set(KEY, SECRET)
    assert secrets.is_kept
    next_run = Secrets(vault)
    assert next_run.peek(KEY) == "", "a peek asks nobody"
    assert await next_run.get(KEY) == next_run.peek(KEY) == SECRET


async def test_each_secret_is_asked_for_once():
    vault = Vault(a="1", b="2")
    secrets = Secrets(vault)
    assert await secrets.get_many(["a", "b", "a", "c"]) == {"a": "1", "b": "2", "c": ""}
    vault.asked = 0
    assert await secrets.get_many(["a", "c"]) == {"a": "1", "c": ""}
    assert vault.asked == 0, "nor for one that is not there"


async def test_what_another_process_keeps_later_is_found_after_a_check():
    vault = Vault()
    secrets = Secrets(vault)
    assert await secrets.get(KEY) == ""
    vault.held[KEY] = SECRET
    assert await secrets.check()
    assert await secrets.get(KEY) == SECRET


async def test_what_is_held_for_this_run_never_reaches_the_keyring():
    vault = Vault()
    secrets = Secrets(vault)
    secrets.hold({KEY: SECRET})
    assert await secrets.get(KEY) == SECRET
    assert (vault.held, vault.asked, secrets.is_kept) == ({}, 0, None)


@pytest.mark.parametrize("forget", [lambda s: s.forget(KEY), lambda s: s.set(KEY, "")])
async def test_what_is_forgotten_is_gone_from_keyring_and_memory(forget):
    vault = Vault(**{KEY: SECRET})
    secrets = Secrets(vault)
    assert await secrets.get(KEY) == SECRET
    assert await forget(secrets)
    assert (await secrets.get(KEY), secrets.peek(KEY), vault.held) == ("", "", {})
    assert await secrets.forget(KEY), "twice is no failure"


@pytest.mark.expects_log
async def test_a_locked_keyring_is_said_and_the_secret_holds_for_this_run():
    secrets = Secrets(Locked())
    assert await secrets.get(OBS_PASSWORD) == ""
    assert (secrets.is_kept, secrets.error_code) == (False, LOCKED)
    assert await secrets.set(OBS_PASSWORD, SECRET) is False
    assert await secrets.get(OBS_PASSWORD) == SECRET


@pytest.mark.expects_log
async def test_no_prompt_comes_again_by_itself_but_a_person_can_try_again():
    vault = Locked()
    secrets = Secrets(vault)
    for name in ("a", "b", "c"):
        await secrets.get(name)
    assert vault.asked == 1
    assert await Secrets(vault).check(), "a look at the keyring asks for nothing"
    vault.__class__ = Vault
    assert await secrets.set(KEY, SECRET)
    assert secrets.is_kept
    vault.held["a"] = "1"
    assert await secrets.get("a") == "1"


@pytest.mark.expects_log
async def test_kept_is_said_only_of_what_can_be_read_again():
    secrets = Secrets(Forgetful())
    assert await secrets.set(KEY, SECRET) is False
    assert (secrets.error_code, secrets.peek(KEY)) == (BROKEN, SECRET)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("obs_password", "HOSTDESK_OBS_PASSWORD"),
        ("bilibili-1.key_secret", "HOSTDESK_BILIBILI_1_KEY_SECRET"),
        ("twitch-1.token", "HOSTDESK_TWITCH_1_TOKEN"),
        ("抖店.key", "HOSTDESK____KEY"),
    ],
)
async def test_the_environment_sets_a_secret_for_one_run(name, named, monkeypatch):
    assert variable(name) == named
    monkeypatch.setenv(named, SECRET)
    vault = Vault(**{name: "of before"})
    secrets = Secrets(vault)
    assert secrets.peek(name) == await secrets.get(name) == SECRET
    assert vault.asked == 0
    assert vault.held == {name: "of before"}


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("why", "code", "said"),
    [
        ("it hangs, as with a prompt that nobody answers", "time.sleep(600)", UNANSWERED),
        ("it never reads, and the pipe stands", "sys.stdin.close(); time.sleep(600)", UNANSWERED),
        ("it dies", "os._exit(9)", BROKEN),
        ("it dies of a signal", "os.kill(os.getpid(), 11)", BROKEN),
        ("it says nothing", "sys.stdin.read()", BROKEN),
        ("it says something else", "print('Segmentation fault')", BROKEN),
        ("it says half of it", "print('{\"code\": \"keyr', end='')", BROKEN),
        ("it says our own request again", "print(sys.stdin.read())", BROKEN),
        ("an empty answer is no yes", "print('{}')", BROKEN),
        ("not even text", "sys.stdout.buffer.write(bytes(range(256)))", BROKEN),
        ("it says why", f"print(json.dumps({{'code': '{ABSENT}'}}))", ABSENT),
    ],
)
async def test_whatever_the_child_does_the_secret_holds_for_this_run(why, code, said, tmp_path):
    limit_s = 1.0 if said == UNANSWERED else 30.0
    secrets = Secrets(command=child(tmp_path, code), timeout_s=limit_s)
    began = time.monotonic()
    assert await secrets.set(KEY, SECRET) is False, why
    assert (secrets.error_code, secrets.is_kept) == (said, False)
    assert await secrets.get(KEY) == SECRET
    assert time.monotonic() - began < 30


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("why", "value"),
    [("half of a surrogate pair", "a\ud800"), ("more than any keyring takes", "x" * (1 << 21))],
)
async def test_a_value_that_no_keyring_takes_never_leaves(why, value, tmp_path):
    touched = tmp_path / "touched"
    secrets = Secrets(command=child(tmp_path, f"open({str(touched)!r}, 'w')"))
    assert await secrets.set(KEY, value) is False, why
    assert secrets.peek(KEY) == value
    assert not touched.exists()


@pytest.mark.expects_log
async def test_no_python_to_start_is_said():
    secrets = Secrets(command=("/nowhere/python",))
    assert await secrets.check() is False
    assert secrets.error_code == BROKEN
    assert Secrets(command=("/nowhere/python",)).is_kept_now() is False


@pytest.mark.expects_log
async def test_the_loop_goes_on_while_the_keyring_waits(tmp_path):
    secrets = Secrets(command=child(tmp_path, "time.sleep(600)"), timeout_s=1.0)
    turns = 0
    async with asyncio.TaskGroup() as tasks:
        asked = tasks.create_task(secrets.get_many(["a", "b"]))
        while not asked.done():
            await asyncio.sleep(0.01)
            turns += 1
    assert turns > 20
    assert asked.result() == {"a": "", "b": ""}


@pytest.mark.expects_log
async def test_those_who_wait_behind_an_unanswered_prompt_put_up_no_second(tmp_path):
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x'); time.sleep(600)"
    secrets = Secrets(command=child(tmp_path, code), timeout_s=2.0)
    await asyncio.gather(*(secrets.get(f"name-{n}") for n in range(5)))
    assert count.read_text() == "x"


@pytest.mark.expects_log
async def test_many_are_set_with_one_prompt(tmp_path):
    count = tmp_path / "count"
    code = f"open({str(count)!r}, 'a').write('x'); time.sleep(600)"
    secrets = Secrets(command=child(tmp_path, code), timeout_s=2.0)
    values = {KEY: SECRET, "twitch-1.token": "other", "obs_password": ""}
    assert await secrets.set_many(values) is False
    assert await secrets.get_many(values) == values
    assert count.read_text() == "x"
    vault = Vault(obs_password="of before")
    assert await Secrets(vault).set_many(values)
    assert vault.held == {KEY: SECRET, "twitch-1.token": "other"}
    assert await Secrets(vault).set_many({}), "nothing to keep is kept"


async def test_one_child_for_many_names(tmp_path):
    count = tmp_path / "count"
    code = (
        f"open({str(count)!r}, 'a').write('x')\n"
        "names = json.load(sys.stdin)['names']\n"
        "print(json.dumps({'code': '', 'found': {name: name.upper() for name in names}}))"
    )
    secrets = Secrets(command=child(tmp_path, code))
    assert await secrets.get_many(["a", "b", "c"]) == {"a": "A", "b": "B", "c": "C"}
    assert count.read_text() == "x"


async def test_what_is_set_while_the_old_is_still_asked_for_holds(tmp_path):
    code = (
        "ask = json.load(sys.stdin)\n"
        f"go = {str(tmp_path / 'go')!r}\n"
        "while not os.path.exists(go): time.sleep(0.01)\n"
        "found = dict.fromkeys(ask.get('names', ()), 'old')\n"
        "print(json.dumps({'code': '', 'found': found}))"
    )
    secrets = Secrets(command=child(tmp_path, code))
    async with asyncio.TaskGroup() as tasks:
        got = tasks.create_task(secrets.get(KEY))
        gone = tasks.create_task(secrets.get("other"))
        await asyncio.sleep(0)
        kept = tasks.create_task(secrets.set(KEY, "new"))
        forgotten = tasks.create_task(secrets.forget("other"))
        await asyncio.sleep(0)
        (tmp_path / "go").touch()
    assert (got.result(), kept.result(), secrets.peek(KEY)) == ("new", True, "new")
    assert (gone.result(), forgotten.result(), secrets.peek("other")) == ("", True, "")


async def test_an_engine_that_ends_leaves_no_child_behind(tmp_path):
    told = tmp_path / "pid"
    code = f"open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    secrets = Secrets(command=child(tmp_path, code))
    asked = asyncio.ensure_future(secrets.get(KEY))
    until = time.monotonic() + 30
    while not (told.exists() and told.read_text()):
        assert time.monotonic() < until
        await asyncio.sleep(0.01)
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads /proc")
async def test_the_secret_is_in_no_command_line_and_no_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("HOSTDESK_TWITCH_1_TOKEN", "for-one-run-77")
    here = tmp_path / "here"
    code = (
        "[value] = json.load(sys.stdin)['values'].values()\n"
        "own = open('/proc/self/cmdline').read() + open('/proc/self/environ').read()\n"
        f"open({str(here)!r}, 'w').write(str(value in own or 'for-one-run-77' in own))\n"
        "print(json.dumps({'code': ''}))"
    )
    secrets = Secrets(command=child(tmp_path, code))
    assert await secrets.set(KEY, SECRET)
    assert here.read_text() == "False"


@pytest.mark.expects_log
async def test_no_log_repr_or_traceback_shows_a_secret(caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    given = Secrets(Locked())
    asked = Secrets(command=child(tmp_path, "print(sys.stdin.read())"))
    for secrets in (given, asked):
        assert await secrets.set(KEY, SECRET) is False
    said = [repr(given), repr(asked), repr(Ask(do="put", values={KEY: SECRET}))]
    said += [
        repr(Told(code="", found={KEY: SECRET})),
        str(Told(code="", found={KEY: SECRET})),
        caplog.text,
    ]
    assert not any(SECRET in each for each in said), said


@pytest.mark.expects_log
def test_is_kept_now_needs_no_loop(tmp_path, monkeypatch):
    assert Secrets(Vault()).is_kept_now()
    assert Secrets(command=child(tmp_path, "print(json.dumps({'code': ''}))")).is_kept_now()
    monkeypatch.setattr(secret_store, "CHECK_TIMEOUT_S", 0.5)
    secrets = Secrets(command=child(tmp_path, "time.sleep(600)"))
    assert not secrets.is_kept_now()
    assert secrets.error_code == UNANSWERED


def test_the_real_child_runs_and_says_that_this_machine_has_no_keyring(caplog):
    """The tests' keyring is keyring's null backend, which keeps nothing."""
    secrets = Secrets()
    assert not secrets.is_kept_now()
    assert secrets.error_code == ABSENT
    [record] = caplog.records
    caplog.clear()
    assert ABSENT in record.getMessage()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", [ABSENT, LOCKED, UNANSWERED, BROKEN])
def test_each_code_says_what_happened_and_what_to_do_now(code, locale):
    say = words(locale)
    assert say.has(f"error.{code}.message")
    assert say.has(f"error.{code}.hint")
