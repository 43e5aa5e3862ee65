"""The second track: one sentence with other words put into its slots each time.

Phrases of four sounds that only new or low-level accounts use link such lines, however
much of the rest differs. A phrase that regulars use as well links nothing.
"""

from collections import OrderedDict

from hostdesk.analysis.copies import Cluster, Copied, copied
from hostdesk.analysis.spoken import Spoken

PHRASE = 4
MAX_PHRASES = 8_192
MIN_TOKENS = 6
_KEPT_MS = 900_000
_KEPT_LINES = 48
_REGULARS = 2
_LINKED = 5
"""Fewer lines are no campaign."""


class Slots:
    """Links lines of fresh accounts by the rare phrases that they share."""

    def __init__(self) -> None:
        # tuples: most phrases are used once, and then all those of a line share one
        self._lines: OrderedDict[str, tuple[Copied, ...]] = OrderedDict()
        self._regulars: dict[str, int] = {}

    def add(self, spoken: Spoken) -> Cluster | None:
        """The cluster of lines that share the most used phrase of this one, if any."""
        canon = spoken.canon
        if len(canon) < MIN_TOKENS:
            return None
        phrases = [canon[at : at + PHRASE] for at in range(min(len(canon), 40) - PHRASE + 1)]
        if not spoken.who.fresh or spoken.who.ordered:
            self._used_by_regular(phrases)
            return None
        self._use(phrases, copied(spoken, verbatim=False))
        shared = [
            lines
            for phrase in phrases
            if len(lines := self._lines[phrase]) >= _LINKED
            and self._regulars.get(phrase, 0) < _REGULARS
        ]
        if not shared:
            return None
        best = max(shared, key=len)
        cluster = Cluster(0, canon)
        cluster.lines = [line for line in best if spoken.at_ms - line.at_ms <= _KEPT_MS]
        cluster.linked = sum(len(lines) >= 0.8 * len(best) for lines in shared)
        return cluster

    def _used_by_regular(self, phrases: list[str]) -> None:
        for phrase in phrases:
            if phrase in self._lines:
                self._regulars[phrase] = self._regulars.get(phrase, 0) + 1

    def _use(self, phrases: list[str], line: Copied) -> None:
        known, last = self._lines, (line,)
        for phrase in phrases:
            known[phrase] = known.get(phrase, ())[1 - _KEPT_LINES :] + last
            known.move_to_end(phrase)
            if len(known) > MAX_PHRASES:
                self._regulars.pop(known.popitem(last=False)[0], None)
