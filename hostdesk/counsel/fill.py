"""Filling the slots of a wording: ``{slot}``, and parts in ``[brackets]`` that may fall away."""

import re
from collections.abc import Mapping

import msgspec

FIVE_MINUTES_MS = 300_000
DAY_MINUTES = 1440

_SLOT = re.compile(r"\{([a-z0-9_]+)\}")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


class Filled(msgspec.Struct, frozen=True):
    """A wording with its slots filled as far as values are known."""

    text: str
    missing: tuple[str, ...] = ()
    """Slots without a value; they stand as ``{slot}`` in ``text``."""


def slots_of(text: str) -> tuple[str, ...]:
    """The slots of a wording, in the order of their first use."""
    return tuple(dict.fromkeys(_SLOT.findall(text)))


def fill(text: str, slots: Mapping[str, str], defaults: Mapping[str, str] | None = None) -> Filled:
    """Put values into ``text``.

    A slot without a value takes its default. A part in square brackets in which a slot has
    neither is left out. What is still open is listed as missing.
    """
    values = _usable(defaults or {}) | _usable(slots)
    kept = _OPTIONAL.sub(lambda part: _kept(part.group(1), values), text)
    missing = tuple(name for name in slots_of(kept) if name not in values)
    return Filled(_SLOT.sub(lambda slot: values.get(slot.group(1), slot.group(0)), kept), missing)


def clock(at_ms: int, zone_offset_min: int) -> str:
    """A deadline as it is said: HH:MM of the show's zone, rounded up to the next five minutes."""
    rounded_ms = -(-at_ms // FIVE_MINUTES_MS) * FIVE_MINUTES_MS
    minutes = (rounded_ms // 60_000 + zone_offset_min) % DAY_MINUTES
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _kept(part: str, values: Mapping[str, str]) -> str:
    return part if all(name in values for name in slots_of(part)) else ""


def _usable(slots: Mapping[str, str]) -> dict[str, str]:
    """Values on one line; an empty one is none."""
    tidy = {name: " ".join(value.split()) for name, value in slots.items()}
    return {name: value for name, value in tidy.items() if value}
