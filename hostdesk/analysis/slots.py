"""The second track: one sentence with other words put into its slots each time.

Phrases of four sounds that only new or low-level accounts use link such lines, however
much of the rest differs. A phrase that regulars use as well links nothing.
"""

from collections import OrderedDict, deque

from hostdesk.analysis.copies import RING, Cluster, Copied, _copied
from hostdesk.analysis.spoken import Spoken

PHRASE = 4
MAX_PHRASES = 8_192
MIN_TOKENS = 6
_KEPT_MS = 900_000
_REGULARS = 2


class _Phrase:
    __slots__ = ("cluster", "lines", "regulars")

    def __init__(self) -> None:
        self.lines: deque[Copied] = deque(maxlen=24)
        self.regulars = 0
        self.cluster: Cluster | None = None


class Slots:
    """Links lines of fresh accounts by the rare phrases that they share."""

    def __init__(self) -> None:
        self._phrases: OrderedDict[str, _Phrase] = OrderedDict()

    def add(self, spoken: Spoken) -> Cluster | None:
        """The cluster of lines that share the most used phrase of this one, if any."""
        canon = spoken.canon
        if len(canon) < MIN_TOKENS:
            return None
        suspect = spoken.who.fresh and not spoken.who.ordered
        best: _Phrase | None = None
        copied = _copied(spoken, verbatim=False) if suspect else None
        for at in range(min(len(canon), 40) - PHRASE + 1):
            phrase = self._use(canon[at : at + PHRASE], copied)
            if phrase is not None and (best is None or len(phrase.lines) > len(best.lines)):
                best = phrase
        if best is None or len(best.lines) < _REGULARS + 1:
            return None
        return _as_cluster(best, canon, spoken.at_ms)

    def _use(self, text: str, copied: Copied | None) -> _Phrase | None:
        phrase = self._phrases.get(text)
        if copied is None:
            if phrase is not None:
                phrase.regulars += 1
            return None
        if phrase is None:
            phrase = self._phrases[text] = _Phrase()
            if len(self._phrases) > MAX_PHRASES:
                self._phrases.popitem(last=False)
        else:
            self._phrases.move_to_end(text)
        phrase.lines.append(copied)
        return phrase if phrase.regulars < _REGULARS else None


def _as_cluster(phrase: _Phrase, canon: str, now_ms: int) -> Cluster:
    if phrase.cluster is None:
        phrase.cluster = Cluster(0, canon, frozenset())
    cluster = phrase.cluster
    recent = (line for line in phrase.lines if now_ms - line.at_ms <= _KEPT_MS)
    cluster.lines = deque(recent, maxlen=RING)
    return cluster
