"""The clocks beside a window: when frames end, what they showed, how late the loop is."""

import argparse
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from typing_extensions import override

from hostdesk.bench.window_probe import LAG_MS, Pairs, Seen, wall_ms
from hostdesk.desk.rows import Digest, FeedRow
from hostdesk.views.assistant_window import AssistantWindow
from hostdesk.window import _Seat


class Watch(QObject):
    """Watches one window until `close`."""

    def __init__(self, seen: Seen, *, once: bool) -> None:
        super().__init__()
        self._seen, self._once = seen, once
        self._window: AssistantWindow | None = None
        self._shown_seq = 0
        self._received: dict[int, int] = {}
        self._flagged: list[int] = []
        self._lag, self._frames, self._rows, self._flags = Pairs(), Pairs(), Pairs(), Pairs()
        self._timer = QTimer(self, interval=LAG_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_time)
        self._last = 0.0

    def begin(self, window: AssistantWindow) -> None:
        """Watch this window from now on."""
        self._window = window
        window.installEventFilter(self)

    def news(self, digest: Digest) -> None:
        """Remember when flagged comments were received: their flags are timed by it."""
        for row in (*digest.rows, *digest.flagged_rows):
            self._received[row.seq] = row.at_ms
        self._flagged += [flag.seq for flag in digest.flags]
        while len(self._received) > 40_000:
            del self._received[next(iter(self._received))]

    def close(self) -> None:
        """Close the window; the program then ends by itself."""
        if self._window is not None:
            self._window.close()

    def finish(self) -> None:
        """Hand over what was seen."""
        self._timer.stop()
        seen = self._seen
        seen.lag, seen.frames = self._lag.pairs(), self._frames.pairs()
        seen.rows, seen.flags = self._rows.pairs(), self._flags.pairs()

    @override
    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        kind = event.type()
        if kind == QEvent.Type.UpdateRequest and self._window is not None:
            began = time.perf_counter()
            self._window.event(event)  # all painting, and the way to the screen
            self._frame_ended((time.perf_counter() - began) * 1000)
            return True
        if kind == QEvent.Type.Paint and not self._seen.painted_ns:
            self._seen.painted_ns = 1
            QTimer.singleShot(0, self._on_first_frame)  # when this frame is out
        return False

    def _on_first_frame(self) -> None:
        self._seen.painted_ns = time.monotonic_ns()
        if self._once:
            self.close()
        else:
            self._last = time.perf_counter()
            self._timer.start()

    def _on_time(self) -> None:
        now = time.perf_counter()
        self._lag.add(wall_ms(), max(0.0, (now - self._last) * 1000 - LAG_MS))
        self._last = now

    def _frame_ended(self, took_ms: float) -> None:
        now_ms = wall_ms()
        self._frames.add(now_ms, took_ms)
        assert self._window is not None
        newest = self._shown_seq
        for entry in reversed(self._window.feed.view.visible):
            if not isinstance(entry, FeedRow):
                continue
            if entry.seq <= self._shown_seq:
                break
            newest = max(newest, entry.seq)
            if entry.kind == "comment":
                self._rows.add(now_ms, entry.at_ms)
        self._shown_seq = newest
        for seq in self._flagged:
            if (at_ms := self._received.get(seq)) is not None:
                self._flags.add(now_ms, at_ms)
        self._flagged.clear()


class _ProbedSeat(_Seat):
    """The window's own seat; what comes in is told to the watch before it is shown."""

    def __init__(self, args: argparse.Namespace, data: Path, watch: Watch) -> None:
        super().__init__(args, data)
        self._watch = watch
        assert self._assistant is not None
        watch.begin(self._assistant)

    @override
    def _news(self, digest: Digest) -> None:
        self._watch.news(digest)
        super()._news(digest)


def probed(args: argparse.Namespace, data: Path, watch: Watch) -> _Seat:
    """The assistants' window with ``watch`` beside it."""
    return _ProbedSeat(args, data, watch)
