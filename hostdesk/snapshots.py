"""Taking a checkpoint beside the loop: a forked child pickles, the engine goes on.

The state is a few megabytes and takes 0.1–0.4 s to pickle; inline that would hold up every
seat. A fork is a consistent copy for 2 ms. Where there is none (Windows) it is done inline.
"""

import contextlib
import logging
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

log = logging.getLogger("hostdesk.snapshots")

CAN_FORK = hasattr(os, "fork")
MAX_HANDLES = 65_536


class Snapshots:
    """At most one at a time; `ready` gives it once."""

    def __init__(self, save: Callable[[object], bytes], folder: Path | None = None) -> None:
        """``folder``: where the child writes; what a killed engine left there is removed."""
        self._save, self._folder = save, folder
        for left in folder.glob("hostdesk-*.checkpoint") if folder else ():
            left.unlink(missing_ok=True)
        self._child = 0
        self._seq = 0
        self._file: Path | None = None
        self._done: tuple[int, bytes] | None = None

    def begin(self, seq: int, state: object) -> None:
        """Start to save ``state`` as it is now, after event ``seq``. One under way goes on."""
        if self._child:
            return
        self._seq = seq
        if not CAN_FORK:
            self._done = (seq, self._save(state))
            return
        try:
            handle, name = tempfile.mkstemp(
                prefix="hostdesk-", suffix=".checkpoint", dir=self._folder
            )
        except OSError as exc:
            log.warning("no checkpoint now: %s", type(exc).__name__)
            return
        self._file = Path(name)
        try:
            self._child = os.fork()
        except OSError as exc:
            log.warning("no checkpoint now: %s", type(exc).__name__)
            os.close(handle)
            self._forget_file()
            return
        if self._child == 0:
            self._write(handle, state)  # never returns
        os.close(handle)

    def ready(self) -> tuple[int, bytes] | None:
        """(seq, state) when one is complete; a child that failed is forgotten."""
        if self._child:
            self._collect()
        done, self._done = self._done, None
        return done

    def drop(self) -> None:
        """The show is over: what is under way is not wanted any more."""
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._child, 0)
            self._child = 0
        self._done = None
        self._forget_file()

    def _collect(self) -> None:
        try:
            pid, status = os.waitpid(self._child, os.WNOHANG)
            if pid == 0:
                return
            if status == 0 and self._file is not None:
                self._done = (self._seq, self._file.read_bytes())
        except OSError as exc:
            log.warning("the checkpoint is lost: %s", type(exc).__name__)
        self._child = 0
        if self._done is None:
            log.warning("no checkpoint: a restart will replay from the one before")
        self._forget_file()

    def _forget_file(self) -> None:
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None

    def _write(self, handle: int, state: object) -> None:
        """In the child: no cleaning up, no handlers.

        It lets go of the parent's sockets and locks at once: were the parent killed now, its
        windows would not notice, and the next engine would find the folder taken.
        """
        status = 1
        try:
            os.closerange(3, handle)
            os.closerange(handle + 1, MAX_HANDLES)
            with os.fdopen(handle, "wb") as out:
                out.write(self._save(state))
            status = 0
        finally:
            os._exit(status)
