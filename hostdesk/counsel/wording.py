"""A first look at an own notice while it is typed: hints, nothing is blocked."""

import re
from collections.abc import Sequence

import msgspec

from hostdesk.counsel.fill import slots_of


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look at before the notice goes up. Words: ``resources/text`` ``hint.*``."""

    code: str
    found: str
    """The words that it is about; for ``too_long`` how many characters there are."""
    start: int = 0
    end: int = 0
    """Where they stand in the text, as character offsets."""


class HintRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pattern to look for."""

    code: str
    pattern: str
    source: str


class NoticeCheck:
    """Looks for what an own notice should not carry."""

    STATIC = True

    def __init__(self, max_length: int, rules: Sequence[HintRule] = ()) -> None:
        """Take the rules of ``resources/rules/notice_limits.toml``.

        Raises:
            re.error: a pattern is not a regular expression.
        """
        self.max_length = max_length
        self._patterns = [(rule.code, re.compile(rule.pattern, re.IGNORECASE)) for rule in rules]

    def hints(self, text: str) -> list[Hint]:
        """What to look at in ``text``, in the order of the rules; empty = nothing found."""
        hints = []
        if len(text) > self.max_length:
            hints.append(
                Hint(code="too_long", found=str(len(text)), start=self.max_length, end=len(text))
            )
        for slot in slots_of(text):
            start = text.index("{" + slot + "}")
            hints.append(Hint(code="open_slot", found=slot, start=start, end=start + len(slot) + 2))
        for code, pattern in self._patterns:
            hints += [
                Hint(code=code, found=hit.group(), start=hit.start(), end=hit.end())
                for hit in pattern.finditer(text)
            ]
        return hints
