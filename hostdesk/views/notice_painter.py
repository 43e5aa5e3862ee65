"""Painting of a notice's panel: what viewers read. Pure: words and sizes in, a picture out.

The same code paints the preview in the window and the PNG that goes into OBS, so what
an assistant sees before pressing 上屏 is what the room will read.

Sizes count in units of 1/1080 of the canvas's shorter side: text of 44 units is 29 px on a
720p picture, which a phone still shows readably.
"""

import dataclasses

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QTextLayout, QTextOption

from hostdesk.events import NoticeKind
from hostdesk.views.fonts import text_font
from hostdesk.views.icons import paint_icon
from hostdesk.views.plain import plain

MAX_LINES = 3
MAX_LINES_UPRIGHT = 4
"""A portrait canvas is narrow: a fourth line there is better than words that are lost."""
MAX_CHARS = 240
SIZES = (68, 62, 56, 50, 44)
"""Text heights to try, largest first; nothing is ever smaller than the last."""
LOOSE_SIZE = 56
"""Three lines only once the text is no larger than this: two large lines read better."""

_PADDING = 34
_BADGE = 200
_HEADER = 84
_RADIUS = 22
_MIN_TEXT = 260
_WORD_LEAST = 38
_LEADING = 1.28
_UNEVEN = 1.4
"""How much wider than even lines may become for a break at a pause."""
_PAUSES = "，。；：！？、,.;:!? "
_PAPER = "#f7f4ec"
_INK = "#17202a"


@dataclasses.dataclass(frozen=True)
class Look:
    """Colour and icon of one kind of notice; the word stands beside them."""

    colour: str
    icon: str


LOOKS: dict[NoticeKind, Look] = {
    "apology": Look("#31536f", "apology"),
    "compensation": Look("#7a4a12", "compensation"),
    "correction": Look("#6b3a63", "correction"),
    "progress": Look("#34507a", "progress"),
    "recovery": Look("#1f6147", "recovery"),
    "note": Look("#444c57", "note"),
}


@dataclasses.dataclass(frozen=True)
class Panel:
    """A painted panel and the place of its top-left corner on the canvas."""

    image: QImage
    x: int
    y: int
    whole: bool
    """False where the text was too long and ends in an ellipsis."""


@dataclasses.dataclass(frozen=True)
class _Lines:
    """Text laid out for one size."""

    layout: QTextLayout
    px: int
    count: int
    width: float
    height: float
    whole: bool = True


def paint_notice(kind: NoticeKind, word: str, text: str, canvas: QSize, safe: QRect) -> Panel:
    """Paint a notice for a picture of ``canvas`` pixels, inside of ``safe``.

    On a landscape canvas the panel stands at the bottom of the safe area, its word on the
    left; on a portrait one at the top (chat covers the bottom), its word above the text.
    """
    unit = min(canvas.width(), canvas.height()) / 1080
    upright = canvas.height() > canvas.width()
    badge = 0 if upright else _badge_width(word, unit)
    padding = round(_PADDING * unit)
    room = safe.width() - badge - 2 * padding
    most = MAX_LINES_UPRIGHT if upright else MAX_LINES
    lines = _fit(plain(text.strip(), MAX_CHARS), max(room, round(_MIN_TEXT * unit)), unit, most)
    lines = dataclasses.replace(lines, whole=lines.whole and len(text.strip()) <= MAX_CHARS)
    size = _panel_size(lines, safe, unit, badge)
    image = _paint(LOOKS[kind], word, lines, size, unit, badge)
    left = safe.left() + (safe.width() - size.width()) // 2
    top = safe.top() if upright else safe.top() + safe.height() - size.height()
    return Panel(image, left, max(top, 0), lines.whole)


def safe_rect(canvas: QSize, left: float, top: float, right: float, bottom: float) -> QRect:
    """The safe area of fractions 0..1 in pixels; the middle of the canvas where they are off."""
    across, down = (canvas.width(), canvas.height())
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        left, top, right, bottom = 0.05, 0.05, 0.95, 0.95
    x, y = round(left * across), round(top * down)
    return QRect(x, y, round(right * across) - x, round(bottom * down) - y)


def _fit(text: str, room: int, unit: float, most: int) -> _Lines:
    """The largest size at which the whole text fits; the smallest one, cut, where none does."""
    for size in SIZES:
        lines = _lay(text, room, size, unit)
        if lines.count <= (2 if size > LOOSE_SIZE else most):
            return _balanced(text, room, size, unit, lines)
    cut = _lay(_cut(text, room, unit, most), room, SIZES[-1], unit)
    return dataclasses.replace(cut, whole=False)


def _lay(text: str, room: float, size: int, unit: float) -> _Lines:
    px = max(1, round(size * unit))
    layout = QTextLayout(text or " ", text_font(px, QFont.Weight.Medium))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    count, width, step = 0, 0.0, px * _LEADING
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room)
        line.setPosition(QPointF(0, count * step + (step - line.height()) / 2))
        width = max(width, line.naturalTextWidth())
        count += 1
    layout.endLayout()
    return _Lines(layout, px, count, width, count * step)


def _balanced(text: str, room: int, size: int, unit: float, lines: _Lines) -> _Lines:
    """Lines of about the same length, broken behind a comma where that is possible."""
    if lines.count < 2:
        return lines
    narrow, wide = room / lines.count * 0.6, float(room)
    while wide - narrow > 8:
        middle = (narrow + wide) / 2
        if _lay(text, middle, size, unit).count <= lines.count:
            wide = middle
        else:
            narrow = middle
    even = _lay(text, wide, size, unit)
    width, step = wide, size * unit / 2
    while width <= min(room, wide * _UNEVEN):
        tried = _lay(text, width, size, unit)
        if tried.count == even.count and _breaks_well(text, tried.layout):
            return tried
        width += step
    return even


def _breaks_well(text: str, layout: QTextLayout) -> bool:
    """Whether every line but the last ends where a reader pauses."""
    wide = text.encode("utf-16-le")
    ends = [layout.lineAt(n) for n in range(layout.lineCount() - 1)]
    tails = [wide[: 2 * (line.textStart() + line.textLength())] for line in ends]
    return all(tail.decode("utf-16-le", "ignore")[-1:] in _PAUSES for tail in tails)


def _cut(text: str, room: float, unit: float, most: int) -> str:
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if _lay(text[:middle] + "…", room, SIZES[-1], unit).count <= most:
            fits = middle
        else:
            too_long = middle
    return text[:fits].rstrip() + "…"


def _badge_width(word: str, unit: float) -> int:
    """Wide enough for a long word (English ones are) in a readable size."""
    font = text_font(max(1, round(_WORD_LEAST * unit)), QFont.Weight.Bold)
    wide = QFontMetricsF(font).horizontalAdvance(word) + 36 * unit
    return round(min(max(wide, _BADGE * unit), 1.7 * _BADGE * unit))


def _panel_size(lines: _Lines, safe: QRect, unit: float, badge: int) -> QSize:
    """``badge`` is its width on the left; 0 = it stands above the text."""
    padding = _PADDING * unit
    across = lines.width + 2 * padding + badge
    down = lines.height + 2 * padding
    if not badge:
        across, down = float(safe.width()), down + _HEADER * unit - padding * 0.4
    least = round((_BADGE + _MIN_TEXT) * unit)
    return QSize(min(max(round(across) + 1, least), safe.width()), round(down))


def _paint(look: Look, word: str, lines: _Lines, size: QSize, unit: float, badge: int) -> QImage:
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    radius = _RADIUS * unit
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.colour))
    painter.drawRoundedRect(QRectF(image.rect()), radius, radius)
    if badge:
        text_at = _wide_ground(painter, look, word, size, unit, badge)
    else:
        text_at = _upright_ground(painter, look, word, size, unit)
    painter.setPen(QColor(_INK))
    x = text_at.left() + max(0.0, (text_at.width() - lines.width) / 2 if not badge else 0.0)
    y = text_at.top() + max(0.0, (text_at.height() - lines.height) / 2)
    lines.layout.draw(painter, QPointF(x, y))
    painter.end()
    return image


def _wide_ground(
    painter: QPainter, look: Look, word: str, size: QSize, unit: float, badge: int
) -> QRectF:
    """Badge on the left, paper on the right; returns where the text goes."""
    edge, radius, padding = _edge(unit), (_RADIUS - 5) * unit, _PADDING * unit
    paper = QRectF(badge, edge, size.width() - badge - edge, size.height() - 2 * edge)
    _paper(painter, paper, radius)
    mark = 64 * unit
    middle = (size.height() - mark - 60 * unit) / 2
    paint_icon(painter, look.icon, QRectF((badge - mark) / 2, middle, mark, mark), "#ffffff")
    below = QRectF(0, middle + mark, badge, 60 * unit)
    _word(painter, word, below, unit, Qt.AlignmentFlag.AlignCenter)
    return paper.adjusted(padding, 0, -padding, 0)


def _upright_ground(painter: QPainter, look: Look, word: str, size: QSize, unit: float) -> QRectF:
    """Badge as a header above the paper; returns where the text goes."""
    edge, head, padding, mark = _edge(unit), _HEADER * unit, _PADDING * unit, 50 * unit
    paper = QRectF(edge, head, size.width() - 2 * edge, size.height() - head - edge)
    _paper(painter, paper, (_RADIUS - 5) * unit)
    top = (head - mark) / 2
    paint_icon(painter, look.icon, QRectF(padding, top, mark, mark), "#ffffff")
    beside = QRectF(padding + mark + 18 * unit, 0, size.width() / 2, head)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    _word(painter, word, beside, unit, middle)
    return paper.adjusted(padding, 0, -padding, 0)


def _edge(unit: float) -> float:
    return max(2.0, 5 * unit)


def _paper(painter: QPainter, paper: QRectF, radius: float) -> None:
    painter.setBrush(QColor(_PAPER))
    painter.drawRoundedRect(paper, radius, radius)


def _word(painter: QPainter, word: str, box: QRectF, unit: float, align: Qt.AlignmentFlag) -> None:
    """The kind's word, made smaller where a long one would be clipped."""
    px = round(46 * unit)
    font = text_font(max(px, 1), QFont.Weight.Bold)
    painter.setFont(font)
    wide = painter.fontMetrics().horizontalAdvance(word)
    if wide > box.width() - 12 * unit:
        shrunk = max(1, int(px * (box.width() - 12 * unit) / wide))
        painter.setFont(text_font(shrunk, QFont.Weight.Bold))
    painter.setPen(QColor("#ffffff"))
    painter.drawText(box, int(align | Qt.TextFlag.TextDontClip), word)
    painter.setPen(Qt.PenStyle.NoPen)
