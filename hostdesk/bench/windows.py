"""A real window process beside an engine, with or without the probe."""

import subprocess
import sys
from pathlib import Path

import msgspec
import psutil

from hostdesk import launching
from hostdesk.bench.ending import GaveUpError, end
from hostdesk.bench.engines import MB
from hostdesk.bench.ground import Ground
from hostdesk.bench.window_probe import Seen

END_S = 30.0


class PlainWindow:
    """The window as users get it, joined to the engine of ``data``."""

    def __init__(self, ground: Ground, data: Path) -> None:
        self._process = subprocess.Popen(
            launching.command(launching.WINDOW, ["--join", "--data", str(data)]),
            env=ground.environment(data),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def rss_mb(self) -> float:
        """Resident memory now.

        Raises:
            GaveUpError: the window is gone.
        """
        try:
            return float(psutil.Process(self._process.pid).memory_info().rss / MB)
        except psutil.Error as exc:
            raise GaveUpError("window") from exc

    def stop(self) -> None:
        """End it."""
        end(self._process)


class ProbedWindow:
    """The same window with the probe beside it."""

    def __init__(self, ground: Ground, data: Path) -> None:
        self._file = data / "seen.json"
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "hostdesk.bench.window_probe"),
                *("--probe", str(self._file), "--join", "--data", str(data)),
            ],
            env=ground.environment(data),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def finish(self) -> Seen:
        """Close the window; what it saw.

        Raises:
            GaveUpError: it had ended before, or does not end.
        """
        try:
            self._process.communicate(b"end\n", END_S)
        except subprocess.TimeoutExpired as exc:
            raise GaveUpError("window") from exc
        finally:
            self.stop()
        if not self._file.exists():
            raise GaveUpError("window")
        return msgspec.json.decode(self._file.read_bytes(), type=Seen)

    def stop(self) -> None:
        """End it, whatever it does."""
        end(self._process)
