"""Fonts that have every character of a live room: Chinese, Latin and coloured emoji.

With one family only, joined emoji (👨‍👩‍👧) fall back to a monochrome glyph, so the
emoji families are always named behind the Chinese ones.
"""

import functools

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
