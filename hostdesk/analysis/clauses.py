"""What the hits of a comment mean together: denied, asked, feared, or said of another shop."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from hostdesk.analysis.lexicon import Helper
from hostdesk.analysis.matching import Hit
from hostdesk.analysis.tables import NEGATABLE
from hostdesk.findings import Label

_BREAK = re.compile(r"[,.!?;~…\n、]+|(?<=[\u3400-\u9fff])\s+|\s+(?=[\u3400-\u9fff])")
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENGLISH_QUESTION = re.compile(
    r"(?:^|[^a-z])(?:is|are|do|does|did|will|would|can|could|any|has|have|how|what|when|where|which|who|whats)\s"
)
_EITHER = re.compile(
    r"(?![时动差])([\u4e00-\u9fff])[不没]\1"
    r"|(?<=[\u4e00-\u9fff]{2})还是(?![不没很老那这一要])[\u4e00-\u9fff]"
)
"""烫不烫, 换还是修: asks, whatever the verb. Not 时不时, 动不动 and 还是没人管."""
_SOFTENED = frozenset(
    {
        Label.COMPLAINT,
        Label.ACCIDENT,
        Label.RUMOUR,
        Label.SAFETY,
        Label.LEGAL,
        Label.PRAISE,
        Label.PRICE,
    }
)
"""Labels that a question does not assert."""

_ASKS = 0.5
"""Lighter question words only tell what a question is about."""

ASKED = 0.25
"""Share of a term's weight that remains when it is only asked about."""


class Said(msgspec.Struct, frozen=True, gc=False):
    """One thing that a comment says."""

    start: int
    end: int
    label: Label
    topic: str
    weight: float
    support: bool = False


class Reading(msgspec.Struct, frozen=True, gc=False):
    """All that a comment says, and the helpers seen in it."""

    said: tuple[Said, ...]
    helpers: frozenset[Helper]
    asked_accident: bool = False


class _Clause(msgspec.Struct, frozen=True, gc=False):
    start: int
    end: int
    question: bool
    """Asks something, whether or not it also tells."""
    asks: bool
    """Asks for what it names, so does not assert it."""
    marked: bool
    """Ends with a question mark, whatever its words."""
    supposes: bool
    """坏了怎么办, without saying that it did."""
    worry: int | None
    elsewhere: bool


def read(text: str, hits: Sequence[Hit], negation: Mapping[bool, re.Pattern[str]]) -> Reading:
    """Weigh ``hits`` by the words around them."""
    if not hits:
        said = _marked_question(text)
        return Reading(said, frozenset())
    helpers = frozenset(hit.term.helper for hit in hits if hit.term.helper is not None)
    clauses = _clauses(text, hits, helpers)
    reader = _Reader(text, clauses, helpers, negation)
    for hit in hits:
        reader.take(hit)
    return reader.result()


def _marked_question(text: str) -> tuple[Said, ...]:
    at = text.find("?")
    if at < 0 or not any(char.isalnum() for char in text):
        return ()
    return (Said(at, at + 1, Label.QUESTION, "", 0.55),)


def _clauses(text: str, hits: Sequence[Hit], helpers: frozenset[Helper]) -> list[_Clause]:
    bounds: list[tuple[int, int, int]] = []
    start = 0
    for found in _BREAK.finditer(text):
        bounds.append((start, found.start(), found.end()))
        start = found.end()
    bounds.append((start, len(text), len(text)))
    return [_clause(text, bound, hits, helpers) for bound in bounds if bound[0] < bound[2]]


def _clause(
    text: str, bound: tuple[int, int, int], hits: Sequence[Hit], helpers: frozenset[Helper]
) -> _Clause:
    start, end, after = bound
    inside = [hit for hit in hits if start <= hit.start < end]
    kinds = {hit.term.helper for hit in inside}
    asks = (
        Helper.YESNO in kinds
        or _EITHER.search(text, start, end) is not None
        or _asks_in_english(text[start:end])
    )
    remedy, owner = Helper.REMEDY in kinds, Helper.OWNER in helpers
    pushed = Helper.RHETORIC in kinds or remedy or owner
    worries = [hit.start for hit in inside if hit.term.helper is Helper.WORRY]
    return _Clause(
        start=start,
        end=after,
        question=(asks or remedy or "?" in text[end:after]) and Helper.RHETORIC not in kinds,
        asks=asks and not pushed,
        marked="?" in text[end:after] and not pushed,
        supposes=remedy and not owner,
        worry=min(worries) if worries else None,
        elsewhere=Helper.ELSEWHERE in kinds,
    )


def _asks_in_english(clause: str) -> bool:
    return not _HAN.search(clause) and bool(_ENGLISH_QUESTION.match(clause))


class _Reader:
    def __init__(
        self,
        text: str,
        clauses: list[_Clause],
        helpers: frozenset[Helper],
        negation: Mapping[bool, re.Pattern[str]],
    ) -> None:
        self._text = text
        self._clauses = clauses
        self._helpers = set(helpers)
        self._negation = negation
        self._said: list[Said] = []
        self._asked_accident = False
        self._asked_topic = ""

    def take(self, hit: Hit) -> None:
        """Add what this hit says, weighed by its clause."""
        label = hit.term.label
        if label is None:
            return
        clause = next((one for one in self._clauses if one.start <= hit.start < one.end), None)
        if clause is None or hit.term.firm:
            self._say(hit, label, hit.term.weight)
        elif self._is_softened(hit, label, clause):
            self._asked(hit, label)
        elif label in NEGATABLE and self._denied(hit):
            self._deny(hit, label)
        else:
            self._say(hit, label, hit.term.weight)

    def result(self) -> Reading:
        """What the comment says, once all hits were taken."""
        self._ask_where_marked()
        return Reading(tuple(self._said), frozenset(self._helpers), self._asked_accident)

    def _is_softened(self, hit: Hit, label: Label, clause: _Clause) -> bool:
        if label not in _SOFTENED:
            return False
        feared = clause.worry is not None and clause.worry < hit.start
        # "没声音?" asks nobody: a bare mark after trouble on air is a report
        doubted = clause.marked and label is not Label.ACCIDENT
        supposed = clause.supposes and hit.term.topic.startswith("quality")
        over = label is Label.COMPLAINT and Helper.RESOLVED in self._helpers
        return clause.asks or doubted or supposed or clause.elsewhere or feared or over

    def _asked(self, hit: Hit, label: Label) -> None:
        self._say(hit, label, hit.term.weight * ASKED)
        self._asked_topic = self._asked_topic or hit.term.topic
        self._asked_accident |= label is Label.ACCIDENT

    def _denied(self, hit: Hit) -> bool:
        before = self._text[max(0, hit.start - 16) : hit.start]
        return bool(before) and bool(
            self._negation[not _HAN.match(self._text[hit.start])].search(before)
        )

    def _deny(self, hit: Hit, label: Label) -> None:
        if label is Label.COMPLAINT:
            self._add(hit, Label.PRAISE, hit.term.topic, 0.5)
        elif label is Label.PRAISE:
            self._add(hit, Label.COMPLAINT, "quality", 0.55)
        elif label is Label.ACCIDENT:
            self._helpers.add(Helper.RECOVERY)

    def _say(self, hit: Hit, label: Label, weight: float) -> None:
        self._add(hit, label, hit.term.topic, weight, hit.term.support)

    def _add(
        self, hit: Hit, label: Label, topic: str, weight: float, support: bool = False
    ) -> None:
        if weight > 0:
            self._said.append(Said(hit.start, hit.end, label, topic, weight, support))

    def _ask_where_marked(self) -> None:
        """A clause that asks makes the comment a question, with what it asked about."""
        asking = next((one for one in self._clauses if one.question), None)
        if asking is None or any(
            said.label is Label.QUESTION and said.weight >= _ASKS for said in self._said
        ):
            return
        if self._text[asking.start : asking.end].strip(" ?"):
            self._said.append(
                Said(asking.start, asking.end, Label.QUESTION, self._asked_topic, 0.6)
            )
