"""The keyring child: one request on stdin, one answer on stdout, and it ends.

A process of its own, because a keyring may ask a person to unlock it and keep its caller
waiting, and because its library takes 15 MB that an engine need not carry. Nothing of a
secret goes to its command line, its environment or stderr.
"""

import os
import sys
import threading
from typing import BinaryIO

import msgspec

from hostdesk.secret_wire import (
    ABSENT,
    BROKEN,
    LOCKED,
    MAX_BYTES,
    SERVICE,
    Ask,
    Backend,
    Told,
    carry_out,
    trouble_of,
)

EXIT_DONE, EXIT_WRONG, EXIT_LATE = 0, 2, 3

RECOMMENDED = 1
"""keyring's own measure: below lie plain files, and stand-ins that keep nothing."""

LIFE_S = 120.0
"""Longer than anybody waits for it: a prompt must not outlive a killed engine for ever."""

_SECRET_SERVICE = "keyring.backends.SecretService"


def main() -> int:
    """Answer one request."""
    out = _own_stdout()
    limit = threading.Timer(LIFE_S, os._exit, (EXIT_LATE,))
    limit.daemon = True
    limit.start()
    try:
        ask = msgspec.json.decode(sys.stdin.buffer.read(MAX_BYTES), type=Ask)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        _write(out, Told(code=BROKEN))
        return EXIT_WRONG
    _write(out, answer(ask))
    return EXIT_DONE


def answer(ask: Ask) -> Told:
    """Carry out one request with the system's keyring."""
    try:
        backend = system_keyring()
        told = _known_unasked(ask, backend) if backend is not None else Told(code=ABSENT)
    except Exception as exc:  # noqa: BLE001  (keyrings raise what they like)
        return Told(code=trouble_of(exc))
    if told is not None or backend is None:
        return told or Told(code=ABSENT)
    return carry_out(ask, backend)


def system_keyring() -> Backend | None:
    """The keyring of this system; None where there is none, or only one that is no safe place.

    Secret Service or KWallet on Linux, Credential Manager on Windows, Keychain on macOS, or
    what the user's own keyring configuration names.
    """
    import keyring.core

    keyring.core.init_backend(limit=keyring.core.recommended)
    backend = keyring.core.get_keyring()
    return backend if backend.priority >= RECOMMENDED else None


def _known_unasked(ask: Ask, backend: Backend) -> Told | None:
    """The answer where it can be had without troubling anybody; None: the keyring must be asked.

    keyring itself puts up a prompt before every look, and on a system that never had a
    keyring one that wants a new password chosen.
    """
    if type(backend).__module__ != _SECRET_SERVICE or any(ask.values.values()):
        return None
    from contextlib import closing

    import secretstorage

    with closing(secretstorage.dbus_init()) as bus:
        try:
            vault = secretstorage.Collection(bus)
            if not vault.is_locked():
                return None
        except secretstorage.ItemNotFoundException:
            return Told(code="")  # never had a secret; the first that is set makes it
        if ask.do != "check" and any(vault.search_items({"service": SERVICE})):
            return None  # ours lie in it: that is worth a prompt
        return Told(code=LOCKED)


def _write(out: BinaryIO, told: Told) -> None:
    try:
        out.write(msgspec.json.encode(told))
        out.flush()
    except OSError:
        pass  # the asker is gone


def _own_stdout() -> BinaryIO:
    """Keep stdout for the answer alone: whatever a keyring prints goes nowhere."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(own, os.O_BINARY)
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    sys.exit(main())
