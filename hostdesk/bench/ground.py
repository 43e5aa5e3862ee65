"""What every benchmark stands on: a private folder, how much load, where windows are shown."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from hostdesk import launching
from hostdesk.bench.ending import end

DISPLAY_SIZE = "1400x1000x24"


class Ground:
    """Handed to each benchmark. ``asks_ms`` gathers how long asks took under load."""

    def __init__(self, folder: Path, *, load: float, quick: bool, tell: Callable[[str], None]):
        self.folder = folder
        self.load = load
        self.quick = quick
        self.tell = tell
        """Says (on standard error) what is being done now: a key of ``bench.*``."""
        self.asks_ms: dict[str, list[float]] = {}
        self.screen = "offscreen"
        self._screen_environment: dict[str, str] = {"QT_QPA_PLATFORM": "offscreen"}

    def scaled(self, count: int, least: int = 1) -> int:
        """A number of comments, made smaller by ``load``."""
        return max(least, round(count * self.load))

    def fresh(self, name: str) -> Path:
        """A new empty folder for one run."""
        number = 1
        while (folder := self.folder / f"{name}-{number}").exists():
            number += 1
        folder.mkdir(mode=0o700)
        return folder

    def environment(self, data: Path) -> dict[str, str]:
        """For a process of hostdesk that works on ``data`` and on our screen."""
        return {
            **os.environ,
            **self._screen_environment,
            "HOSTDESK_DATA": str(data),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }

    @contextlib.contextmanager
    def with_screen(self) -> Iterator[None]:
        """While inside, windows are shown: on the screen here, else on an Xvfb of our own."""
        if launching.has_screen():
            self.screen, self._screen_environment = "screen", {}
            yield
        elif (program := shutil.which("Xvfb")) is None:
            yield
        else:
            server, number = start_display(program)
            self.screen = "Xvfb"
            self._screen_environment = {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
            try:
                yield
            finally:
                end(server)


def start_display(program: str) -> tuple[subprocess.Popen[bytes], str]:
    """An X server that chose its own number, and that number."""
    readable, writable = os.pipe()
    server = subprocess.Popen(
        [
            *(program, "-displayfd", str(writable), "-screen", "0", DISPLAY_SIZE),
            *("-nolisten", "tcp", "-noreset", "+extension", "GLX"),
        ],
        pass_fds=[writable],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writable)
    with os.fdopen(readable) as told:
        return server, told.readline().strip()
