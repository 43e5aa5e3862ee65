"""Fits the shipped model: every label for itself, then only the runs that matter are kept."""

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from scipy import sparse

from hostdesk.analysis.classifier import Judgement, LexiconClassifier
from hostdesk.analysis.model import LABELS, TOP, Curve, Stored
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Tables
from hostdesk.findings import Label
from model import fitting
from model.cloak import Cloaker
from model.examples import Example, our_lines, public_lines
from model.fitting import HINT_WEIGHT, Columns, Fitted, Flags, Vector

VERSION = 1
SEED = 20_261_123
FOLDS = 5
KEPT_RUNS = 60_000
OUR_WEIGHT = 5.0
"""A line of a live room counts as much as so many lines of a public set."""
CLOAKED_WEIGHT = 0.5
"""What a line that was hidden by a script counts, of the line that it was made from."""
COST = 0.3
SAMPLE = 8
"""Of the public sets every so many lines stand for all while folds are left out."""
HIDDEN = ("cold", "hatecheck")
"""Public sets of which hidden copies train as well."""
_HIDDEN = "+hidden"


class Trained(msgspec.Struct, frozen=True):
    """A model, and what it said of our own lines while it had not seen them."""

    stored: Stored
    unseen: dict[Label, tuple[Vector, Flags]]
    """Of each label: probabilities, and whether it holds."""


def training_lines(syllables: dict[str, str]) -> list[Example]:
    """Our lines, the public sets, and hidden copies of both."""
    cloaker = Cloaker(syllables, SEED)
    ours = [msgspec.structs.replace(each, weight=OUR_WEIGHT) for each in our_lines(held=False)]
    plain = ours + list(public_lines())
    return plain + [
        _hidden(each, cloaker) for each in plain if each.source in HIDDEN or each.line_id
    ]


def _hidden(example: Example, cloaker: Cloaker) -> Example:
    return msgspec.structs.replace(
        example,
        text=cloaker.any(example.text),
        source=example.source + _HIDDEN,
        weight=example.weight * CLOAKED_WEIGHT,
    )


def read(tables: Tables, texts: Sequence[str]) -> list[tuple[Normal, Judgement]]:
    """Each text as the model sees it."""
    lexicon = LexiconClassifier(tables)
    return [(normal, lexicon.judge(normal)) for normal in map(tables.read, texts)]


def train(examples: Sequence[Example], tables: Tables, say: Callable[[str], object]) -> Trained:
    """Fit every label; ``say`` is told how far it is."""
    looked_at = read(tables, [each.text for each in examples])
    columns = Columns(looked_at)
    rows = columns.learned
    say(f"{rows.shape[0]} lines, {rows.shape[1]} columns")
    lines = _Lines(examples)
    fitted: dict[Label, Fitted] = {}
    curves: dict[Label, Curve] = {}
    unseen: dict[Label, tuple[Vector, Flags]] = {}
    for label in LABELS:
        fitted[label], curves[label], unseen[label] = _fit_label(label, lines, rows)
        say(f"{label}: holds in {int(unseen[label][1].sum())} of our lines")
    kept = _worth_keeping(rows, list(fitted.values()), columns)
    return Trained(_stored(columns, kept, fitted, curves, tables), unseen)


class _Lines:
    """What is known of the lines, as columns."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = examples
        self.weight = np.array([each.weight for each in examples])
        self.is_ours = np.array([bool(each.line_id) for each in examples])
        self.is_sampled = np.arange(len(examples)) % SAMPLE == 0
        self.is_plain = np.array([not each.source.endswith(_HIDDEN) for each in examples])
        numbers: dict[str, int] = {}
        for each in examples:
            if each.line_id:
                numbers.setdefault(each.line_id, len(numbers) % FOLDS)
        # a hidden copy lies in the fold of its line
        self.fold = np.array([numbers.get(each.line_id, -1) for each in examples])

    def known(self, label: Label) -> Flags:
        return np.array([label in each.known for each in self.examples])

    def holds(self, label: Label) -> Flags:
        return np.array([label in each.labels for each in self.examples])


def _fit_label(
    label: Label, lines: _Lines, rows: sparse.csr_matrix
) -> tuple[Fitted, Curve, tuple[Vector, Flags]]:
    known, holds = lines.known(label), lines.holds(label)
    scores = np.zeros(rows.shape[0])
    asked_of = known & (lines.is_ours | lines.is_sampled)
    for number in range(FOLDS):
        inside, out = asked_of & (lines.fold != number), lines.fold == number
        part = fitting.fit(rows[inside], holds[inside], lines.weight[inside], COST, SEED)
        scores[out] = fitting.score(part, rows[out])
    asked = known & lines.is_ours & lines.is_plain
    slope, offset = fitting.calibrate(scores[asked], holds[asked])
    whole = fitting.fit(rows[known], holds[known], lines.weight[known], COST, SEED)
    scale = float(np.abs(whole.weights).max()) / TOP
    curve = Curve(scale=scale, bias=whole.bias, slope=slope, offset=offset)
    said = 1.0 / (1.0 + np.exp(-(slope * scores[asked] + offset)))
    return whole, curve, (said, holds[asked])


def _worth_keeping(rows: sparse.csr_matrix, fitted: Sequence[Fitted], columns: Columns) -> Flags:
    """The runs that move a decision most; all hints."""
    seen = np.sqrt(np.asarray((rows != 0).sum(axis=0)).ravel())
    worth = np.max([np.abs(each.weights) / np.abs(each.weights).max() for each in fitted], axis=0)
    worth = worth * seen
    worth[-len(columns.names[2]) :] = np.inf
    least = np.sort(worth)[-min(KEPT_RUNS, len(worth))]
    return np.asarray(worth >= least)


def _stored(
    columns: Columns,
    kept: Flags,
    fitted: dict[Label, Fitted],
    curves: dict[Label, Curve],
    tables: Tables,
) -> Stored:
    cells = np.stack(
        [np.rint(fitted[label].weights / curves[label].scale) for label in LABELS], axis=1
    ).astype("<i2")
    parts: list[list[str]] = []
    weights: list[bytes] = []
    start = 0
    for names in columns.names:
        inside = kept[start : start + len(names)]
        parts.append([name for name, is_kept in zip(names, inside, strict=True) if is_kept])
        weights.append(cells[start : start + len(names)][inside].tobytes())
        start += len(names)
    return Stored(
        version=VERSION,
        name="",
        sounds=tables.canon.name,
        curves=curves,
        hint_weight=HINT_WEIGHT,
        written=parts[0],
        written_weights=weights[0],
        heard=parts[1],
        heard_weights=weights[1],
        hints=parts[2],
        hint_weights=weights[2],
    )
