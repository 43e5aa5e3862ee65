"""What never changes while the engine runs: lexicon, automata, character tables."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import ahocorasick

from hostdesk.analysis.canon import Canon
from hostdesk.analysis.lexicon import GAP, Entry, Helper, Term, to_term
from hostdesk.analysis.normalise import Normal, Normaliser
from hostdesk.findings import Label

if TYPE_CHECKING:
    from hostdesk.analysis.model import Model

Part = tuple[Term, int]
"""A term and which of its pieces was seen."""

_LATIN = re.compile(r"[a-z]")


class Tables:
    """Built once from content; shared by reference, never copied into a checkpoint."""

    STATIC: ClassVar[bool] = True

    def __init__(
        self,
        entries: Iterable[Entry],
        simplified: Mapping[str, str],
        syllables: Mapping[str, str],
    ) -> None:
        self.normalise = Normaliser(simplified)
        self.canon = Canon(syllables)
        self.terms = [self._term(entry) for entry in entries]
        self.fingerprint = _fingerprint(self.terms, simplified, syllables)
        self.words = _automaton(self._written())
        self.sounds = _automaton(self._heard())
        self.has_sounds = len(self.sounds) > 0
        self.negation = _negation(self.terms)
        self.model: Model | None = None
        """The trained model, where one is shipped; set once by who loads content."""
        self.memo: dict[tuple[str, str], Any] = {}
        """Scratch of `memo.judge_cached`: texts that were judged a moment ago."""

    def use_model(self, model: "Model | None") -> None:
        """Judge with this model from now on; its name is part of what judged."""
        self.model = model
        if model is not None:
            self.fingerprint = f"{self.fingerprint}-{model.name}"

    def read(self, text: str) -> Normal:
        """``text`` in one spelling, and what it sounds like."""
        normal = self.normalise(text)
        return Normal(normal.text, self.canon(normal.text), normal.places)

    def _term(self, entry: Entry) -> Term:
        pieces = (self.normalise(part).text for part in entry.term.split(GAP))
        return to_term(entry, tuple(pieces))

    def _written(self) -> dict[str, list[Part]]:
        by_text: dict[str, list[Part]] = {}
        for term in self.terms:
            if term.helper not in (Helper.NEGATOR, Helper.FILLER):
                for number, part in enumerate(term.parts):
                    by_text.setdefault(part, []).append((term, number))
        return by_text

    def _heard(self) -> dict[str, list[Part]]:
        heard: dict[str, list[Part]] = {}
        for term in self.terms:
            if "sound" in term.entry.how.split():
                heard.setdefault(self.canon(term.parts[0]), []).append((term, 0))
        return heard


def _automaton(by_text: Mapping[str, list[Part]]) -> "ahocorasick.Automaton":
    automaton = ahocorasick.Automaton()
    for text, parts in by_text.items():
        automaton.add_word(text, (len(text), tuple(parts)))
    automaton.make_automaton()
    return automaton


def _negation(terms: Iterable[Term]) -> dict[bool, re.Pattern[str]]:
    """Patterns for "the words just before this one deny it", by whether they are Latin."""
    patterns: dict[bool, re.Pattern[str]] = {}
    for latin in (False, True):
        deny, fill = (
            _either(term for term in terms if term.helper is kind and _is_latin(term) is latin)
            for kind in (Helper.NEGATOR, Helper.FILLER)
        )
        gap, start = (r"\s+", r"(?:^|[^a-z])") if latin else ("", "")
        patterns[latin] = re.compile(rf"{start}(?:{deny}){gap}(?:(?:{fill}){gap})?$")
    return patterns


def _either(terms: Iterable[Term]) -> str:
    longest_first = sorted((term.parts[0] for term in terms), key=len, reverse=True)
    return "|".join(re.escape(text) for text in longest_first) or r"(?!)"


def _is_latin(term: Term) -> bool:
    return bool(_LATIN.search(term.parts[0]))


def _fingerprint(
    terms: Iterable[Term], simplified: Mapping[str, str], syllables: Mapping[str, str]
) -> str:
    digest = hashlib.sha256()
    for term in terms:
        row = term.entry
        cells = (row.term, row.kind, row.topic, f"{row.weight:.3f}", row.how)
        digest.update("\t".join(cells).encode(errors="replace"))
    for table in (simplified, syllables):
        digest.update(repr(sorted(table.items())).encode())
    return digest.hexdigest()[:16]


NEGATABLE = frozenset(
    {Label.COMPLAINT, Label.ACCIDENT, Label.PRAISE, Label.SAFETY, Label.RUMOUR, Label.HOSTILE}
)
"""Labels whose terms can be denied by the word before them."""
