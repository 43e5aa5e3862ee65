"""When a show opens and when it is over (design part 2, life of a show)."""

from typing import Literal

from hostdesk.events import (
    AnyEvent,
    Comment,
    EndShowAsked,
    NoticeAsked,
    SourceState,
    StartShowAsked,
    Stream,
    Tick,
)

STOPPED_MS = 600_000
"""A show ends ten minutes after the stream stopped."""

Turn = Literal["open", "close_asked", "close_stopped"]


class Life:
    """Watches events for the two turns of a show."""

    def __init__(
        self, *, is_open: bool = False, has_streamed: bool = False, was_closed: bool = False
    ) -> None:
        """``was_closed``: a show has just ended; viewers who go on talking open no new one."""
        self.is_open = is_open
        self._has_streamed, self._was_closed = has_streamed, was_closed
        self._stopped_ms: int | None = None

    def receive(self, event: AnyEvent) -> Turn | None:
        """Take one event; return the turn that it brings, if any."""
        if not self.is_open:
            return "open" if self._opens(event) else None
        match event:
            case EndShowAsked():
                return "close_asked"
            case Stream(state="stopped", at_ms=at_ms):
                if self._has_streamed:  # an OBS that is idle has not stopped
                    self._stopped_ms = at_ms
            case Stream():
                self._has_streamed, self._stopped_ms = True, None
            case Tick(at_ms=at_ms) if self._stopped_ms is not None:
                if at_ms >= self._stopped_ms + STOPPED_MS:
                    return "close_stopped"
            case _:
                pass
        return None

    def _opens(self, event: AnyEvent) -> bool:
        match event:
            case StartShowAsked() | NoticeAsked() | Stream(state="started"):
                return True
            case SourceState(state="live"):
                self._was_closed = False
            case Comment():
                return not self._was_closed
            case _:
                pass
        return False
