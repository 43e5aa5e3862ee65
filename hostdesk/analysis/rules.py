"""From scores to labels, topic and lane: the rules that protect a complaint."""

from collections.abc import Sequence

from hostdesk.analysis.classifier import Classifier, Judgement, Mark
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Tables
from hostdesk.analysis.trained import classifier_of
from hostdesk.findings import Label, Lane, Span, Verdict

SET_AT = 0.5
"""A label holds from this score on."""

_ALL = tuple(Label)
_UNSURE = (0.35, 0.6)
_LISTED_ABOVE = 0.05

_TOPIC_ORDER = (
    Label.SAFETY,
    Label.MINOR,
    Label.COMPLAINT,
    Label.LEGAL,
    Label.PRICE,
    Label.ACCIDENT,
    Label.PRIVACY,
    Label.RUMOUR,
    Label.SPAM,
    Label.HOSTILE,
    Label.QUESTION,
    Label.PRAISE,
)
"""Whose topic names the comment when several labels hold."""

LEAK = "leak"
"""Topic of "the address can be seen": a warning to answer, not a breach to dispose of."""


ORDER_TROUBLE = "order"
"""Topic of "I could not pay, does my order stand?": a question that cannot wait for a group."""


def to_verdict(seq: int, normal: Normal, judged: Judgement) -> Verdict:
    """The verdict on one comment."""
    if not judged.scores:
        return Verdict(seq=seq)
    held = {label for label, score in judged.scores.items() if score >= SET_AT}
    labels = tuple(label for label in _ALL if label in held) if held else ()
    main = _main_mark(labels, judged.marks)
    topic = main.topic.partition("/")[0] if main else ""
    return Verdict(
        seq=seq,
        labels=labels,
        scores={
            label.value: score for label, score in judged.scores.items() if score > _LISTED_ABOVE
        },
        spans=_spans(normal, labels, judged.marks),
        lane=lane_of(labels, topic, support=_for_support(labels, judged.marks)),
        topic=topic,
        unsure=any(_UNSURE[0] <= score < _UNSURE[1] for score in judged.scores.values()),
    )


def lane_of(labels: Sequence[Label], topic: str, *, support: bool) -> Lane | None:
    """Where the comment is dealt with. A complaint is never disposed of."""
    held = frozenset(labels)
    if Label.SAFETY in held:
        return Lane.ANSWER
    if held & {Label.COMPLAINT, Label.LEGAL, Label.MINOR}:
        return Lane.SUPPORT if support else Lane.ANSWER
    if Label.ACCIDENT in held:
        return Lane.ACCIDENT
    if Label.PRIVACY in held:
        return Lane.ANSWER if topic == LEAK else Lane.DISPOSE
    if Label.SPAM in held:
        return Lane.DISPOSE
    if Label.RUMOUR in held:
        return Lane.VERIFY
    if Label.HOSTILE in held:
        return Lane.DISPOSE
    return Lane.ANSWER if topic == ORDER_TROUBLE and Label.QUESTION in held else None


def classify(text: str, tables: Tables, classifier: Classifier | None = None) -> Verdict:
    """The verdict on a text alone (``seq`` 0), as ``hostdesk classify`` prints it."""
    normal = tables.read(text)
    return to_verdict(0, normal, (classifier or classifier_of(tables)).judge(normal))


def _main_mark(labels: Sequence[Label], marks: Sequence[Mark]) -> Mark | None:
    for label in _TOPIC_ORDER:
        of_label = [mark for mark in marks if mark.label is label] if label in labels else []
        if of_label:
            return max(of_label, key=lambda mark: (mark.weight, bool(mark.topic), -mark.start))
    return None


def _for_support(labels: Sequence[Label], marks: Sequence[Mark]) -> bool:
    """One order's after-sales: everything complained about belongs to one order.

    A defect of the goods beside it concerns every buyer in the room: answered there.
    """
    told = (Label.COMPLAINT, Label.LEGAL, Label.MINOR)
    counted = [mark for mark in marks if mark.label in told and mark.weight >= 0.3]
    return Label.LEGAL in labels or (bool(counted) and all(mark.support for mark in counted))


def _spans(normal: Normal, labels: Sequence[Label], marks: Sequence[Mark]) -> tuple[Span, ...]:
    spans: dict[tuple[int, int, Label], None] = {}
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        if mark.label in labels and mark.end > mark.start:
            start, end = normal.original(mark.start, mark.end)
            spans[(start, end, mark.label)] = None
    return tuple(Span(*span) for span in spans)
