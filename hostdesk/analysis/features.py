"""What the model looks at in one comment: short runs of characters, and what the lexicon found.

Runs are looked at as written and as heard (homophones have the same sound form, a Latin
word is one character there).
"""

from typing import TYPE_CHECKING

from hostdesk.analysis.normalise import Normal

if TYPE_CHECKING:
    from hostdesk.analysis.classifier import Judgement

LONGEST_WRITTEN = 4
LONGEST_HEARD = 3
"""Characters of the longest run."""
MAX_CHARS = 160
"""Characters whose runs are looked at. Longer comments are mostly pasted; the lexicon reads on."""
BEGIN, END = "\x02", "\x03"
"""How a comment begins and ends says much."""

_LENGTHS = (4, 8, 14, 24, 48)
_ABOUT = ("owner", "style", "echo", "recovery", "asked_accident")


def framed(text: str) -> str:
    """``text`` as its runs are taken from it."""
    return f"{BEGIN}{text[:MAX_CHARS]}{END}"


def share(normal: Normal) -> float:
    """What one run counts: a long comment says no more than a short one."""
    return float((min(len(normal.text), MAX_CHARS) + min(len(normal.sound), MAX_CHARS) + 4) ** -0.5)


def runs(text: str, longest: int) -> list[str]:
    """All runs of 1 to ``longest`` characters of ``text``."""
    said = framed(text)
    return [
        said[at : at + length]
        for length in range(1, longest + 1)
        for at in range(len(said) - length + 1)
    ]


def hints(normal: Normal, judged: "Judgement") -> set[str]:
    """Names of what the lexicon found."""
    found = {f"long{sum(len(normal.text) > length for length in _LENGTHS)}"}
    if not judged.scores:
        found.add("nothing")
    else:
        found.update([f"{mark.label}/{mark.topic}" for mark in judged.marks])
        found.update([f"{label}={int(score * 4)}" for label, score in judged.scores.items()])
        found.update(_pairs(sorted(judged.scores)))
    found.update([name for name in _ABOUT if getattr(judged, name)])
    if "?" in normal.text:
        found.add("?")
    return found


def _pairs(labels: list[str]) -> list[str]:
    return [f"{a}+{b}" for at, a in enumerate(labels) for b in labels[at + 1 :]]
