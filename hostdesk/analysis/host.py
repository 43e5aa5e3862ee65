"""What the host said lately: what viewers then repeat or answer is no attack."""

from collections import deque

import msgspec

from hostdesk.analysis.lexicon import Helper
from hostdesk.analysis.matching import find_hits
from hostdesk.analysis.tables import Tables
from hostdesk.findings import Label

INVITED_MS = 30_000
"""Answers to "想要的扣1" come within this time."""

REPEATED_MS = 60_000
"""Viewers who repeat the host's words do so within this time."""

_REMEMBERED = 12
_SHORT = 8
_ANSWER = 3


class _Line(msgspec.Struct, frozen=True, gc=False):
    at_ms: int
    canon: str
    invites: bool
    checks: bool
    """Asks whether picture or sound is there."""


class HostWords:
    """The last few lines of the host."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lines: deque[_Line] = deque(maxlen=_REMEMBERED)

    def said(self, at_ms: int, text: str) -> None:
        """Take one line of the host."""
        normal = self._tables.read(text)
        hits = find_hits(normal, self._tables)
        helpers = {hit.term.helper for hit in hits}
        about = any(hit.term.label is Label.ACCIDENT for hit in hits)
        asks = bool(helpers & {Helper.YESNO, Helper.INVITE}) or "?" in normal.text
        checks = Helper.CHECK in helpers or (about and asks)
        self._lines.append(_Line(at_ms, normal.sound, Helper.INVITE in helpers, checks))

    def invited(self, at_ms: int, canon: str) -> bool:
        """Whether the host asked for this, or said it first."""
        self._forget(at_ms - REPEATED_MS)
        return any(_asked_for(line, at_ms, canon) for line in self._lines)

    def answers_check(self, at_ms: int, canon: str) -> bool:
        """Whether this is only an answer to "卡的扣1", not a report of its own."""
        return 0 < len(canon) <= _ANSWER and any(
            line.checks and 0 <= at_ms - line.at_ms <= INVITED_MS and set(canon) <= set(line.canon)
            for line in self._lines
        )

    def _forget(self, before_ms: int) -> None:
        while self._lines and self._lines[0].at_ms < before_ms:
            self._lines.popleft()


def _asked_for(line: _Line, at_ms: int, canon: str) -> bool:
    age = at_ms - line.at_ms
    if not canon or not 0 <= age <= REPEATED_MS:
        return False
    if line.invites and age <= INVITED_MS and len(canon) <= _SHORT:
        return set(canon) <= set(line.canon)
    return len(canon) >= 3 and canon in line.canon
