"""The very window of `hostdesk.window` with two clocks beside it, run as a program.

Measures the lateness of a 5 ms timer in the window's thread, and for every row that comes
into sight the time from its receipt (``at_ms``, same host) to the end of the frame that
painted it. Ends when a line comes on standard input; then writes what it saw as JSON.
"""

import argparse
import asyncio
import gc
import importlib
import sys
import threading
import time
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from hostdesk import launching, window_main

LAG_MS = 5


class Seen(msgspec.Struct, kw_only=True):
    """What the probe writes. Times are UTC milliseconds unless said."""

    painted_ns: int = 0
    """`time.monotonic_ns` after the first frame."""
    platform: str = ""
    engine_pid: int = 0
    lag: list[tuple[float, float]] = []
    """(when, how many ms late the timer was)."""
    frames: list[tuple[float, float]] = []
    """(end of a frame, how many ms it took)."""
    rows: list[tuple[float, float]] = []
    """(end of the frame that first showed a comment, when it was received)."""
    flags: list[tuple[float, float]] = []
    """(end of the frame after a flag came, when its comment was received)."""


class Pairs:
    """A long list of pairs of numbers, kept small: the probe must not disturb."""

    def __init__(self) -> None:
        self._numbers = array("d")

    def add(self, first: float, second: float) -> None:
        """One more pair."""
        self._numbers.extend((first, second))

    def pairs(self) -> list[tuple[float, float]]:
        """All of them."""
        return list(zip(self._numbers[::2], self._numbers[1::2], strict=True))


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window; ``--program`` does first what the command line does before it."""
    parser = argparse.ArgumentParser(prog="hostdesk.bench.window_probe")
    parser.add_argument("--probe", required=True, metavar="FILE")
    parser.add_argument("--program", action="store_true", help="start as `hostdesk` does")
    parser.add_argument("--once", action="store_true", help="end after the first frame")
    own, rest = parser.parse_known_args(argv)
    engine_pid = 0
    if own.program:
        from hostdesk.text import words

        cli = importlib.import_module("hostdesk.cli")  # it imports us: no cycle for the checkers
        cli._parser(words("zh")).parse_args([])  # what the command line costs
    args = window_main._parser().parse_args(rest)
    data = window_main._data(args)
    if own.program:
        window_main.make_room(data, rehearsal=False)
        engine_pid = _started(window_main.engine_arguments(args))
    return _show(own, args, data, engine_pid)


def _show(own: argparse.Namespace, args: argparse.Namespace, data: Path, engine_pid: int) -> int:
    import qasync
    from PySide6.QtWidgets import QApplication

    from hostdesk import window
    from hostdesk.bench.window_watch import Watch, probed

    app = QApplication([])
    app.setApplicationName("hostdesk")
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        seen = Seen(platform=app.platformName(), engine_pid=engine_pid)
        watch = Watch(seen, once=own.once)
        seat: window._Seat = probed(args, data, watch)
        seat.show()
        gc.collect()
        gc.freeze()
        if not own.once:
            _end_by_input(loop, watch.close)
        loop.run_until_complete(seat.run())
        watch.finish()
    Path(own.probe).write_bytes(msgspec.json.encode(seen))
    return 0


def _started(arguments: list[str]) -> int:
    return launching.start(launching.ENGINE, arguments).pid


def _end_by_input(loop: asyncio.AbstractEventLoop, close: Callable[[], None]) -> None:
    def read() -> None:
        sys.stdin.readline()
        loop.call_soon_threadsafe(close)

    threading.Thread(target=read, daemon=True).start()


def wall_ms() -> float:
    """UTC milliseconds with their fraction, as the engine stamps them."""
    return time.time_ns() / 1e6


if __name__ == "__main__":
    sys.exit(main())
