"""One spelling for the many ways in which viewers write the same thing.

Full width, 繁體, capitals, zero-width characters, stretched letters ("noooo", "卡卡卡卡")
and spread characters ("垃 圾") are undone, and every character of the result knows where
it stood, so that the words found can be marked in what the viewer wrote.
"""

import re
import unicodedata
from collections.abc import Mapping

import msgspec

MAX_JUDGED = 400
"""Characters of one comment that are looked at; the rest is shown, not judged."""

_WIDE = {code: ord(chr(code - 0xFEE0).lower()) for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_PLAIN = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_MARKS = {ord("“"): '"', ord("”"): '"', ord("’"): "'", ord("‘"): "'", ord("。"): "."}
_NEEDS_CARE = re.compile(
    r"([^\W\d_]|[!?~.])\1\1|[\u0000-\u001f\u007f-\u009f\u00ad\u0300-\u036f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u2064\ufe00-\ufe0f\ufeff]|(?<![\u3400-\u9fff])[\u3400-\u9fff](?:[ .·*_\-、]+"
    r"[\u3400-\u9fff])+(?![\u3400-\u9fff])"
)
_SPREAD = re.compile(
    r"(?<![\u3400-\u9fff])[\u3400-\u9fff](?:[ .·*_\-、]+[\u3400-\u9fff])+(?![\u3400-\u9fff])"
)
_SPREADERS = frozenset(" .·*_-、")


class Normal(msgspec.Struct, frozen=True, gc=False):
    """A comment in one spelling, with the way back."""

    text: str
    sound: str = ""
    """What it sounds like; see `canon.Canon`."""
    places: tuple[int, ...] | None = None
    """Where each character stood in the original; None where nothing moved."""

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets of ``text[start:end]`` in what the viewer wrote. ``end`` > ``start``."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


class Normaliser:
    """Brings comments and lexicon terms into the same spelling."""

    def __init__(self, simplified: Mapping[str, str]) -> None:
        """``simplified`` maps one traditional character to its simplified one."""
        same_length = {ord(old): ord(new) for old, new in simplified.items()}
        marks = {code: ord(mark) for code, mark in _MARKS.items()}
        self._table: dict[int, int] = same_length | _WIDE | _PLAIN | marks

    def __call__(self, text: str) -> Normal:
        """``text`` in one spelling; at most `MAX_JUDGED` characters of it."""
        text = text[:MAX_JUDGED]
        plain = text.translate(self._table)
        if unicodedata.is_normalized("NFKC", plain) and not _NEEDS_CARE.search(plain):
            return Normal(plain)
        return self._slowly(text)

    def _slowly(self, text: str) -> Normal:
        chars: list[str] = []
        places: list[int] = []
        for place, char in enumerate(text):
            for piece in unicodedata.normalize("NFKC", char).casefold():
                if unicodedata.category(piece) not in ("Cf", "Mn", "Cc", "Me", "Cs"):
                    chars.append(piece)
                    places.append(place)
        joined = "".join(chars).translate(self._table)
        kept = _gathered(joined, _unstretched(joined))
        said = "".join(joined[at] for at in kept)
        return Normal(said, places=tuple(places[at] for at in kept))


def _unstretched(text: str) -> list[int]:
    """Indexes to keep: three or more of a Latin letter become one, of anything else two.

    Digits stay as they are: "13800001111" is a number, and "1111" an answer.
    """
    kept: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and text[end] == text[at]:
            end += 1
        length = end - at
        if length >= 3 and not text[at].isdigit():
            length = 1 if text[at].isascii() and text[at].isalpha() else 2
        kept.extend(range(at, at + length))
        at = end
    return kept


def _gathered(text: str, kept: list[int]) -> list[int]:
    """Drop what stands between single Chinese characters that were spread out."""
    said = "".join(text[at] for at in kept)
    drop: set[int] = set()
    for spread in _SPREAD.finditer(said):
        drop.update(at for at in range(*spread.span()) if said[at] in _SPREADERS)
    return [at for number, at in enumerate(kept) if number not in drop] if drop else kept
