"""What a process and its keyring child say to one another: one request, one answer, in JSON.

It holds secrets, so nothing here shows itself in a log or a traceback. Knows no keyring
library: the child (`hostdesk.secrets_main`) brings one, a test brings its own.
"""

from typing import Literal, Protocol

import msgspec
from typing_extensions import override

SERVICE = "hostdesk"
"""The name under which our secrets lie in the system's keyring."""

MAX_BYTES = 1 << 20
"""Of one request. A secret is a line or two; more is a mistake."""

ABSENT = "keyring_absent"
LOCKED = "keyring_locked"
UNANSWERED = "keyring_unanswered"
BROKEN = "keyring_broken"

_COPIES = 8
"""A keyring may hold several entries of one name; more than this is not deleting at all."""

_LOCKED_ERRORS = {"KeyringLocked", "LockedException", "PromptDismissedException"}
_ABSENT_ERRORS = {"NoKeyringError", "SecretServiceNotAvailableException"}


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request."""

    do: Literal["get", "put", "check"]
    names: tuple[str, ...] = ()
    """What to ``get``."""
    values: dict[str, str] = {}
    """What to ``put``: secrets by their names; an empty one is held no longer."""

    @override
    def __repr__(self) -> str:
        return f"Ask({self.do})"


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Its answer."""

    code: str
    """Why it was not done: words are ``error.<code>`` in ``resources/text``. Empty: done."""
    found: dict[str, str] = {}
    """The secrets of ``get``; names that the keyring does not hold are left out."""

    @override
    def __repr__(self) -> str:
        return f"Told({self.code}, {len(self.found)} found)"


class Backend(Protocol):
    """The part of a keyring that we use: every backend of the keyring library fits."""

    def get_password(self, service: str, name: str, /) -> str | None:
        """The secret, or None."""
        ...

    def set_password(self, service: str, name: str, value: str, /) -> None:
        """Keep the secret."""
        ...

    def delete_password(self, service: str, name: str, /) -> None:
        """Hold it no longer."""
        ...


def carry_out(ask: Ask, backend: Backend) -> Told:
    """Do what is asked; whatever a keyring raises becomes a code, without its words."""
    found: dict[str, str] = {}
    try:
        match ask.do:
            case "get":
                for name in ask.names:
                    if value := backend.get_password(SERVICE, name):
                        found[name] = value
            case "put":
                done = [_put(backend, name, value) for name, value in ask.values.items()]
                return Told(code="" if all(done) else BROKEN)
            case "check":
                pass
    except Exception as exc:  # noqa: BLE001  (keyrings raise what they like)
        return Told(code=trouble_of(exc), found=found)
    return Told(code="", found=found)


def trouble_of(exc: BaseException) -> str:
    """The code of what a keyring raised, by the names of the errors and of their causes."""
    names: set[str] = set()
    at: BaseException | None = exc
    while at is not None:
        names |= {kind.__name__ for kind in type(at).__mro__}
        at = at.__cause__ or at.__context__
    if names & _LOCKED_ERRORS:
        return LOCKED
    if names & _ABSENT_ERRORS:
        return ABSENT
    return UNANSWERED if "TimeoutError" in names else BROKEN


def _put(backend: Backend, name: str, value: str) -> bool:
    """Kept means read again: some keyrings take a secret and drop it."""
    if not value:
        return _forget(backend, name)
    backend.set_password(SERVICE, name, value)
    return backend.get_password(SERVICE, name) == value


def _forget(backend: Backend, name: str) -> bool:
    for _ in range(_COPIES):
        if backend.get_password(SERVICE, name) is None:
            return True
        backend.delete_password(SERVICE, name)
    return False
