"""Reading ``resources/lexicons``: one TSV of terms per locale, and two tables of characters."""

import sys
from collections.abc import Iterator

from hostdesk.analysis.lexicon import Entry, problem_of
from hostdesk.analysis.tables import Tables
from hostdesk.content import files
from hostdesk.content.model import load_model
from hostdesk.errors import ContentError

LOCALES = ("zh", "en")
FOLDER = "lexicons"
COLUMNS = ("term", "kind", "topic", "weight", "how", "source")


def names() -> list[str]:
    """The content files that decide how comments are judged, for `files.fingerprint`."""
    tables = ("simplified", "syllables")
    return [f"{FOLDER}/{name}.tsv" for name in (*LOCALES, *tables)]


def load_tables() -> Tables:
    """Everything the analysis needs to know; all locales, because rooms mix them.

    Raises:
        ContentError: a row is wrong; it names file, line and field.
    """
    entries = [entry for locale in LOCALES for entry in _entries(f"{FOLDER}/{locale}.tsv")]
    tables = Tables(entries, _simplified(), syllables())
    tables.use_model(load_model(tables.canon.name))
    return tables


def _entries(name: str) -> Iterator[Entry]:
    for line, cells in files.read_tsv(name):
        entry = _entry(name, line, cells)
        problem = problem_of(entry)
        if problem:
            field, detail = problem
            raise ContentError(file=name, entry=str(line), field=field, detail=detail)
        yield entry


def _entry(name: str, line: int, cells: list[str]) -> Entry:
    # interned: kinds, topics and sources are the same few words in thousands of rows
    row = dict(zip(COLUMNS, (sys.intern(cell.strip()) for cell in cells), strict=False))
    try:
        weight = float(row.get("weight") or 0)
    except ValueError as exc:
        raise ContentError(file=name, entry=str(line), field="weight", detail=str(exc)) from exc
    return Entry(
        term=row["term"],
        kind=row.get("kind", ""),
        topic=row.get("topic", ""),
        weight=weight,
        how=row.get("how", ""),
        source=row.get("source", ""),
    )


def _simplified() -> dict[str, str]:
    rows = _pairs(f"{FOLDER}/simplified.tsv")
    return {old: new for new, olds in rows for old in olds}


def syllables() -> dict[str, str]:
    """How each character sounds, without its tone."""
    return dict(_pairs(f"{FOLDER}/syllables.tsv"))


def _pairs(name: str) -> Iterator[tuple[str, str]]:
    for line, cells in files.read_tsv(name):
        if len(cells) != 2 or not all(cells):
            raise ContentError(file=name, entry=str(line), field="characters", detail="")
        yield cells[0], cells[1]
