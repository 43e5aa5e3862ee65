# ruff: noqa: E501
"""The model card: what it was trained on, how often it is right, and where it is not."""

from collections import Counter
from collections.abc import Sequence

import msgspec
import numpy as np

from hostdesk.analysis.classifier import Classifier, LexiconClassifier
from hostdesk.analysis.model import Stored
from hostdesk.analysis.rules import classify
from hostdesk.analysis.tables import Tables
from hostdesk.findings import Label, Lane
from model.examples import Example
from model.fitting import Flags, Vector

GUARDED = frozenset({Label.COMPLAINT, Label.SAFETY})


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the card tells of."""

    stored: Stored
    size: int
    examples: Sequence[Example]
    fingerprint: str
    unseen: dict[Label, tuple[Vector, Flags]]
    held: Sequence[Example]
    tables: Tables
    classifier: Classifier


def written(facts: Facts) -> str:
    """The card as Markdown."""
    stored = facts.stored
    runs = len(stored.written) + len(stored.heard)
    return "\n".join(
        [
            "# The comment model",
            "",
            "Written by `make model`; do not edit. It adds labels to what the lexicon finds "
            "(`hostdesk/analysis/trained.py`): linear, one classifier a label, over runs of characters as "
            "written and as heard, and over the lexicon's own findings.",
            "",
            f"- name `{stored.name}`, {runs:,} runs and {len(stored.hints)} hints, {facts.size:,} bytes",
            f"- trained on `{facts.fingerprint}`: {_sources(facts.examples)}",
            "- labels of our own lines: `tests/data/danmaku/GUIDE.md`; licences of the public sets: "
            "`tests/data/public/README.md`, NOTICE. The public sets only say whether a line is hostile.",
            "- COLD's own test set: not measured by this command (it is not in the data).",
            "",
            "## On our own training lines, each judged by a model that had not seen it",
            "",
            "| label | lines | added from | right where added | found |",
            "|---|---|---|---|---|",
            *_unseen(facts),
            "",
            "## On the held-out lines",
            "",
            "Written and labelled by one writer; **a second pass by other "
            "eyes has not been made yet**. Lexicon alone → lexicon and model.",
            "",
            "| kind | lines | complaint or safety found | flagged hostile | sent to 违规 |",
            "|---|---|---|---|---|",
            *_held(facts),
            "",
        ]
    )


def _sources(examples: Sequence[Example]) -> str:
    counted = Counter("our own" if each.line_id else each.source for each in examples)
    hidden = Counter(each.source for each in examples if each.source.endswith("+hidden"))
    ours = counted["our own"] - sum(
        1 for each in examples if each.line_id and each.source.endswith("+hidden")
    )
    told = [f"{ours:,} lines of our own"]
    told += [
        f"{count:,} of {name}"
        for name, count in sorted(counted.items())
        if name != "our own" and not name.endswith("+hidden")
    ]
    return ", ".join([*told, f"and {sum(hidden.values()):,} copies hidden by a script"])


def _unseen(facts: Facts) -> list[str]:
    rows = []
    for label, (said, holds) in facts.unseen.items():
        at = facts.stored.curves[label].holds_at
        if at >= 1.0:
            rows.append(f"| {label.value} | {int(holds.sum())} | not added | – | – |")
            continue
        above = said >= at
        right, found = holds[above].mean(), above[holds].mean()
        rows.append(
            f"| {label.value} | {int(holds.sum())} | {at:.2f} | {100 * right:.0f} % | {100 * found:.0f} % |"
        )
    return rows


def _held(facts: Facts) -> list[str]:
    lexicon = LexiconClassifier(facts.tables)
    rows = []
    for kind in dict.fromkeys(each.kind for each in facts.held):
        lines = [each for each in facts.held if each.kind == kind]
        before, after = (_shares(lines, facts.tables, by) for by in (lexicon, facts.classifier))
        cells = [f"{100 * b:.1f} → {100 * a:.1f} %" for b, a in zip(before, after, strict=True)]
        rows.append(f"| {kind} | {len(lines)} | {' | '.join(cells)} |")
    return rows


def _shares(lines: Sequence[Example], tables: Tables, by: Classifier) -> tuple[float, ...]:
    verdicts = [classify(each.text, tables, by) for each in lines]
    kept = [bool(GUARDED & set(each.labels)) for each in verdicts]
    hostile = [Label.HOSTILE in each.labels for each in verdicts]
    disposed = [each.lane is Lane.DISPOSE for each in verdicts]
    return float(np.mean(kept)), float(np.mean(hostile)), float(np.mean(disposed))
