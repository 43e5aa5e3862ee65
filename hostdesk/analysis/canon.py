"""What a comment sounds like: the form in which copies are compared.

Every token is one character of a plain string, so a shingle is a slice: a Chinese
character stands as its toneless syllable with the usual confusions undone (zh=z, n=l,
ng=n), a number as ``#``, a Latin word as one private character. Emoji, punctuation and
repetition are gone. Two comments that sound alike have the same form.
"""

import re
import zlib
from collections.abc import Mapping

_TOKEN = re.compile(r"[a-z']+|\d+(?:\.\d+)?|[^\W\d_]")
_SYLLABLES_FROM = 0xE000
_WORDS_FROM = 0xF0000
_WORDS = 0xFFF0
NUMBER = "#"


def fuzzy(syllable: str) -> str:
    """A toneless syllable without the differences that many speakers do not make."""
    for long, short in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(long):
            syllable = short + syllable[2:]
    if syllable.startswith("n"):
        syllable = "l" + syllable[1:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


class Canon:
    """Turns normalised text into its sound form."""

    def __init__(self, syllables: Mapping[str, str]) -> None:
        """``syllables`` maps a toneless syllable to all characters read like it."""
        sounds = sorted({fuzzy(syllable) for syllable in syllables})
        self.name = f"{zlib.crc32(repr(sorted(syllables.items())).encode()):08x}"
        """Another table of syllables gives another sound form."""
        codes = {sound: chr(_SYLLABLES_FROM + at) for at, sound in enumerate(sounds)}
        self._codes = {
            char: codes[fuzzy(syllable)] for syllable, chars in syllables.items() for char in chars
        }

    def __call__(self, normal: str) -> str:
        """The sound form of normalised text; one character a token."""
        codes = self._codes
        out: list[str] = []
        last = ""
        for token in _TOKEN.findall(normal):
            code = codes.get(token) or _other(token)
            if code != last:
                out.append(code)
                last = code
        return "".join(out)

    def places(self, normal: str) -> list[tuple[str, int, int]]:
        """The tokens of the sound form with their offsets; for marking what was heard."""
        places: list[tuple[str, int, int]] = []
        for found in _TOKEN.finditer(normal):
            code = self._codes.get(found[0]) or _other(found[0])
            if places and places[-1][0] == code:
                places[-1] = (code, places[-1][1], found.end())
            else:
                places.append((code, found.start(), found.end()))
        return places


def _other(token: str) -> str:
    if token[0].isdigit():
        return NUMBER
    return chr(_WORDS_FROM + zlib.crc32(token.encode()) % _WORDS)
