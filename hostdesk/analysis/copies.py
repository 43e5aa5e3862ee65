"""Clusters of lines that say nearly the same, whoever wrote them. Judges nobody."""

from collections import OrderedDict
from typing import NamedTuple

from typing_extensions import override

from hostdesk.analysis.minhash import MinHash, containment, jaccard, shingles
from hostdesk.analysis.spoken import Spoken, excerpt
from hostdesk.findings import Label

MIN_TOKENS = 4
"""Shorter lines are alike by chance; they never open a cluster."""

MAX_CLUSTERS = 2_048
RING = 96
NEAR = 0.42
CONTAINED = 0.8
VERBATIM = 0.6
_CANDIDATES = 4
_MIN_CONTAINED = 5


class Copied(NamedTuple):
    """One line of a cluster. A tuple, because checkpoints hold thousands."""

    at_ms: int
    seq: int
    author: int
    text: str
    new: bool
    low: bool | None
    ordered: bool
    claims: bool
    """Says to have bought or used it."""
    verbatim: bool
    labels: tuple[Label, ...]
    style: bool
    usual_new: float
    usual_low: float


class Cluster:
    """Lines that say nearly the same, newest last."""

    __slots__ = ("canon", "lines", "linked", "number")

    def __init__(self, number: int, canon: str) -> None:
        self.number = number
        self.canon = canon
        self.lines: list[Copied] = []
        self.linked = 0
        """Phrases that a template's lines share; 0 where the whole line was compared."""

    def add(self, line: Copied) -> None:
        """Put one line in; the oldest beyond `RING` goes."""
        self.lines.append(line)
        if len(self.lines) > RING:
            del self.lines[0]

    @override
    def __getstate__(self) -> tuple[int, str, list[Copied]]:
        return self.number, self.canon, self.lines

    def __setstate__(self, state: tuple[int, str, list[Copied]]) -> None:
        self.number, self.canon, self.lines = state
        self.linked = 0


class Copies:
    """Finds the cluster of each line. The cluster touched longest ago is forgotten first."""

    def __init__(self) -> None:
        self._hash = MinHash()
        self._clusters: OrderedDict[int, Cluster] = OrderedDict()
        self._bands: OrderedDict[int, int] = OrderedDict()
        self._next = 0

    def add(self, spoken: Spoken) -> Cluster | None:
        """Put one line to its like; None where it is too short to be compared."""
        canon = spoken.canon
        if len(canon) < MIN_TOKENS:
            return None
        pairs, keys = self._hash.of(canon)
        cluster = self._nearest(keys, pairs)
        alike = 1.0
        if cluster is None:
            cluster = self._new(canon, keys)
        else:
            self._clusters.move_to_end(cluster.number)
            alike = jaccard(pairs, shingles(cluster.canon))
        cluster.add(copied(spoken, verbatim=alike >= VERBATIM))
        return cluster

    def _nearest(self, keys: list[int], pairs: frozenset[int]) -> Cluster | None:
        tried: list[int] = []
        for key in keys:
            number = self._bands.get(key)
            if number is None or number in tried:
                continue
            tried.append(number)
            cluster = self._clusters.get(number)
            if cluster is not None and _is_near(pairs, shingles(cluster.canon)):
                return cluster
            if len(tried) >= _CANDIDATES:
                break
        return None

    def _new(self, canon: str, keys: list[int]) -> Cluster:
        self._next += 1
        cluster = Cluster(self._next, canon)
        self._clusters[cluster.number] = cluster
        for key in keys:
            self._bands[key] = cluster.number
            self._bands.move_to_end(key)
        while len(self._clusters) > MAX_CLUSTERS:
            self._clusters.popitem(last=False)
        while len(self._bands) > MAX_CLUSTERS * len(keys):
            self._bands.popitem(last=False)
        return cluster


def _is_near(one: frozenset[int], other: frozenset[int]) -> bool:
    if jaccard(one, other) >= NEAR:
        return True
    return min(len(one), len(other)) >= _MIN_CONTAINED and containment(one, other) >= CONTAINED


def copied(spoken: Spoken, *, verbatim: bool) -> Copied:
    """The line as a cluster keeps it."""
    return Copied(
        at_ms=spoken.at_ms,
        seq=spoken.seq,
        author=spoken.who.author,
        text=excerpt(spoken.text),
        new=spoken.who.new,
        low=spoken.who.low,
        ordered=spoken.who.ordered,
        claims=spoken.judged.owner,
        verbatim=verbatim,
        labels=spoken.verdict.labels,
        style=spoken.judged.style,
        usual_new=spoken.who.usual_new,
        usual_low=spoken.who.usual_low,
    )
