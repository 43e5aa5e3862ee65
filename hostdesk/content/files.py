"""Finding and reading content files: the user's own wins over the shipped one."""

import csv
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hostdesk import paths
from hostdesk.errors import ContentError

T = TypeVar("T")


def locate(name: str) -> Path:
    """The file to read for ``name`` ("replies/core.toml")."""
    own = paths.own_content() / name
    return own if own.is_file() else paths.resources() / name


def listing(folder: str, suffix: str) -> list[str]:
    """Names of all content files in ``folder``, shipped and own, sorted."""
    found: set[str] = set()
    for root in (paths.resources(), paths.own_content()):
        found |= {f"{folder}/{file.name}" for file in (root / folder).glob(f"*{suffix}")}
    return sorted(found)


def read_toml(name: str) -> dict[str, Any]:
    """One TOML file.

    Raises:
        ContentError: not TOML (``detail`` has the line), or not UTF-8.
    """
    try:
        return tomllib.loads(locate(name).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as exc:
        raise ContentError(file=name, entry="", field="", detail=str(exc)) from exc


def read_entries(name: str, table: str, kind: type[T]) -> list[T]:
    """The ``[[table]]`` entries of one TOML file as ``kind``.

    Raises:
        ContentError: with the entry's id (or number) and the field that is wrong.
    """
    entries = read_toml(name).get(table, [])
    return [_convert(name, number, entry, kind) for number, entry in enumerate(entries, 1)]


def read_tsv(name: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each line of a TSV file; ``#`` starts a comment line.

    Raises:
        ContentError: not UTF-8, or unreadable.
    """
    try:
        text = locate(name).read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as exc:
        raise ContentError(file=name, entry="", field="", detail=str(exc)) from exc
    rows = csv.reader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    for number, cells in enumerate(rows, 1):
        if cells and not cells[0].startswith("#"):
            yield number, cells


def fingerprint(names: list[str]) -> str:
    """A short hash of these files' bytes, for `ShowOpened`."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode())
        digest.update(locate(name).read_bytes())
    return digest.hexdigest()[:16]


def _convert(name: str, number: int, entry: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as exc:
        text = str(exc)
        field = (
            text.partition("`$.")[2].rstrip("`") or text.partition("field `")[2].partition("`")[0]
        )
        entry_id = str(entry.get("id", number))
        raise ContentError(file=name, entry=entry_id, field=field, detail=text) from exc
