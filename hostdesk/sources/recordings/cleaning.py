"""Values as recorders wrote them, made fit for the desk. Nothing here raises."""

import datetime
import math
import re
from typing import Any

MAX_TEXT = 2_000
"""Characters of a comment that are kept; a longer one ends with "…"."""
MAX_NAME = 64
MAX_ID = 128

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\n\r\u2028\u2029]+")
_MAX_INT = 10**17


def text(value: object, limit: int = MAX_TEXT) -> str:
    """``value`` as one line without control characters; "" where it is no text."""
    if not isinstance(value, str):
        return ""
    cut = len(value) > limit
    kept = value[: limit + 1_000] if cut else value
    if not kept.isprintable():
        kept = _BREAKS.sub(" ", _UNFIT.sub("", kept))
    return kept[:limit] + "…" if cut else kept


def name(value: object) -> str:
    """A viewer's name."""
    return text(value, MAX_NAME).strip()


def identity(value: object) -> str:
    """An id as text, also where it was written as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**24 else ""
    return text(value, MAX_ID).strip()


def whole(value: object) -> int | None:
    """A whole number of sensible size, also from text ("12.0"); None where it is none."""
    number = real(value)
    return None if number is None else round(number)


def real(value: object) -> float | None:
    """A finite number of sensible size; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value[:40] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= _MAX_INT else None


def count(value: object) -> int:
    """How many; 1 where it is not told."""
    number = whole(value)
    return number if number is not None and number > 0 else 1


def offset_ms(seconds: object) -> int | None:
    """An offset in seconds as milliseconds."""
    number = real(seconds)
    return None if number is None else round(number * 1000)


def iso_ms(value: object) -> int | None:
    """UTC milliseconds of an ISO 8601 time; without a zone it is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(value.strip()[:64])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def micro_ms(value: object) -> int | None:
    """A unix time in microseconds as milliseconds."""
    number = real(value)
    return None if number is None or number <= 0 else round(number / 1000)


def unix_ms(value: object) -> int | None:
    """A unix time in seconds or in milliseconds (from 10^11 on) as milliseconds."""
    number = real(value)
    if number is None or number <= 0:
        return None
    return round(number if number >= 1e11 else number * 1000)


def mapping(value: object) -> dict[str, Any]:
    """``value`` where it is an object; an empty one otherwise."""
    return value if isinstance(value, dict) else {}


def listing(value: object) -> list[Any]:
    """``value`` where it is a list; an empty one otherwise."""
    return value if isinstance(value, list) else []
