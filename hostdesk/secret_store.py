"""Passwords, keys and tokens: in the system's keyring and nowhere else.

A short-lived child (`hostdesk.secrets_main`) speaks to the keyring, so that a prompt to
unlock it holds nobody up. Where there is no keyring, or it stays locked, a secret holds for
this run only: `Secrets.is_kept` and `Secrets.error_code` say so. ``HOSTDESK_OBS_PASSWORD``
sets the secret "obs_password" for one run (scripts, tests), and so for every other name.
"""

import asyncio
import contextlib
import logging
import os
import re
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hostdesk.secret_wire import BROKEN, MAX_BYTES, UNANSWERED, Ask, Backend, Told, carry_out

log = logging.getLogger("hostdesk.secret_store")

OBS_PASSWORD = "obs_password"

PROMPT_TIMEOUT_S = 60.0
"""Time for a person to find the prompt and type the keyring's password."""
CHECK_TIMEOUT_S = 10.0
"""A check puts up no prompt; the child starts in 0.3 s, on a cold disk in a few."""

_PREFIX = "HOSTDESK_"
_NO_CONSOLE = 0x08000000 if sys.platform == "win32" else 0
"""Windows: CREATE_NO_WINDOW, the engine has no console that a child could share."""


class Secrets:
    """Names and their secrets. One child at a time; every secret is asked for once."""

    def __init__(
        self,
        backend: Backend | None = None,
        *,
        command: Sequence[str] = (),
        timeout_s: float = PROMPT_TIMEOUT_S,
    ) -> None:
        self._given = backend
        self._command = tuple(command) or (sys.executable, "-m", "hostdesk.secrets_main")
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._run: dict[str, str] = {}
        self._absent: set[str] = set()
        self._code: str | None = None

    @property
    def is_kept(self) -> bool | None:
        """Whether a secret that is set now is still there at the next start; None = not known."""
        return None if self._code is None else not self._code

    @property
    def error_code(self) -> str:
        """Why the keyring was of no use when last asked: ``error.<code>`` has the words."""
        return self._code or ""

    def peek(self, name: str) -> str:
        """What is known of a secret without asking the keyring; empty where nothing is."""
        return os.environ.get(variable(name)) or self._run.get(name, "")

    async def get(self, name: str) -> str:
        """The secret of ``name``; empty where there is none or the keyring does not open."""
        return (await self.get_many([name]))[name]

    async def get_many(self, names: Iterable[str]) -> dict[str, str]:
        """The secrets of all ``names``, with one child and at most one prompt.

        A keyring that failed is not asked again by itself: no prompt comes twice in a show.
        `set`, `forget` and `check` try again, for then a person is there.
        """
        wanted = tuple(dict.fromkeys(names))
        async with self._turn:
            missing = self._missing(wanted)
            if missing and not self._code:
                told = await self._perform(Ask(do="get", names=missing), self._timeout_s)
                self._run = told.found | self._run  # one that was set meanwhile holds
                if not told.code:
                    self._absent.update(name for name in missing if name not in told.found)
        return {name: self.peek(name) for name in wanted}

    async def set(self, name: str, value: str) -> bool:
        """Keep a secret; False where it holds for this run only. An empty one is forgotten."""
        return await self.set_many({name: value})

    async def set_many(self, values: Mapping[str, str]) -> bool:
        """Keep all of ``values`` with one child and at most one prompt; False as for `set`."""
        self.hold(values)
        if not values:
            return not self._code
        async with self._turn:
            told = await self._perform(Ask(do="put", values=dict(values)), self._timeout_s)
        return not told.code

    async def forget(self, name: str) -> bool:
        """Hold a secret no longer; False where the keyring may bring it again at the next start."""
        return await self.set_many({name: ""})

    def hold(self, values: Mapping[str, str]) -> None:
        """Know secrets for this run only, and trouble no keyring."""
        self._run |= values

    async def check(self) -> bool:
        """Whether the keyring is there and open; puts up no prompt.

        Where it is, what was missing before is looked for again.
        """
        async with self._turn:
            told = await self._perform(Ask(do="check"), CHECK_TIMEOUT_S)
            self._absent.clear()
        return not told.code

    def is_kept_now(self) -> bool:
        """`check` for callers without a loop. Takes up to ``CHECK_TIMEOUT_S``."""
        ask = Ask(do="check")
        if self._given is not None:
            return self._learn(carry_out(ask, self._given))
        try:
            ran = subprocess.run(
                self._command,
                input=msgspec.json.encode(ask),
                stdout=PIPE,
                stderr=DEVNULL,
                timeout=CHECK_TIMEOUT_S,
                env=_environment(),
                creationflags=_NO_CONSOLE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return self._learn(Told(code=UNANSWERED))
        except OSError:
            return self._learn(Told(code=BROKEN))
        return self._learn(_read(ran.stdout))

    def _missing(self, names: Iterable[str]) -> tuple[str, ...]:
        known = self._run.keys() | self._absent
        return tuple(name for name in names if name not in known and not self.peek(name))

    async def _perform(self, ask: Ask, limit_s: float) -> Told:
        if self._given is not None:
            told = carry_out(ask, self._given)
        else:
            told = await self._ask_child(ask, limit_s)
        self._learn(told)
        return told

    def _learn(self, told: Told) -> bool:
        if told.code and told.code != self._code:
            log.warning("the keyring cannot be used: %s", told.code)
        self._code = told.code
        return not told.code

    async def _ask_child(self, ask: Ask, limit_s: float) -> Told:
        try:
            request = msgspec.json.encode(ask)
        except UnicodeEncodeError:
            return Told(code=BROKEN)  # half of a surrogate pair: no keyring takes that
        if len(request) > MAX_BYTES:
            return Told(code=BROKEN)
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env=_environment(),
                creationflags=_NO_CONSOLE,
            )
        except OSError:
            return Told(code=BROKEN)
        try:
            async with asyncio.timeout(limit_s):
                answer, _ = await child.communicate(request)
        except TimeoutError:
            return Told(code=UNANSWERED)
        finally:
            await _end(child)
        return _read(answer)


def variable(name: str) -> str:
    """The environment variable that sets a secret for one run."""
    return _PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


def _environment() -> dict[str, str]:
    """The child has no use for secrets that were given to us this way."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PREFIX)}


def _read(answer: bytes) -> Told:
    try:
        return msgspec.json.decode(answer, type=Told)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Told(code=BROKEN)


async def _end(child: Process) -> None:
    """A child that still waits for a prompt is ended; the keyring takes its prompt back."""
    if child.returncode is not None:
        return
    if child.stdin:
        child.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        child.kill()
    await child.communicate()  # waits for it, and reads what is left so that the pipes close
