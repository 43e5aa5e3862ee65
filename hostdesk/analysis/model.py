"""The trained model: for each known run of characters twelve weights, one a label.

The runs stand in an automaton, whose search is C; the twelve weights of a run are the
digits of *one* big integer, so twelve sums cost one addition. A comment of ten
characters takes 5 µs, and the engine needs no numpy (15 MB).
"""

import math
import struct
from collections.abc import Iterable
from typing import ClassVar

import ahocorasick
import msgspec

from hostdesk.analysis.classifier import Judgement
from hostdesk.analysis.features import framed, hints, share
from hostdesk.analysis.normalise import Normal
from hostdesk.findings import Label

LABELS = tuple(Label)
WIDTH = 2 * len(LABELS)
"""Bytes of twelve weights."""
TOP = 2_047
"""Largest weight."""

_DIGIT = 32
"""Bits of a digit while it is added up: all runs of 160 characters at `TOP` do not run over,
and twelve of them are read at once."""
_HALF = 1 << (_DIGIT - 1)
_BIAS = sum(_HALF << (_DIGIT * at) for at in range(len(LABELS)))
_SUMS = struct.Struct(f"<{len(LABELS)}I")
_ROW = struct.Struct(f"<{len(LABELS)}h")


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Of one label: how its sum becomes a probability, and from which on it holds."""

    scale: float
    """What one unit of its weights is worth."""
    bias: float
    slope: float
    offset: float
    """Platt's curve, fitted on lines that had not been seen."""
    holds_at: float = 0.5
    unsure_from: float = 0.35


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """The model as its file holds it. Weights: `WIDTH` bytes a run, signed, little end first."""

    version: int
    name: str
    sounds: str
    """Which table of syllables the heard runs are written in."""
    curves: dict[Label, Curve]
    hint_weight: float
    written: list[str]
    written_weights: bytes
    heard: list[str]
    heard_weights: bytes
    hints: list[str]
    hint_weights: bytes


class Model:
    """Scores of a comment, label by label. Pure: the same text, the same scores."""

    STATIC: ClassVar[bool] = True

    def __init__(self, stored: Stored, sounds: str) -> None:
        """``sounds`` names the table of syllables in use: where it is another, letters alone count.

        Raises:
            ValueError: the file's parts do not fit together.
        """
        self.name = stored.name
        self.curves = stored.curves
        self.holds_from = [logit_of(stored.curves[label].holds_at) for label in LABELS]
        """Logits from which on each of `LABELS` holds."""
        self._lines = [_line(stored.curves[label]) for label in LABELS]
        self._hint_weight = stored.hint_weight
        heard = _rows(stored.heard, stored.heard_weights) if stored.sounds == sounds else ()
        self._written = _automaton(_rows(stored.written, stored.written_weights))
        self._heard = _automaton(heard)
        self._hints = dict(_rows(stored.hints, stored.hint_weights))

    def scores(self, normal: Normal, judged: Judgement) -> dict[Label, float]:
        """The probability of each label."""
        return dict(zip(LABELS, map(chance_of, self.logits(normal, judged)), strict=True))

    def logits(self, normal: Normal, judged: Judgement) -> list[float]:
        """The same before the logistic curve, in the order of `LABELS`: most are never needed."""
        said = sum([value for _, value in self._written.iter(framed(normal.text))])
        said += sum([value for _, value in self._heard.iter(framed(normal.sound))])
        known = self._hints
        told = sum([known[name] for name in hints(normal, judged) if name in known])
        per_run, per_hint = share(normal), self._hint_weight
        return [
            slope * (run * per_run + hint * per_hint) + offset
            for run, hint, (slope, offset) in zip(
                _digits(said), _digits(told), self._lines, strict=True
            )
        ]

    def places(self, normal: Normal, label: Label) -> list[float]:
        """How much each character of ``normal.text`` speaks for ``label``."""
        at = LABELS.index(label)
        weight = [0.0] * len(normal.text)
        for last, length, value in self._found(normal):
            said = _digits(value)[at] / length
            for place in range(max(last - length, 0), min(last, len(weight))):
                weight[place] += said
        return weight

    def _found(self, normal: Normal) -> Iterable[tuple[int, int, int]]:
        """(index of the last character in the framed text, length, weights) of each known run."""
        text = framed(normal.text)
        for last in range(len(text)):
            for length in range(1, min(last + 1, 4) + 1):
                value = self._written.get(text[last + 1 - length : last + 1], None)
                if value is not None:
                    yield last, length, value


def _automaton(rows: Iterable[tuple[str, int]]) -> "ahocorasick.Automaton":
    automaton = ahocorasick.Automaton()
    automaton.add_word("\x00", 0)  # an empty one cannot be searched
    for run, value in rows:
        automaton.add_word(run, value)
    automaton.make_automaton()
    return automaton


def _rows(names: list[str], weights: bytes) -> Iterable[tuple[str, int]]:
    """Each name with its twelve weights as one number.

    Raises:
        ValueError: there are more names than weights, or fewer.
    """
    return zip(names, map(_packed, _ROW.iter_unpack(weights)), strict=True)


def _packed(weights: tuple[int, ...]) -> int:
    packed = 0
    for weight in reversed(weights):
        packed = (packed << _DIGIT) + weight
    return packed


def _digits(total: int) -> list[int]:
    coded = (total + _BIAS).to_bytes(_SUMS.size, "little")
    return [digit - _HALF for digit in _SUMS.unpack(coded)]


def _line(curve: Curve) -> tuple[float, float]:
    """(slope, offset) from a sum of weights to a logit."""
    return curve.slope * curve.scale, curve.slope * curve.bias + curve.offset


def chance_of(logit: float) -> float:
    """The probability that a logit stands for."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(logit, 30.0))))


def logit_of(chance: float) -> float:
    """From which logit on a probability is reached; endless for 1."""
    return math.inf if chance >= 1.0 else math.log(chance / (1.0 - chance))
