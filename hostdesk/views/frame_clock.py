"""One repaint for all that changed: as digests come (30 a second), 60 while somebody acts."""

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QObject, QTimer

FRAME_MS = 24
"""Shorter than the engine's 33 ms between digests: a digest is painted when it comes, and the
two clocks do not add up."""
LIVELY_FRAME_MS = 16
LIVELY_FOR_MS = 1_000


class FrameClock(QObject):
    """Calls ``paint`` soon after `want`; sleeps while nothing changes."""

    def __init__(self, owner: QObject, paint: Callable[[], None]) -> None:
        super().__init__(owner)
        self._paint = paint
        self._since_frame, self._since_touch = QElapsedTimer(), QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_time)
        self._since_frame.start()
        self.frames = 0

    @property
    def waits(self) -> bool:
        """Whether a frame is due."""
        return self._timer.isActive()

    def touch(self) -> None:
        """Somebody scrolls: be quicker for a moment."""
        self._since_touch.start()

    def want(self) -> None:
        """Something changed."""
        if self._timer.isActive():
            return
        touched = self._since_touch.isValid() and self._since_touch.elapsed() < LIVELY_FOR_MS
        pace = LIVELY_FRAME_MS if touched else FRAME_MS
        self._timer.start(max(0, pace - self._since_frame.elapsed()))

    def _on_time(self) -> None:
        self._since_frame.start()
        self.frames += 1
        self._paint()
