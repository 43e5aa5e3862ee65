"""How the broadcast did: time spent reconnecting, frozen, or without comments."""

from hostdesk.events import AnyEvent, Gap, Health, ObsState, Stream
from hostdesk.review.rows import Broadcast

STALE_MS = 15_000
"""A reading of the picture holds for so long; readings come every few seconds."""
_BROKEN = ("frozen", "black")


class BroadcastBook:
    """Adds up what `Stream`, `Health`, `ObsState` and `Gap` told."""

    def __init__(self) -> None:
        self._known = False
        self._uplink = ""
        self._uplink_ms = 0
        self._reconnecting_ms = self._down_ms = self._frozen_ms = 0
        self._reconnects = self._lost = self._gaps = self._gap_ms = 0
        self._linked = False
        self._picture = ""
        self._reading_ms = 0

    def receive(self, event: AnyEvent) -> None:
        """Take one event; what is not about the broadcast is ignored."""
        match event:
            case Stream():
                self._stream(event)
            case Health():
                self._health(event)
            case ObsState():
                self._known = self._known or event.linked
                self._lost += self._linked and not event.linked
                self._linked = event.linked
            case Gap():
                self._gaps += 1
                self._gap_ms += max(0, event.until_ms - event.at_ms)
            case _:
                pass

    def result(self, last_ms: int) -> Broadcast:
        """The sums; trouble that never ended is counted to the end of the show."""
        reconnecting = self._reconnecting_ms
        if self._uplink == "reconnecting":
            reconnecting += max(0, last_ms - self._uplink_ms)
        return Broadcast(
            state="known" if self._known else "unknown",
            reconnecting_ms=reconnecting if self._known else None,
            reconnects=self._reconnects,
            frozen_ms=self._frozen_ms if self._known else None,
            down_ms=self._down_ms if self._known else None,
            obs_lost=self._lost,
            gaps=self._gaps,
            gap_ms=self._gap_ms,
        )

    def _stream(self, event: Stream) -> None:
        self._known = True
        lasted = max(0, event.at_ms - self._uplink_ms)
        if self._uplink == "reconnecting":
            self._reconnecting_ms += lasted
        elif self._uplink == "stopped" and event.state != "stopped":
            self._down_ms += lasted  # it came back: it was not the end of the show
        if event.state == self._uplink:
            self._uplink_ms = event.at_ms if event.state == "reconnecting" else self._uplink_ms
            return
        self._reconnects += event.state == "reconnecting"
        self._uplink, self._uplink_ms = event.state, event.at_ms

    def _health(self, event: Health) -> None:
        self._known = True
        if self._picture in _BROKEN:
            self._frozen_ms += min(max(0, event.at_ms - self._reading_ms), STALE_MS)
        self._picture = event.picture or self._picture
        self._reading_ms = event.at_ms
