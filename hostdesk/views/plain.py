"""Viewers' text made harmless to look at, without moving a single character offset.

What a viewer wrote may hold line breaks, control characters, or marks that turn the
reading direction of everything behind them. Each is replaced by one visible character,
so that the offsets of the words that led to a flag stay true.
"""

import html
import re

SHOWN_CHARS = 600
"""A row never shows more than this: laying out a million characters takes seconds."""
TOOLTIP_CHARS = 2_000

_SPACE = dict.fromkeys((*range(0x09, 0x0E), 0x85, 0x2028, 0x2029), " ")
_CONTROL = dict.fromkeys((*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)), "·")
_TURNS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "·"
)
_HARMLESS = {**_CONTROL, **_TURNS, **_SPACE, 0xFEFF: "·", 0xFFFC: "·"}
_LONE = re.compile("[\ud800-\udfff]")
_STACKED_FROM, _STACKED_UNTIL = 0x0300, 0x036F
_MAX_STACKED = 3


_ODD = re.compile(
    "[" + "".join(re.escape(chr(code)) for code in _HARMLESS) + "\u0300-\u036f\ud800-\udfff]"
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def plain(text: str, limit: int = SHOWN_CHARS) -> str:
    """``text`` on one line, at most ``limit`` characters, same offsets as before."""
    cut = text[:limit]
    if _ODD.search(cut) is None:  # nearly every row; translating each one would cost 5 µs
        return cut
    return _unstacked(_harmless(cut))


def _harmless(text: str) -> str:
    return _LONE.sub("\N{REPLACEMENT CHARACTER}", text.translate(_HARMLESS))


def tooltip(text: str) -> str:
    """``text`` for a tooltip, which Qt would otherwise take for HTML when it looks like it."""
    shown = plain(text, TOOLTIP_CHARS)
    more = " …" if len(text) > TOOLTIP_CHARS else ""
    return f"<p style='white-space:pre-wrap'>{html.escape(shown)}{more}</p>"


def utf16(text: str, offset: int) -> int:
    """Where the character at ``offset`` stands in Qt's own counting (emoji count twice)."""
    head = text[:offset]
    return len(head) + (0 if head.isascii() else len(_ASTRAL.findall(head)))


def _unstacked(text: str) -> str:
    """Marks piled upon marks (Zalgo) would paint over the rows above and below."""
    pile = 0
    kept: list[str] = []
    for char in text:
        pile = pile + 1 if _STACKED_FROM <= ord(char) <= _STACKED_UNTIL else 0
        kept.append("·" if pile > _MAX_STACKED else char)
    return "".join(kept)
