"""Times as shops write them."""

import contextlib
import datetime
import re

_NUMBERS = re.compile(r"\d+")
_HALF = re.compile(r"(?i)(?<![a-z])([ap])\.?m\.?(?![a-z])|(上午|下午)")
_ZONE = re.compile(r"(?:Z|([+-])(\d\d):?(\d\d))$")
_PLAIN_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?", re.ASCII)
_UNIX_S = range(946_684_800, 4_102_444_800)


def moment_ms(text: str, zone: datetime.tzinfo) -> int | None:
    """UTC milliseconds of a time as shops write it; None where it cannot be told.

    "03/04/2026" may be March or April: not told. Without a clock time it is midnight.
    """
    text = text.strip()[:40]
    if _PLAIN_TIME.fullmatch(text):
        with contextlib.suppress(ValueError, OverflowError):
            local = datetime.datetime.fromisoformat(text).replace(tzinfo=zone)
            return round(local.timestamp() * 1000)
        return None
    if text.isascii() and text.isdigit() and (unix := _unix_ms(text)):
        return unix
    if found := _ZONE.search(text):
        minutes = int(found[2] or 0) * 60 + int(found[3] or 0)
        with contextlib.suppress(ValueError):
            offset = datetime.timedelta(minutes=-minutes if found[1] == "-" else minutes)
            zone = datetime.timezone(offset)
            text = text[: found.start()]
    half = _HALF.search(text)
    numbers = [int(number) for number in _NUMBERS.findall(text)[:6]]
    day = _day(numbers[:3])
    if day is None:
        return None
    hour, minute, second = (*numbers[3:], 0, 0, 0)[:3]
    if half is not None:
        hour = hour % 12 + (12 if half[0][0] in "pP下" else 0)
    try:
        local = datetime.datetime(*day, hour, minute, second, tzinfo=zone)
        return round(local.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _day(numbers: list[int]) -> tuple[int, int, int] | None:
    if len(numbers) < 3:
        return None
    first, second, third = numbers
    if first > 31:
        return first, second, third
    if third < 1_900 or (first <= 12 and second <= 12 and first != second):
        return None
    return (third, first, second) if second > 12 or first == second else (third, second, first)


def _unix_ms(digits: str) -> int | None:
    number = int(digits)
    if number in _UNIX_S:
        return number * 1000
    return number if number // 1000 in _UNIX_S else None
