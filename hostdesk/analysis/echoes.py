"""What a crowd says together, harmlessly: one low-priority line, at most every five minutes."""

from collections import OrderedDict, deque

from hostdesk.analysis.spoken import MAX_SEQS, Numbers, Spoken, distinct, excerpt
from hostdesk.findings import Evidence, Finding, Label

WINDOW_MS = 60_000
MIN_AUTHORS = 40
"""For "1" and "哈哈"."""

MIN_AUTHORS_LONG = 12
"""For a whole sentence, which nobody types twice by chance."""

ACTIVE_SHARE = 0.05
_LONG = 6
AGAIN_MS = 300_000
_MAX_TEXTS = 256
_MAX_LINES = 400


class _Echo:
    def __init__(self) -> None:
        self.lines: deque[tuple[int, int, int, str]] = deque(maxlen=_MAX_LINES)
        self.told_ms: int | None = None


class Echoes:
    """Counts distinct people who say exactly the same harmless thing."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._texts: OrderedDict[str, _Echo] = OrderedDict()

    def receive(self, spoken: Spoken) -> list[Finding]:
        """Take one comment that no other detector wants."""
        if spoken.who.masked or spoken.verdict.lane is not None or not spoken.canon:
            return []
        if spoken.has(Label.QUESTION):
            return []
        echo = self._texts.pop(spoken.canon, None) or _Echo()
        self._texts[spoken.canon] = echo
        if len(self._texts) > _MAX_TEXTS:
            self._texts.popitem(last=False)
        lines = echo.lines
        lines.append((spoken.at_ms, spoken.who.author, spoken.seq, spoken.text))
        while lines[0][0] < spoken.at_ms - WINDOW_MS:
            lines.popleft()
        return self._tell(echo, spoken)

    def _tell(self, echo: _Echo, spoken: Spoken) -> list[Finding]:
        least = MIN_AUTHORS_LONG if len(spoken.canon) >= _LONG else MIN_AUTHORS
        wanted = max(least, ACTIVE_SHARE * spoken.who.active)
        rested = echo.told_ms is None or spoken.at_ms - echo.told_ms >= AGAIN_MS
        if not rested or len(echo.lines) < wanted:
            return []
        authors = len({line[1] for line in echo.lines})
        if authors < wanted:
            return []
        echo.told_ms = spoken.at_ms
        newest = list(echo.lines)[-MAX_SEQS:]
        return [
            Finding(
                finding_id=self._numbers.take("echo"),
                finding_kind="echo",
                at_ms=spoken.at_ms,
                since_ms=newest[0][0],
                topic="echo",
                flavour="praise" if spoken.has(Label.PRAISE) else "neutral",
                labels=spoken.verdict.labels,
                authors=authors,
                comments=len(echo.lines),
                sample=distinct([excerpt(line[3]) for line in reversed(newest)]),
                seqs=tuple(line[2] for line in newest),
                evidence=(
                    Evidence("copied_by", float(authors), round(wanted, 1)),
                    Evidence("invited", float(spoken.invited), 0.0),
                ),
                confidence=0.9 if spoken.invited else 0.7,
            )
        ]
