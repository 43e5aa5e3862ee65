"""The clocks of the composition roots: the only readers of the time of day."""

import time


def now_ms() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def zone_offset_min() -> int:
    """Minutes that local time is ahead of UTC now."""
    return (time.localtime().tm_gmtoff or 0) // 60


class SteadyClock:
    """Wall time at start plus monotonic time since: never jumps by itself.

    A jump of the system's clock is seen by comparing with `now_ms`.
    """

    def __init__(self) -> None:
        self._wall = now_ms()
        self._steady = time.monotonic()

    def __call__(self) -> int:
        """UTC milliseconds since 1970."""
        return self._wall + round((time.monotonic() - self._steady) * 1000)

    def follow(self, by_ms: int) -> None:
        """The wall clock jumped ahead (the machine slept). Back it is never followed: the
        order of events would break."""
        self._wall += max(by_ms, 0)


class ReplayClock:
    """The time of a recording that is played ``speed`` times as fast as it happened."""

    def __init__(self, start_ms: int, speed: float) -> None:
        self._speed = speed
        self.start_over(start_ms)

    def start_over(self, start_ms: int) -> None:
        """It is ``start_ms`` now."""
        self._start_ms = start_ms
        self._steady = time.monotonic()

    def __call__(self) -> int:
        """UTC milliseconds since 1970, in the recording's time."""
        elapsed = time.monotonic() - self._steady
        return self._start_ms + round(elapsed * 1000 * self._speed)


class EventClock:
    """The time of the newest event: for recordings played as fast as can be."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def __call__(self) -> int:
        """UTC milliseconds since 1970, in the recording's time."""
        return self._now_ms

    def seen(self, at_ms: int) -> None:
        """An event of this time came."""
        self._now_ms = max(self._now_ms, at_ms)
