"""Making what a recording holds fit to be kept: text, names, ids, times."""

import math
import re
from typing import Any

from hostdesk.events import AnyEvent

MAX_TEXT = 2_000
"""Characters kept of one comment; longer ones end in "…"."""
MAX_NAME = 100
BASE_MS = 1_704_067_200_000
"""2024-01-01T00:00:00Z: where a format tells only how long after the start."""
MAX_MS = 4_102_444_800_000
"""2100-01-01: a later time is not one."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff\ufffe\uffff]")
_SPACE = re.compile(r"[\t\n\v]+")


def text_of(value: object, limit: int = MAX_TEXT) -> str:
    """A string without control characters, cut to ``limit``; empty where it is none."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, dict | list) else str(value)[:limit]
    head = value[: limit * 2 + 1]
    plain = _CONTROL.sub("", _SPACE.sub(" ", head)).strip()
    return plain if len(plain) <= limit else plain[:limit] + "…"


def name_of(value: object) -> str:
    """A viewer's name."""
    return text_of(value, MAX_NAME)


def id_of(value: object) -> str:
    """An id as a string; numbers beyond 2^53 keep all their digits."""
    if isinstance(value, bool) or value is None:
        return ""
    return text_of(str(value), MAX_NAME)


def number_of(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # whatever it is, float says
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def whole_of(value: object, default: int = 0, most: int = 1 << 53) -> int:
    """A whole number between 0 and ``most``."""
    number = number_of(value)
    return default if number is None else int(min(max(number, 0), most))


def ms_of(value: object) -> int | None:
    """UTC milliseconds, if it is a time that can be."""
    number = number_of(value)
    return None if number is None or not 0 <= number <= MAX_MS else int(number)


def clock_ms(base_ms: int, seconds: object) -> int | None:
    """``seconds`` after ``base_ms``; a time before the start is the start."""
    number = number_of(seconds)
    if number is None or number > 10_000_000:
        return None
    return base_ms + int(max(number, 0.0) * 1000)


class Order:
    """Keeps times from going backwards; counts how often they did."""

    def __init__(self) -> None:
        self.last_ms = 0
        self.turned_back = 0

    def place(self, at_ms: int) -> int:
        """The time to use for an event that says ``at_ms``."""
        if at_ms < self.last_ms:
            self.turned_back += 1
            return self.last_ms
        self.last_ms = at_ms
        return at_ms


Row = dict[str, Any]
Events = list[AnyEvent]
