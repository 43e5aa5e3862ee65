"""Starting the other processes of hostdesk, from a checkout, a wheel or a frozen program."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ENGINE = "hostdesk.engine_main"
WINDOW = "hostdesk.window_main"
BOOK = "hostdesk.journal.book"


_DETACHED = 0x00000208 if sys.platform == "win32" else 0
"""Windows: DETACHED_PROCESS and CREATE_NEW_PROCESS_GROUP, so that no console takes it along."""


def command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line that runs one of our root modules."""
    return [sys.executable, "-m", module, *arguments]


def start(
    module: str, arguments: Sequence[str], *, stderr: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    """Start one of our programs so that it outlives this process.

    Closing a window must not end the show, ending the engine must not tear the book.
    """
    return subprocess.Popen(
        command(module, arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
        creationflags=_DETACHED,
        text=True,
    )


def has_screen() -> bool:
    """Whether a window can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        return not chosen.startswith(("offscreen", "minimal"))
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs (a zombie does not)."""
    if pid <= 0:
        return False
    status = Path(f"/proc/{pid}/stat")
    if status.exists():
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    import psutil  # systems without /proc; os.kill(pid, 0) sends a Ctrl+C on Windows

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def is_engine(pid: int) -> bool:
    """Whether this process is one of ours: a number is given again after a crash."""
    if not is_alive(pid):
        return False
    told = Path(f"/proc/{pid}/cmdline")
    try:
        return b"hostdesk" in told.read_bytes()
    except OSError:
        return True  # no such place on this system: alive is all that can be known


def wait_for_end(pid: int, limit_s: float) -> bool:
    """Wait until a process has ended; False where it goes on after ``limit_s``."""
    until = time.monotonic() + limit_s
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
