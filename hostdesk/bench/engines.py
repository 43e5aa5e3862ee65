"""A real engine process on a folder of its own, and a seat that talks to it."""

import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from websockets.sync.client import ClientConnection, connect

from hostdesk import launching
from hostdesk.bench.ending import GaveUpError, end, wait
from hostdesk.bench.ground import Ground
from hostdesk.desk.rows import StatusPanel
from hostdesk.events import AskId, Comment, CueCleared, OnAirSet, ReplyUsed
from hostdesk.journal.listing import list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.seats import link_file
from hostdesk.seats.protocol import (
    MAX_FRAME,
    VERSION,
    Answer,
    Hello,
    News,
    SeatAsk,
    encode,
    read_from_engine,
)

UP_LIMIT_S = 60.0
ASK_EVERY_S = 0.1
MB = 1 << 20


class EngineRun:
    """One engine, playing ``recording`` into the journal of ``data``; None = the live rooms."""

    def __init__(
        self, ground: Ground, data: Path, recording: Path | None, speed: str = "1"
    ) -> None:
        self.data = data
        self._environment = ground.environment(data)
        self._arguments = ["--data", str(data)]
        if recording is not None:
            self._arguments += ["--replay", str(recording), "--speed", speed]
        self.more: list[str] = []
        self.password = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it serves seats once `until_up` returns."""
        more = {"HOSTDESK_OBS_PASSWORD": self.password} if self.password else {}
        self._process = subprocess.Popen(
            launching.command(launching.ENGINE, [*self._arguments, *self.more, "--stay"]),
            env={**self._environment, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def until_up(self) -> link_file.LinkFacts:
        """How to reach it, as soon as it listens.

        Raises:
            GaveUpError: it ended, or did not come up.
        """
        wait(lambda: self._is_gone() or self._facts() is not None, UP_LIMIT_S, "engine")
        facts = self._facts()
        if facts is None:
            raise GaveUpError("engine")
        return facts

    @property
    def rss_mb(self) -> float:
        """Resident memory now."""
        return float(psutil.Process(self._pid).memory_info().rss / MB)

    @property
    def cpu_s(self) -> float:
        """Seconds of CPU time that it has used."""
        times = psutil.Process(self._pid).cpu_times()
        return float(times.user + times.system)

    def kill(self) -> None:
        """SIGKILL: nothing of it can clean up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in order."""
        end(self._process, 30.0)

    @contextmanager
    def seat(self) -> Iterator["SeatTalk"]:
        """A seat of this engine."""
        facts = self.until_up()
        url = f"ws://127.0.0.1:{facts.port}"
        with connect(url, compression=None, proxy=None, max_size=MAX_FRAME) as socket:
            socket.send(encode(Hello(token=facts.token, protocol=VERSION, seat="bench")))
            yield SeatTalk(socket)

    def comment_times(self) -> list[int]:
        """``at_ms`` of every comment in the journal, in order."""
        return [comment.at_ms for comment in self.comments()]

    def comments(self) -> list[Comment]:
        """Every comment in the journal, in order."""
        [show] = list_shows(self.data / "shows")
        with ShowReader(show.path) as reader:
            return [event for _, _, event in reader.events() if isinstance(event, Comment)]

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _is_gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def _facts(self) -> link_file.LinkFacts | None:
        facts = link_file.read(self.data)
        return facts if facts is not None and facts.pid == self._pid else None


class SeatTalk:
    """What one window would know, and how long its asks took."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._asked: dict[str, float] = {}
        self._next_ask = 0.0
        self._number = 0
        self.asks_ms: list[float] = []
        self.digest_bytes: list[int] = []
        self.total = 0
        self.status = StatusPanel()
        self.notice = ""
        self.refused = ""

    def listen(self, timeout_s: float = 0.02) -> bool:
        """Take what has come; whether something did."""
        try:
            frame = self._socket.recv(timeout=timeout_s)
        except TimeoutError:
            return False
        came = time.perf_counter()
        assert isinstance(frame, bytes)
        match read_from_engine(frame):
            case Answer(ask_id=ask_id) as answer:
                self.asks_ms.append((came - self._asked.pop(ask_id, came)) * 1000)
                self.refused = "" if answer.ok else answer.error_code
            case News(digest=digest):
                self.digest_bytes.append(len(frame))
                self.total = digest.total
                self.status = digest.status or self.status
                self.notice = digest.notice.phase if digest.notice else self.notice
            case _:
                pass
        return True

    def until(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        """Listen until ``condition`` holds.

        Raises:
            GaveUpError: it did not in ``limit_s`` seconds.
        """
        end_at = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > end_at:
                raise GaveUpError(what)
            self.listen()

    def ask(self, kind: type, **fields: Any) -> None:
        """Send an ask; its answer is timed when it comes."""
        ask_id = AskId(uuid.uuid4().hex)
        ask = kind(at_ms=0, ask_id=ask_id, seat="bench", **fields)
        self._asked[ask_id] = time.perf_counter()
        self._socket.send(encode(SeatAsk(ask=ask)))

    def ask_for(self, seconds: float) -> None:
        """Work as busy hands would for so long: an ask each `ASK_EVERY_S`."""
        end_at = time.monotonic() + seconds
        while (now := time.monotonic()) < end_at or (self._asked and now < end_at + 5.0):
            if self._next_ask <= now < end_at:
                self._next_ask = now + ASK_EVERY_S
                self._ask_something()
            self.listen(ASK_EVERY_S / 4)

    def _ask_something(self) -> None:
        self._number += 1
        match self._number % 3:
            case 0:
                self.ask(CueCleared)
            case 1:
                self.ask(OnAirSet, link_number=self._number % 99 + 1)
            case _:
                self.ask(ReplyUsed, text=str(self._number), way="teleprompter")
