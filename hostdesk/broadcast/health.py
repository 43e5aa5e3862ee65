"""From OBS's counters to `Health`: pure, one reader per connection."""

import hashlib
import math
from typing import Any

import msgspec

from hostdesk.broadcast.obs_answers import Input, Stats, StreamStatus
from hostdesk.events import Health, PictureState

SILENCE_DB = -100.0
"""What a level of zero is called."""

FROZEN_MS = 10_000
"""A camera has noise: two equal pictures in a row are rare, ten seconds of them are not."""

BLACK_MS = 4_000
"""A cut to black between two scenes is shorter."""

_PEAK = 1
"""InputVolumeMeters, per channel: magnitude, peak after fader and mute, peak before them."""


class _Counter:
    """Frames skipped of frames in all, since the last reading."""

    def __init__(self) -> None:
        self._skipped = 0
        self._total = 0
        self._fresh = True

    def receive(self, skipped: int, total: int) -> float | None:
        """The ratio since the last reading; None where nothing was sent meanwhile.

        Counters start again at 0 after a reconnect: then all of them is new.
        """
        restarted = total < self._total or skipped < self._skipped
        if self._fresh or restarted:
            new_skipped, new_total = (0, 0) if self._fresh else (skipped, total)
        else:
            new_skipped, new_total = skipped - self._skipped, total - self._total
        self._skipped, self._total, self._fresh = skipped, total, False
        return min(1.0, new_skipped / new_total) if new_total > 0 else None


class HealthReader:
    """Turns each pair of answers into a reading."""

    def __init__(self) -> None:
        self._sent = _Counter()
        self._encoded = _Counter()

    def receive(self, stats: Stats, stream: StreamStatus, at_ms: int) -> Health:
        """Read one pair. Ratio and congestion are None while nothing is sent.

        Frames that the uplink dropped and frames that the encoder was too slow for
        both miss in the viewers' picture: the worse of the two is told.
        """
        sent = self._sent.receive(stream.output_skipped_frames, stream.output_total_frames)
        encoded = self._encoded.receive(stats.output_skipped_frames, stats.output_total_frames)
        ratios = [ratio for ratio in (sent, encoded) if ratio is not None]
        live = stream.output_active
        return Health(
            at_ms=at_ms,
            fps=round(stats.active_fps, 1),
            skipped_ratio=max(ratios) if live and ratios else None,
            congestion=stream.output_congestion if live else None,
        )


class MicMeter:
    """The loudest that the microphone was since it was last asked."""

    def __init__(self) -> None:
        self._mics: frozenset[str] = frozenset()
        self._peak: float | None = None

    def choose(self, special: dict[str, Any], inputs: tuple[Input, ...]) -> None:
        """Find the microphones: OBS's own mic slots, else capture devices, else any sound."""
        slots = {str(name) for slot, name in special.items() if slot.startswith("mic") and name}
        captures = {i.input_name for i in inputs if "input_capture" in (i.input_kind or "")}
        self._mics = frozenset(slots or captures)

    def receive(self, meters: dict[str, Any]) -> None:
        """Take the data of one InputVolumeMeters event (about 20 a second)."""
        try:
            told = msgspec.convert(meters, _Meters)
        except msgspec.ValidationError:
            return  # a meter that cannot be read is no reason to lose the show
        levels = [
            channel[_PEAK]
            for entry in told.inputs
            if not self._mics or entry.input_name in self._mics
            for channel in entry.input_levels_mul
            if len(channel) > _PEAK
        ]
        if levels:
            self._peak = max(self._peak or 0.0, *levels)

    def take_db(self) -> float | None:
        """The peak in dB full scale since the last call; None where nothing was heard of."""
        peak, self._peak = self._peak, None
        if peak is None:
            return None
        return round(max(SILENCE_DB, 20 * math.log10(peak)), 1) if peak > 0 else SILENCE_DB


class PictureWatch:
    """Says when the programme's picture stands still or is black."""

    def __init__(self) -> None:
        self._scene = ""
        self._digest = b""
        self._moved = False
        self._same_since_ms = 0
        self._black_since_ms: int | None = None

    def receive(self, scene: str, screenshot: bytes, *, black: bool, at_ms: int) -> PictureState:
        """Take one small screenshot of ``scene``.

        A slide never moves: only a scene that has moved before can be frozen.
        """
        digest = hashlib.blake2b(screenshot, digest_size=16).digest()
        if scene != self._scene:
            self._scene, self._moved = scene, False
            self._digest, self._same_since_ms = digest, at_ms
        elif digest != self._digest:
            self._moved, self._digest, self._same_since_ms = True, digest, at_ms
        self._black_since_ms = (self._black_since_ms or at_ms) if black else None
        if self._black_since_ms and at_ms - self._black_since_ms >= BLACK_MS:
            return "black"
        frozen = self._moved and at_ms - self._same_since_ms >= FROZEN_MS
        return "frozen" if frozen else "ok"


class _Meter(msgspec.Struct, rename="camel"):
    input_name: str = ""
    input_levels_mul: tuple[tuple[float, ...], ...] = ()


class _Meters(msgspec.Struct):
    inputs: tuple[_Meter, ...] = ()
