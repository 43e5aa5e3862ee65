"""Everything that trains or measures the model, in one shape.

Our own lines know every label; public sets know only whether a line is hostile.
"""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hostdesk.findings import Label

DATA = Path(__file__).parents[2] / "tests" / "data"
LINES = DATA / "danmaku" / "lines"
PUBLIC = DATA / "public"
COLUMNS = ["id", "lang", "labels", "kind", "text"]
LANGS = frozenset({"zh", "en", "mix"})
_KINDS = """rude_real complaint_insult complaint abuse abuse_cloaked group_abuse threat irony
    benign_trap hearsay accusation safety privacy ad prompt banter accident recovery question
    praise price minor legal chatter"""
KINDS = frozenset(_KINDS.split())


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A line and what is known of it."""

    text: str
    source: str
    """Name of its file."""
    labels: frozenset[Label]
    known: frozenset[Label]
    """Labels of which it is known whether they hold; of others nobody may learn from it."""
    kind: str = ""
    lang: str = "zh"
    line_id: str = ""
    weight: float = 1.0


class LineError(ValueError):
    """A line of our own data is not as the guide says."""


def our_lines(*, held: bool) -> list[Example]:
    """Our own lines: those that train, or those that are held out.

    Raises:
        LineError: a line is not as the guide says; it names file and line.
    """
    return [
        example
        for path in sorted(LINES.glob("*.tsv"))
        if path.name.startswith("held_") is held
        for example in read_lines(path)
    ]


def read_lines(path: Path) -> list[Example]:
    """The lines of one file.

    Raises:
        LineError: see `our_lines`.
    """
    rows = path.read_text(encoding="utf-8").splitlines()
    if rows[0].split("\t") != COLUMNS:
        raise LineError(f"{path.name}: the first line must be {COLUMNS}")
    return [_example(path.name, number, row) for number, row in enumerate(rows[1:], 2)]


def _example(name: str, number: int, row: str) -> Example:
    cells = row.split("\t")
    if len(cells) != len(COLUMNS):
        raise LineError(f"{name}:{number}: {len(cells)} cells")
    line_id, lang, labels, kind, text = cells
    if lang not in LANGS or kind not in KINDS or not text.strip():
        raise LineError(f"{name}:{number}: {lang=} {kind=} {text=}")
    try:
        held, doubtful = parse_labels(labels)
    except ValueError as exc:
        raise LineError(f"{name}:{number}: {exc}") from exc
    return Example(
        text=text,
        source=name.removesuffix(".tsv"),
        labels=held,
        known=frozenset(Label) - doubtful,
        kind=kind,
        lang=lang,
        line_id=line_id,
    )


def parse_labels(cell: str) -> tuple[frozenset[Label], frozenset[Label]]:
    """The labels that hold, and those that are in doubt.

    Raises:
        ValueError: a label that is none.
    """
    if cell == "-":
        return frozenset(), frozenset()
    words = cell.split()
    doubtful = frozenset(Label(word[:-1]) for word in words if word.endswith("?"))
    return frozenset(Label(word) for word in words if not word.endswith("?")), doubtful


HOSTILE = frozenset({Label.HOSTILE})


def public_lines() -> Iterator[Example]:
    """The public sets of ``tests/data/public``: licences in its README and in NOTICE."""
    for row in _rows("cold.csv.gz"):
        yield _public("cold", row["text"], is_hostile=row["label"] == "1")
    for row in _rows("swsr.csv.gz"):
        yield _public("swsr", row["text"], is_hostile=row["label"] == "1")
    for row in _rows("davidson.csv.gz"):
        yield _public("davidson", row["text"], is_hostile=row["label"] == "1", lang="en")
    for row in _rows("hatecheck.csv.gz"):
        yield _public("hatecheck", row["text"], is_hostile=row["label"] == "1")


def _public(source: str, text: str, *, is_hostile: bool, lang: str = "zh") -> Example:
    return Example(
        text=text,
        source=source,
        labels=HOSTILE if is_hostile else frozenset(),
        known=HOSTILE,
        lang=lang,
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    content = gzip.decompress((PUBLIC / name).read_bytes()).decode()
    yield from csv.DictReader(io.StringIO(content))


def fingerprint(examples: list[Example]) -> str:
    """A short hash of what was trained on, for the model card."""
    digest = hashlib.sha256()
    for each in examples:
        digest.update(f"{each.source}\t{sorted(each.labels)}\t{each.text}\n".encode())
    return digest.hexdigest()[:16]
