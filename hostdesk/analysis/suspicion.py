"""When copies are worth a card: never by their text alone.

Text cannot tell a raid from an echo. What tells is who writes: accounts that are new or
cheap far beyond what is usual in this very room, without an order among them.
"""

from collections.abc import Container, Sequence
from math import sqrt

import msgspec

from hostdesk.analysis.copies import Cluster, Copied
from hostdesk.findings import Evidence, Flavour, Label

SPAN_MS = 900_000
"""Slow drip counts as well: this far back."""

MIN_AUTHORS = 5
_LONG = 10
_CLAIMING = 6
_LONG_HARMLESS = 8
_BURST_MS = 300_000
_OLD_ACCOUNTS = 8
_OLD_SPAN_MS = 180_000


class Suspicion(msgspec.Struct, frozen=True, gc=False):
    """Why a cluster is worth a look."""

    flavour: Flavour
    lines: tuple[Copied, ...]
    labels: tuple[Label, ...]
    evidence: tuple[Evidence, ...]
    confidence: float


class _Bar(msgspec.Struct, frozen=True, gc=False):
    """What a kind of content needs: people, and how far from usual they are."""

    people: int
    unusual: float
    harmless: bool = False
    """Nothing bad in the words: only a burst of long copies is worth a look."""


_BARS: dict[str, _Bar] = {
    "hostile": _Bar(MIN_AUTHORS, 2.0),
    "rumour": _Bar(MIN_AUTHORS, 2.0),
    "ad": _Bar(MIN_AUTHORS, 2.0),
    "complaint": _Bar(10, 4.0, harmless=True),
    "praise": _Bar(8, 3.5, harmless=True),
    "neutral": _Bar(10, 4.5, harmless=True),
    "question": _Bar(15, 6.0, harmless=True),
}

# six sounds in a row that nobody but new accounts ever writes, with other words around them
_TEMPLATE_BAR = _Bar(8, 4.0)
_TEMPLATE_LINKED = 3


def suspect(cluster: Cluster, now_ms: int, released: Container[int]) -> Suspicion | None:
    """Judge a cluster; ``released`` are people with an order or a story of their own."""
    lines = _one_each(cluster, now_ms, released)
    if len(lines) < MIN_AUTHORS:
        return None
    content = _content(lines)
    unusual = max(_unusual_new(lines), _unusual_low(lines))
    templated = content == "complaint" and cluster.linked >= _TEMPLATE_LINKED
    bar = _TEMPLATE_BAR if templated else _BARS[content]
    if bar.harmless and not _is_burst(cluster, lines, now_ms):
        return None
    people = max(bar.people, 8) if _is_copied_claim(lines) else bar.people
    fresh = sum(line.new or bool(line.low) for line in lines)
    by_newness = len(lines) >= people and unusual >= bar.unusual and fresh >= 0.6 * len(lines)
    if not by_newness and not _old_and_hostile(lines, content, now_ms):
        return None
    return Suspicion(
        flavour=_flavour(content),
        lines=tuple(lines),
        labels=_common_labels(lines),
        evidence=_evidence(lines, fresh, unusual),
        confidence=_confidence(lines, unusual, by_newness=by_newness),
    )


def _one_each(cluster: Cluster, now_ms: int, released: Container[int]) -> list[Copied]:
    """The first line of each person who may be suspected."""
    first: dict[int, Copied] = {}
    for line in cluster.lines:
        if now_ms - line.at_ms <= SPAN_MS and not line.ordered and line.author not in released:
            first.setdefault(line.author, line)
    lines = list(first.values())
    claiming = [line for line in lines if line.claims]
    if not claiming or _claims_are_copied(cluster, lines, claiming):
        return lines
    return [line for line in lines if not line.claims]


def _is_burst(cluster: Cluster, lines: Sequence[Copied], now_ms: int) -> bool:
    """Long copies, most of them within minutes, that hardly any regular has written."""
    recent = sum(now_ms - line.at_ms <= _BURST_MS for line in lines)
    regulars = sum(not (line.new or line.low) for line in cluster.lines)
    return (
        len(cluster.canon) >= _LONG_HARMLESS
        and recent >= 0.8 * len(lines)
        and regulars <= 0.2 * len(cluster.lines)
    )


def _claims_are_copied(
    cluster: Cluster, lines: Sequence[Copied], claiming: Sequence[Copied]
) -> bool:
    """Whether "I bought it" is part of the copied sentence, not anybody's own story.

    Nobody writes ten sounds exactly like five strangers do. Short or differing lines
    of buyers stay what they are: several people with the same trouble.
    """
    verbatim = sum(line.verbatim for line in claiming)
    return (
        len(cluster.canon) >= _LONG
        and len(claiming) >= _CLAIMING
        and verbatim >= 0.9 * len(claiming)
        and len(claiming) >= 0.6 * len(lines)
    )


def _is_copied_claim(lines: Sequence[Copied]) -> bool:
    return any(line.claims for line in lines)


def _content(lines: Sequence[Copied]) -> str:
    total = len(lines)
    counts = {
        "ad": _share(lines, Label.SPAM),
        "rumour": _share(lines, Label.RUMOUR),
        "hostile": max(_share(lines, Label.HOSTILE), sum(line.style for line in lines)),
    }
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= 0.4 * total:
        return best
    for name, label in (
        ("question", Label.QUESTION),
        ("complaint", Label.COMPLAINT),
        ("praise", Label.PRAISE),
    ):
        if _share(lines, label) >= 0.5 * total:
            return name
    return "neutral"


def _share(lines: Sequence[Copied], label: Label) -> int:
    return sum(label in line.labels for line in lines)


def _flavour(content: str) -> Flavour:
    flavours: dict[str, Flavour] = {
        "ad": "ad",
        "rumour": "rumour",
        "hostile": "hostile",
        "complaint": "complaint",
        "praise": "praise",
    }
    return flavours.get(content, "neutral")


def _unusual_new(lines: Sequence[Copied]) -> float:
    usual = min(line.usual_new for line in lines)
    return _z(sum(line.new for line in lines), len(lines), usual)


def _unusual_low(lines: Sequence[Copied]) -> float:
    known = [line for line in lines if line.low is not None]
    if len(known) < MIN_AUTHORS:
        return 0.0
    return _z(sum(bool(line.low) for line in known), len(known), known[0].usual_low)


def _z(found: int, total: int, usual: float) -> float:
    """Standard deviations above what this room's own share would bring."""
    usual = min(0.95, max(0.05, usual))
    return (found - total * usual) / sqrt(total * usual * (1.0 - usual))


def _old_and_hostile(lines: Sequence[Copied], content: str, now_ms: int) -> bool:
    """Old accounts alarm only with hostile content, many at once, nobody with a complaint."""
    if content not in ("hostile", "rumour") or _share(lines, Label.COMPLAINT):
        return False
    return sum(now_ms - line.at_ms <= _OLD_SPAN_MS for line in lines) >= _OLD_ACCOUNTS


def _common_labels(lines: Sequence[Copied]) -> tuple[Label, ...]:
    return tuple(label for label in tuple(Label) if _share(lines, label) >= 0.4 * len(lines))


def _evidence(lines: Sequence[Copied], fresh: int, unusual: float) -> tuple[Evidence, ...]:
    total = len(lines)
    usual = round(max(lines[0].usual_new, lines[0].usual_low), 2)
    found = [
        Evidence("copied_by", float(total), 1.0),
        Evidence("new_accounts", round(fresh / total, 2), usual),
        Evidence("unusual", round(unusual, 1), 0.0),
        Evidence("no_order", float(total), 0.0),
    ]
    if _is_copied_claim(lines):
        found.append(Evidence("copied_claim", float(sum(line.claims for line in lines)), 0.0))
    return tuple(found)


def _confidence(lines: Sequence[Copied], unusual: float, *, by_newness: bool) -> float:
    if not by_newness:
        return 0.45
    confidence = min(0.9, 0.4 + 0.03 * len(lines) + 0.04 * max(0.0, unusual - 2))
    return round(min(0.5, confidence) if _is_copied_claim(lines) else confidence, 2)
