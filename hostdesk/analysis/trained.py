"""The lexicon and the trained model as one classifier: words first, then what they are like.

The lexicon's findings stand. The model adds labels that no listed word gave away ("穿一次就
进垃圾桶了"), and it adds abuse only where nothing sounds like a complaint: a rude buyer with
a real problem is answered, never disposed of.
"""

import msgspec

from hostdesk.analysis.classifier import Classifier, Judgement, LexiconClassifier, Mark
from hostdesk.analysis.model import LABELS, Model, chance_of
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Tables
from hostdesk.findings import Label

ADDS = (
    Label.COMPLAINT, Label.SAFETY, Label.RUMOUR, Label.SPAM, Label.PRIVACY, Label.LEGAL,
    Label.MINOR, Label.HOSTILE,
)  # fmt: skip
"""Labels that the model may add. Accidents, questions and prices are counted by topic: words."""
_ADDS = tuple(LABELS.index(label) for label in ADDS)
_COMPLAINT, _HOSTILE = LABELS.index(Label.COMPLAINT), LABELS.index(Label.HOSTILE)
LEAST = 3
"""Characters: below, a comment says too little about itself."""
RATIO = 2.0
"""Abuse must be so many times as likely as a complaint."""
_HALF = 0.5
_SURE = 0.95
_SPAN = 6
"""Characters of the span that is shown for a label which no listed word explains."""


class TrainedClassifier:
    """Fits `hostdesk.analysis.classifier.Classifier`."""

    def __init__(self, tables: Tables) -> None:
        """``tables`` has a model; it is asked for there, so that no checkpoint holds it."""
        self._lexicon, self._tables = LexiconClassifier(tables), tables

    def judge(self, normal: Normal) -> Judgement:
        """What ``normal`` says."""
        judged, model = self._lexicon.judge(normal), self._tables.model
        if model is None or judged.echo or judged.recovery or len(normal.text) < LEAST:
            return judged
        logits = model.logits(normal, judged)
        added = {
            LABELS[at]: _score(model, at, logits[at])
            for at in _ADDS
            if logits[at] >= model.holds_from[at] and judged.scores.get(LABELS[at], 0.0) < _HALF
        }
        _guard(added, judged, logits)
        if not added:
            return judged
        support = any(mark.support for mark in judged.marks)
        marks = tuple(
            _mark(model, normal, label, score, support=support) for label, score in added.items()
        )
        return msgspec.structs.replace(
            judged, scores={**judged.scores, **added}, marks=(*judged.marks, *marks)
        )


def classifier_of(tables: Tables) -> Classifier:
    """The best one that there is."""
    return TrainedClassifier(tables) if tables.model is not None else LexiconClassifier(tables)


def _score(model: Model, at: int, logit: float) -> float:
    """The probability, moved so that one half is where the label holds."""
    least = model.curves[LABELS[at]].holds_at
    return round(_HALF + _HALF * (chance_of(logit) - least) / (1.0 - least), 3)


def _guard(added: dict[Label, float], judged: Judgement, logits: list[float]) -> None:
    """Take back what is not to be added: abuse beside a complaint, either beside a question."""
    if Label.HOSTILE in added and not _is_abuse(logits):
        del added[Label.HOSTILE]
    if judged.scores.get(Label.QUESTION, 0.0) >= _HALF:
        for label in (Label.HOSTILE, Label.COMPLAINT):
            if added.get(label, 1.0) < _SURE:
                del added[label]


def _is_abuse(logits: list[float]) -> bool:
    """Whether it is abuse rather than a rude complaint."""
    return chance_of(logits[_HOSTILE]) >= RATIO * chance_of(logits[_COMPLAINT])


def _mark(model: Model, normal: Normal, label: Label, score: float, *, support: bool) -> Mark:
    """``support``: the listed words beside it say that it is one order's after-sales."""
    start, end = _heaviest(model.places(normal, label))
    return Mark(start, end, label, "", score, support)


def _heaviest(weights: list[float]) -> tuple[int, int]:
    """The run of at most `_SPAN` characters that speaks most for a label."""
    best, at = float("-inf"), 0
    for start in range(max(1, len(weights) - _SPAN + 1)):
        weight = sum(weights[start : start + _SPAN])
        if weight > best:
            best, at = weight, start
    return at, min(at + _SPAN, len(weights))
