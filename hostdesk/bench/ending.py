"""Ending what a benchmark started, by its process id and nothing else."""

import contextlib
import subprocess
import time
from collections.abc import Callable
from typing import Any

LIMIT_S = 15.0


class GaveUpError(Exception):
    """What was awaited did not come in time."""


def end(process: "subprocess.Popen[Any] | None", limit_s: float = LIMIT_S) -> None:
    """Ask a process to end, then insist."""
    if process is None or process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(limit_s)


def wait(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Wait until ``condition`` holds.

    Raises:
        GaveUpError: it did not in ``limit_s`` seconds.
    """
    until = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > until:
            raise GaveUpError(what)
        time.sleep(0.01)
