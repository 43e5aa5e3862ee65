"""Times and durations as people read them. Takes milliseconds; reads no clock."""

import functools
from datetime import UTC, datetime


def clock(at_ms: int) -> str:
    """Time of day with seconds, in this machine's zone: ``21:03:11``."""
    return _clock(at_ms // 1000)


def minute(at_ms: int) -> str:
    """Time of day without seconds: ``21:40``."""
    return clock(at_ms)[:5]


def duration(ms: int) -> str:
    """``00:42``, from one hour on ``01:23:45``; what lies ahead of its start is zero."""
    seconds = max(ms, 0) // 1000
    hours, rest = divmod(seconds, 3600)
    head = f"{hours:02d}:" if hours else ""
    return f"{head}{rest // 60:02d}:{rest % 60:02d}"


@functools.lru_cache(maxsize=4096)
def _clock(second: int) -> str:
    try:
        return datetime.fromtimestamp(second, UTC).astimezone().strftime("%H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return "--:--:--"
