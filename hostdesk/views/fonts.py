"""Fonts that have every character of a live room: Chinese, Latin and coloured emoji.

With one family only, joined emoji (👨‍👩‍👧) fall back to a monochrome glyph, so the
emoji families are always named behind the Chinese ones.
"""

import functools
import re

from PySide6.QtGui import QFont

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Microsoft YaHei UI",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "Noto Color Emoji",
    "Segoe UI Emoji",
    "Apple Color Emoji",
)

_UNJOINED = re.compile(
    "[\\u0020-\\u00ac\\u00ae-\\u024f\\u2010-\\u2027\\u2030-\\u205e\\u3000-\\u3029"
    "\\u3030-\\u3098\\u309b-\\u312f\\u3400-\\u9fff\\uac00-\\ud7a3\\uff00-\\uffef]*"
)
"""Chinese, Latin and the like: each character is one glyph, whatever stands beside it."""


def is_unjoined(text: str) -> bool:
    """Whether ``text`` looks the same in a `quick_font`: no emoji, no marks, no Arabic."""
    return _UNJOINED.fullmatch(text) is not None


def quick_font(px: int) -> QFont:
    """The font of all text for what `is_unjoined`: laid out in two thirds of the time."""
    font = text_font(px)
    font.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
    return font


def text_font(px: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font of all text, ``px`` pixels high. A fresh one: the caller may change it."""
    return QFont(_cached(px, weight))


@functools.cache
def _cached(px: int, weight: QFont.Weight) -> QFont:
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPixelSize(px)
    font.setWeight(weight)
    return font
