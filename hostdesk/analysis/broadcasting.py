"""What the broadcast itself shows of its trouble: the evidence beside what viewers say."""

import msgspec

from hostdesk.events import Health, Stream
from hostdesk.findings import Evidence

CONGESTED = 0.5
SKIPPING = 0.05
SILENT_DB = -60.0
RECONNECTING_MS = 8_000
"""Shorter reconnects are over before anybody could act."""

_STILL_READINGS = 2
_READING_HOLDS_MS = 20_000


class _Worst(msgspec.Struct):
    congestion: float = 0.0
    skipped: float = 0.0
    silent: int = 0


class Broadcast:
    """The latest readings of stream and picture."""

    def __init__(self) -> None:
        self.is_known = False
        self.since_ms: int | None = None
        """Since when something is wrong."""
        self.bad_ms = 0
        """When something was last seen to be wrong."""
        self._reconnecting_ms: int | None = None
        self._back_ms: int | None = None
        self._good_ms: int | None = None
        self._still = 0
        self._picture = "ok"
        self._worst = _Worst()

    def stream(self, event: Stream) -> None:
        """The uplink changed its state."""
        if event.state == "reconnecting":
            self._reconnecting_ms = self._reconnecting_ms or event.at_ms
            self._bad(event.at_ms)
            return
        if event.state == "reconnected":
            self._back_ms = event.at_ms
        self._reconnecting_ms = None

    def health(self, event: Health) -> None:
        """A reading of the broadcast."""
        self.is_known = True
        broken = event.picture in ("frozen", "black")
        self._still = self._still + 1 if broken else 0
        self._picture = event.picture or "ok"
        congested = (event.congestion or 0.0) >= CONGESTED
        skipping = (event.skipped_ratio or 0.0) >= SKIPPING
        if broken or congested or skipping:
            self._bad(event.at_ms)
        elif self._reconnecting_ms is None:
            self._good(event.at_ms)
        self._remember(event)

    def broken_topic(self, now_ms: int) -> str:
        """The accident that the broadcast alone proves, or ""."""
        if self._reconnecting_ms is not None and now_ms - self._reconnecting_ms >= RECONNECTING_MS:
            return "cut"
        if self._still >= _STILL_READINGS:
            return "cut" if self._picture == "black" else "freeze"
        return ""

    def is_bad(self, now_ms: int) -> bool:
        """Whether viewers cannot have a picture right now."""
        return self._reconnecting_ms is not None or (
            self._still > 0 and now_ms - self.bad_ms < _READING_HOLDS_MS
        )

    def recovered_since(self, since_ms: int, now_ms: int) -> bool:
        """Whether it was bad after ``since_ms`` and is well again."""
        was_bad = self.bad_ms >= since_ms - _READING_HOLDS_MS and self.bad_ms > 0
        good = self._good_ms is not None and self._good_ms > self.bad_ms
        return was_bad and good and not self.is_bad(now_ms)

    def evidence(self, topic: str, since_ms: int, now_ms: int) -> list[Evidence]:
        """What was measured since ``since_ms`` that speaks for an accident."""
        found: list[Evidence] = []
        if topic == "sound" and self._worst.silent >= _STILL_READINGS:
            found.append(Evidence("mic_silent", float(self._worst.silent), 0.0))
        if self.bad_ms < since_ms - _READING_HOLDS_MS or not self.bad_ms:
            return found
        if self._worst.congestion >= CONGESTED:
            found.append(Evidence("congestion", round(self._worst.congestion, 2), 0.1))
        if self._worst.skipped >= SKIPPING:
            found.append(Evidence("skipped", round(self._worst.skipped, 3), 0.0))
        if self._still or self._picture != "ok":
            found.append(Evidence("picture_still", float(self._still), 0.0))
        if self._reconnecting_ms is not None:
            seconds = (now_ms - self._reconnecting_ms) // 1000
            found.append(Evidence("reconnecting", float(seconds), 0.0))
        return found

    def _bad(self, at_ms: int) -> None:
        if self.since_ms is None:
            self.since_ms = at_ms
            self._worst = _Worst()
        self.bad_ms = at_ms
        self._good_ms = None

    def _good(self, at_ms: int) -> None:
        self._good_ms = at_ms
        self.since_ms = None

    def _remember(self, event: Health) -> None:
        worst = self._worst
        worst.congestion = max(worst.congestion, event.congestion or 0.0)
        worst.skipped = max(worst.skipped, event.skipped_ratio or 0.0)
        silent = event.mic_peak_db is not None and event.mic_peak_db <= SILENT_DB
        worst.silent = worst.silent + 1 if silent else 0
