"""A show out as a show file (``.jsonl``): for archives, other tools and bug reports."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from hostdesk.errors import DiskFullError
from hostdesk.events import AnyEvent, Tick
from hostdesk.findings import Derived
from hostdesk.journal.masking import Mask, people
from hostdesk.journal.reader import ShowReader

_EMPTY: tuple[object, ...] = (None, "", [], {})
_ALWAYS = frozenset({"kind", "at_ms", "text", "author_id", "state", "until_ms", "source"})
_ENCODER = msgspec.json.Encoder()


def export_show(
    show: Path, out: Path, *, masked: bool = False, salt: bytes = b"", locale: str = "zh"
) -> int:
    """Write the show to ``out``, one event a line in order of time; returns how many lines.

    Beside the events stand what was asked, answered, issued and concluded; importers pass
    over those kinds. ``masked``: nobody can be told from the file; ``salt`` must then be random
    bytes made for this export (and be forgotten), ``locale`` names the viewers.

    Raises:
        JournalError: the show cannot be read, or ``out`` cannot be written (DiskFullError).
    """
    with ShowReader(show) as reader:
        mask = _mask_of(reader, salt, locale) if masked else None
        half = out.with_name(f"{out.name}.part")
        try:
            lines = _write(half, _rows(reader), mask)
            half.replace(out)
        except OSError as exc:
            half.unlink(missing_ok=True)
            raise DiskFullError(path=str(out)) from exc
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    return lines


def _mask_of(reader: ShowReader, salt: bytes, locale: str) -> Mask:
    if len(salt) < 16:
        raise ValueError("a masked export needs at least 16 random bytes as its salt")
    mask = Mask(salt, locale)
    for author_id, name in people(event for _, _, event in reader.events()):
        mask.knows(author_id, name)
    return mask


def _write(out: Path, rows: Iterator[dict[str, Any]], mask: Mask | None) -> int:
    lines = 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(out, flags, 0o600), "wb") as stream:
        for row in rows:
            stream.write(_ENCODER.encode(mask.row(row) if mask else row) + b"\n")
            lines += 1
    return lines


def _rows(reader: ShowReader) -> Iterator[dict[str, Any]]:
    """Events, each followed by what was concluded and issued; time never goes back."""
    conclusions = reader.derived()
    waiting = next(conclusions, None)
    commands = iter(reader.commands())
    issued = next(commands, None)
    at_ms = 0
    for seq, _, event in reader.events():
        at_ms = max(at_ms, event.at_ms)
        if not isinstance(event, Tick):
            yield _row(event, at_ms)
        while waiting is not None and waiting[0] <= seq:
            yield _row(waiting[1], at_ms)
            waiting = next(conclusions, None)
        while issued is not None and issued[0] <= seq:
            yield _row(issued[1], at_ms)
            issued = next(commands, None)


def _row(each: AnyEvent | Derived | msgspec.Struct, at_ms: int) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(each)
    told = {key: value for key, value in row.items() if key in _ALWAYS or value not in _EMPTY}
    told.pop("at_ms", None)
    return {"kind": told.pop("kind"), "at_ms": at_ms, **told}
