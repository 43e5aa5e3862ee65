"""``make model``: train, choose thresholds on unseen lines, measure, write weights and card."""

import hashlib
import sys
from pathlib import Path

import msgspec
import numpy as np

from hostdesk.analysis.model import LABELS, Model, Stored
from hostdesk.analysis.trained import ADDS, TrainedClassifier
from hostdesk.content import lexicons
from hostdesk.content.model import NAME, packed
from hostdesk.findings import Label
from model import card
from model.examples import fingerprint, our_lines
from model.train import Trained, train, training_lines

ROOT = Path(__file__).parents[2]
CARD = ROOT / "docs" / "model.md"
PRECISE: dict[Label, float] = {Label.HOSTILE: 0.92}
"""How often a label must be right where it is added, on lines that were not seen."""
USUALLY = 0.85
LEAST_AT = 0.3


def main() -> int:
    """Write ``resources/model/labels.bin`` and ``docs/model.md``; 0."""
    tables = lexicons.load_tables()
    examples = training_lines(lexicons.syllables())
    trained = train(examples, tables, _say)
    stored = _named(_with_thresholds(trained))
    path = ROOT / "resources" / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed(stored))
    tables.use_model(Model(stored, tables.canon.name))
    facts = card.Facts(
        stored=stored,
        size=path.stat().st_size,
        examples=examples,
        fingerprint=fingerprint(examples),
        unseen=trained.unseen,
        held=our_lines(held=True),
        tables=tables,
        classifier=TrainedClassifier(tables),
    )
    CARD.write_text(card.written(facts), encoding="utf-8")
    _say(f"{path}: {path.stat().st_size} bytes; {CARD}")
    return 0


def _with_thresholds(trained: Trained) -> Stored:
    """From which probability on a label is added: where it is right often enough."""
    curves = dict(trained.stored.curves)
    for label in LABELS:
        said, holds = trained.unseen[label]
        at = _least_precise(said, holds, PRECISE.get(label, USUALLY)) if label in ADDS else 1.0
        curves[label] = msgspec.structs.replace(curves[label], holds_at=at, unsure_from=at)
    return msgspec.structs.replace(trained.stored, curves=curves)


def _least_precise(said: "np.ndarray", holds: "np.ndarray", wanted: float) -> float:
    """The least probability above which ``wanted`` of the lines hold; 1 where that is nowhere."""
    for at in np.arange(LEAST_AT, 0.96, 0.01):
        above = said >= at
        if above.sum() >= 5 and holds[above].mean() >= wanted:
            return round(float(at), 2)
    return 1.0


def _named(stored: Stored) -> Stored:
    digest = hashlib.sha256(msgspec.msgpack.encode(stored)).hexdigest()[:12]
    return msgspec.structs.replace(stored, name=digest)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
