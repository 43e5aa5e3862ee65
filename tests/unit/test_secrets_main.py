"""The child that speaks to the keyring: whatever comes in, one answer comes out, and it ends."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk import secrets_main
from hostdesk.secret_wire import (
    ABSENT,
    BROKEN,
    LOCKED,
    SERVICE,
    UNANSWERED,
    Ask,
    Told,
    carry_out,
    trouble_of,
)

ROOT = Path(__file__).parents[2]
SECRET = "nobody-reads-this-42 密码 🙏"

KEYRING = '''
import json, os, sys, time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError
print("a library that greets", flush=True)
FILE = os.environ["FAKE_KEYRING"]

class Held(KeyringBackend):
    priority = 9
    def _all(self):
        return json.load(open(FILE)) if os.path.exists(FILE) else {}
    def _put(self, table):
        json.dump(table, open(FILE, "w"))
    def get_password(self, service, name):
        return self._all().get(f"{service}/{name}")
    def set_password(self, service, name, value):
        self._put({**self._all(), f"{service}/{name}": value})
    def delete_password(self, service, name):
        table = self._all()
        if f"{service}/{name}" not in table:
            raise PasswordDeleteError(name)
        del table[f"{service}/{name}"]
        self._put(table)

class Plain(Held):
    """As keyrings.alt.file.PlaintextKeyring: a file that anybody reads."""
    priority = 0.5

class Locked(Held):
    def get_password(self, service, name):
        raise KeyringLocked(f"no {name}")
    def set_password(self, service, name, value):
        raise KeyringLocked(f"not {value}")

class Broken(Held):
    def get_password(self, service, name):
        sys.stderr.write("I hold " + str(self._all()))
        raise ValueError(str(self._all()))
'''


@pytest.fixture
def run_child(tmp_path):
    """Run the real child with a keyring of the test's own."""
    (tmp_path / "fake_keyring.py").write_text(KEYRING, encoding="utf-8")

    def run(request, keyring="fake_keyring.Held"):
        body = request if isinstance(request, bytes) else msgspec.json.encode(request)
        environment = {
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "PYTHON_KEYRING_BACKEND": keyring,
            "FAKE_KEYRING": str(tmp_path / "held.json"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "hostdesk.secrets_main"],
            cwd=ROOT, env=environment, input=body, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.stderr == b"", "what a keyring says may be a secret"
        return msgspec.json.decode(done.stdout, type=Told), done.returncode

    return run


def get(*names):
    return Ask(do="get", names=names)


def put(**values):
    return Ask(do="put", values=values)


ALL = {"get": get("a"), "put": put(a="b"), "forget": put(a=""), "check": Ask(do="check")}


def test_put_get_forget(run_child):
    assert run_child(put(token=SECRET, password="b")) == (Told(code=""), 0)
    told, _ = run_child(get("token", "nobody"))
    assert told == Told(code="", found={"token": SECRET})
    for _ in range(2):
        assert run_child(put(token="", nobody="")) == (Told(code=""), 0)
    assert run_child(get("token", "password")) == (Told(code="", found={"password": "b"}), 0)
    assert run_child(Ask(do="check")) == (Told(code=""), 0)


@pytest.mark.parametrize("ask", ALL.values(), ids=ALL)
@pytest.mark.parametrize(
    ("why", "keyring", "code"),
    [
        ("keyring's stand-in that keeps nothing", "keyring.backends.null.Keyring", ABSENT),
        ("keyring's stand-in that raises", "keyring.backends.fail.Keyring", ABSENT),
        ("a plain file is no keyring", "fake_keyring.Plain", ABSENT),
        ("a configuration that names nothing", "nowhere.Keyring", BROKEN),
    ],
)
def test_without_a_safe_place_every_request_says_so(why, keyring, code, ask, run_child):
    assert run_child(ask, keyring) == (Told(code=code), 0), why


@pytest.mark.parametrize(
    ("do", "keyring", "code"),
    [
        ("get", "fake_keyring.Locked", LOCKED),
        ("put", "fake_keyring.Locked", LOCKED),
        ("forget", "fake_keyring.Locked", LOCKED),
        ("get", "fake_keyring.Broken", BROKEN),
    ],
)
def test_what_a_keyring_raises_is_a_code_without_its_words(do, keyring, code, run_child):
    run_child(put(a=SECRET))
    assert run_child(ALL[do], keyring) == (Told(code=code), 0)


@pytest.mark.parametrize(
    ("why", "request_body"),
    [
        ("nothing", b""),
        ("no JSON", b"get obs_password"),
        ("no text", b"\xff\xfe\x00"),
        ("a request that we do not know", b'{"do": "list"}'),
        ("names of another kind", b'{"do": "get", "names": [1]}'),
        ("cut off", b'{"do": "put", "values": {"a": "sec'),
        ("a field too many", b'{"do": "get", "names": ["a"], "shell": "rm"}'),
        ("more than is read", b'{"do": "put", "values": {"a": "' + b"x" * (1 << 21) + b'"}}'),
    ],
)
def test_a_request_that_is_none_is_refused(why, request_body, run_child):
    assert run_child(request_body) == (Told(code=BROKEN), 2), why


def test_a_child_whose_engine_died_does_not_stay():
    code = "from hostdesk import secrets_main as m; m.LIFE_S = 0.5; m.main()"
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert child.wait(60) == secrets_main.EXIT_LATE
    assert time.monotonic() - began < 30
    child.stdin.close()


def test_the_engine_side_imports_no_keyring():
    code = "import sys, hostdesk.secret_store; print([m for m in sys.modules if 'keyring' in m])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


class InitError(Exception):
    pass


class PromptDismissedException(Exception):  # noqa: N818  (secretstorage's name)
    pass


class SecretServiceNotAvailableException(Exception):  # noqa: N818  (the same)
    pass


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("why", "error", "code"),
    [
        ("nobody wanted a keyring", caused(InitError(), PromptDismissedException()), LOCKED),
        ("the daemon went away", SecretServiceNotAvailableException(), ABSENT),
        ("a wait of its own ended", TimeoutError(), UNANSWERED),
        ("Windows says a number", OSError(1312, "no logon session"), BROKEN),
    ],
)  # fmt: skip
def test_errors_are_told_apart_by_their_names(why, error, code):
    assert trouble_of(error) == code, why


class Raising:
    def __init__(self, error):
        self.error = error

    def get_password(self, service, name):
        assert service == SERVICE
        raise self.error

    set_password = delete_password = lambda self, *_: self.get_password(SERVICE, "")


@given(st.text(min_size=1), st.text())
def test_no_keyring_error_gets_out_nor_its_words(secret, name):
    for ask in (Ask(do="get", names=(name,)), Ask(do="put", values={name: secret})):
        assert carry_out(ask, Raising(RuntimeError(secret))) == Told(code=BROKEN)


@given(st.binary() | st.dictionaries(st.text(), st.text()).map(lambda d: json.dumps(d).encode()))
def test_whatever_comes_is_a_request_or_our_decoder_says_no(body):
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
        assert isinstance(msgspec.json.decode(body, type=Ask), Ask)


@given(st.text(), st.text())
def test_nothing_that_travels_shows_itself(name, value):
    secret = f"<{value}>"
    assert secret not in repr(Ask(do="put", values={name: secret}))
    assert secret not in repr(Told(code="", found={name: secret}))
