"""Gives freed memory back to the system: glibc keeps what lies between two used blocks."""

import asyncio
import ctypes
import sys
from collections.abc import Callable

EVERY_S = 20.0


async def tidy() -> None:
    """Give back every now and then; takes a millisecond or two. Nothing on other systems."""
    trim = _found()
    while trim is not None:
        await asyncio.sleep(EVERY_S)
        trim(0)


def _found() -> Callable[[int], object] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[[int], object] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # musl has no such call, and needs none
        return None
    return found
