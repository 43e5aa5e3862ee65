"""What one comment says, label by label. A trained classifier fits the same Protocol."""

from typing import Protocol

import msgspec

from hostdesk.analysis.clauses import Reading, read
from hostdesk.analysis.contacts import private_data, solicitations
from hostdesk.analysis.lexicon import Helper
from hostdesk.analysis.matching import find_hits
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Tables
from hostdesk.findings import Label


class Mark(msgspec.Struct, frozen=True, gc=False):
    """A piece of normalised text that speaks for a label."""

    start: int
    end: int
    label: Label
    topic: str
    weight: float
    support: bool = False


class Judgement(msgspec.Struct, frozen=True, gc=False):
    """Everything that can be said about a text without knowing who wrote it, or when."""

    scores: dict[Label, float] = {}
    marks: tuple[Mark, ...] = ()
    owner: bool = False
    """Says to have bought or used it, or tells what only a user would know."""
    style: bool = False
    """Talks as campaigns do. Never proof of one."""
    echo: bool = False
    """What harmless crowds say."""
    recovery: bool = False
    """Says that picture or sound is back."""
    asked_accident: bool = False
    """Asks whether something is broken: "没声音了吗"."""


class Classifier(Protocol):
    """Judges one comment by its text alone."""

    def judge(self, normal: Normal) -> Judgement:
        """What ``normal`` says; the same for the same text, always."""
        ...


class LexiconClassifier:
    """Lexicon terms with negation, questions and context. The first cut."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def judge(self, normal: Normal) -> Judgement:
        """What ``normal`` says according to the lexicon."""
        hits = find_hits(normal, self._tables)
        contacts = solicitations(normal.text)
        private = private_data(normal.text)
        if not (hits or contacts or private or "?" in normal.text):
            return _ECHO if _is_wordless(normal.text) else _CHATTER
        reading = read(normal.text, hits, self._tables.negation)
        marks = [
            Mark(said.start, said.end, said.label, said.topic, said.weight, said.support)
            for said in reading.said
        ]
        marks += [Mark(start, end, Label.SPAM, "contact", 0.7) for start, end in contacts]
        marks += [Mark(start, end, Label.PRIVACY, "data", 0.8) for start, end in private]
        return Judgement(
            scores=_scores(marks),
            marks=tuple(marks),
            owner=Helper.OWNER in reading.helpers or Helper.FACT in reading.helpers,
            style=Helper.STYLE in reading.helpers,
            echo=_is_echo(normal.text, reading),
            recovery=Helper.RECOVERY in reading.helpers,
            asked_accident=reading.asked_accident,
        )


def _scores(marks: list[Mark]) -> dict[Label, float]:
    """Independent hints add up, none ever reaches certainty."""
    doubt: dict[Label, float] = {}
    for mark in marks:
        doubt[mark.label] = doubt.get(mark.label, 1.0) * (1.0 - mark.weight)
    return {label: round(1.0 - left, 3) for label, left in doubt.items()}


def _is_echo(text: str, reading: Reading) -> bool:
    return Helper.ECHO in reading.helpers or _is_wordless(text)


def _is_wordless(text: str) -> bool:
    return not any(char.isalpha() for char in text)


_CHATTER = Judgement()
_ECHO = Judgement(echo=True)
