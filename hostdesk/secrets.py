"""Passwords, in the operating system's keyring and nowhere else.

Where there is no keyring they are kept for this run only, and `is_kept` says so.
``HOSTDESK_OBS_PASSWORD`` sets OBS's password for one run (scripts, tests).
"""

import functools
import logging
import os
from typing import Protocol

log = logging.getLogger("hostdesk.secrets")

_SERVICE = "hostdesk"
OBS_PASSWORD = "obs_password"


class Backend(Protocol):
    """The part of a keyring that we use."""

    def get_password(self, service: str, name: str) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, name: str, value: str) -> None:
        """Keep the secret."""
        ...


class Secrets:
    """Names and their secrets."""

    def __init__(self, backend: Backend | None = None) -> None:
        self._given = backend
        self._run: dict[str, str] = {}

    @property
    def is_kept(self) -> bool:
        """Whether a secret that is set now is still there at the next start."""
        return self._backend is not None

    def get(self, name: str) -> str:
        """The secret of ``name``; empty where there is none."""
        from_run = os.environ.get(f"HOSTDESK_{name.upper()}") or self._run.get(name)
        if from_run is not None:
            return from_run
        try:
            return (self._backend.get_password(_SERVICE, name) or "") if self._backend else ""
        except Exception as exc:  # noqa: BLE001  (keyrings raise what they like; it is locked)
            self._give_up(exc)
            return ""

    def set(self, name: str, value: str) -> bool:
        """Keep a secret; False where it holds for this run only."""
        self._run[name] = value
        if self._backend is None:
            return False
        try:
            self._backend.set_password(_SERVICE, name, value)
        except Exception as exc:  # noqa: BLE001  (as above)
            self._give_up(exc)
            return False
        return True

    @functools.cached_property
    def _backend(self) -> Backend | None:
        """Looked for at first use: it costs 15 MB, and a rehearsal has no secret."""
        return self._given if self._given is not None else _system()

    def _give_up(self, exc: Exception) -> None:
        log.warning("the keyring cannot be used: %s", type(exc).__name__)
        self._backend = None


def _system() -> Backend | None:
    import keyring  # 60 ms, and only needed where a secret is
    from keyring.backends import fail, null

    backend = keyring.get_keyring()
    if isinstance(backend, fail.Keyring | null.Keyring):
        return None
    return backend
