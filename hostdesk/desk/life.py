"""When a show opens and when it is over (design part 2, life of a show)."""

from typing import Literal

from hostdesk.events import AnyEvent, Comment, EndShowAsked, StartShowAsked, Stream, Tick

STOPPED_MS = 600_000
"""A show ends ten minutes after the stream stopped."""

Turn = Literal["open", "close_asked", "close_stopped"]


class Life:
    """Watches events for the two turns of a show."""

    def __init__(self, *, is_open: bool = False) -> None:
        self.is_open = is_open
        self._stopped_ms: int | None = None

    def receive(self, event: AnyEvent) -> Turn | None:
        """Take one event; return the turn that it brings, if any."""
        if not self.is_open:
            opens = isinstance(event, StartShowAsked | Comment) or (
                isinstance(event, Stream) and event.state == "started"
            )
            return "open" if opens else None
        match event:
            case EndShowAsked():
                return "close_asked"
            case Stream(state="stopped", at_ms=at_ms):
                self._stopped_ms = at_ms
            case Stream():
                self._stopped_ms = None
            case Tick(at_ms=at_ms) if self._stopped_ms is not None:
                if at_ms >= self._stopped_ms + STOPPED_MS:
                    return "close_stopped"
            case _:
                pass
        return None
