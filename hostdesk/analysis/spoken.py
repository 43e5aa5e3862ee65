"""One judged comment with all that the crowd detectors ask of it."""

import msgspec

from hostdesk.analysis.classifier import Judgement
from hostdesk.analysis.people import Standing
from hostdesk.findings import Label, Verdict

SAMPLE_CHARS = 60
MAX_SEQS = 50
MAX_SAMPLE = 5


class Spoken(msgspec.Struct, frozen=True, gc=False):
    """A comment after it was judged, before crowds are looked at."""

    seq: int
    at_ms: int
    text: str
    canon: str
    """What it sounds like; see `Canon`."""
    who: Standing
    judged: Judgement
    verdict: Verdict
    invited: bool
    """The host asked for it, or said it first."""

    def has(self, *labels: Label) -> bool:
        """Whether any of these labels holds."""
        return any(label in self.verdict.labels for label in labels)


class Numbers:
    """Ids of findings: the same on replay."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, kind: str) -> str:
        """The next id of this kind."""
        self._next += 1
        return f"{kind}-{self._next}"


def excerpt(text: str) -> str:
    """``text`` short enough for a card."""
    return text if len(text) <= SAMPLE_CHARS else text[: SAMPLE_CHARS - 1] + "…"


def distinct(texts: list[str], most: int = MAX_SAMPLE) -> tuple[str, ...]:
    """The first different ones of ``texts``."""
    return tuple(list(dict.fromkeys(texts))[:most])
