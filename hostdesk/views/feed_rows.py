"""One row of the feed: laid out once, painted while it is visible."""

import dataclasses
import functools
import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPixmap,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from hostdesk.desk.rows import FeedRow, RowFlag
from hostdesk.findings import Lane
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.clocks import clock
from hostdesk.views.feed_ring import Entry, Hole
from hostdesk.views.fonts import is_unjoined, quick_font, text_font
from hostdesk.views.icons import pixmap
from hostdesk.views.plain import plain, utf16

MAX_LINES = 4
HOLE_HEIGHT = 26
AUTHOR_CHARS = 12

_BAR = 3
_CLOCK_LEFT = 10
_LEFT = 66
_PAD = 4
_ICON = 13
_QUIET_KINDS = {"gift": "gift", "member": "member", "stream": "stream", "gap": "gap"}


@dataclasses.dataclass(slots=True)
class LaidRow:
    """A row ready to be painted at any place."""

    layout: QTextLayout | None
    height: int
    cut: bool = False
    """Its text ends in an ellipsis; the tooltip has more."""
    flag: RowFlag | None = None
    """What it was judged to be when it was laid out: forget the row when that changes."""
    gone: bool = False
    """Marked as taken back by the platform."""


@dataclasses.dataclass(slots=True)
class _Said:
    """The pieces of a row's line and the colour of the last one."""

    head: str
    badges: tuple[tuple[str, str], ...]
    text: str
    colour: str
    gone: bool = False


class RowPainter:
    """Lays out and paints rows for one width. Make a new one when width or language change."""

    def __init__(self, words: Words, width: int) -> None:
        self._words = words
        self._width = width
        self._font, self._quick = text_font(theme.TEXT_PX), quick_font(theme.TEXT_PX)
        self._small = text_font(theme.SMALL_PX - 1)
        self._chip = text_font(theme.SMALL_PX - 1, QFont.Weight.DemiBold)
        metrics = QFontMetricsF(self._chip)
        self._lane_words = {lane: words.get(f"lane.{lane}", lane.value) for lane in Lane}
        widest = max(metrics.horizontalAdvance(word) for word in self._lane_words.values())
        self._gutter = widest + _ICON + 14
        self._line = QFontMetricsF(self._font).height()
        self._order, self._first = words("feed.order"), words("feed.first")
        self._maybe_order, self._gone = words("feed.maybe_order"), words("feed.removed")
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._option.setTextDirection(Qt.LayoutDirection.LeftToRight)
        self._dim, self._plain = QColor(theme.DIM), QColor(theme.TEXT)
        self._ratio = 1.0
        self._clock_top = round(_PAD + (self._line - QFontMetricsF(self._small).height()) / 2)
        self._clock = functools.lru_cache(maxsize=64)(self._clock_picture)

    @property
    def row_height(self) -> int:
        """Height of a row of one line."""
        return round(self._line + 2 * _PAD)

    def lay(self, entry: Entry, flag: RowFlag | None, *, gone: bool = False) -> LaidRow:
        """Lay out one entry: at most `MAX_LINES` lines of text.

        ``gone``: the platform took it back; it stays readable under a line, with a word.
        """
        if isinstance(entry, Hole):
            return LaidRow(None, HOLE_HEIGHT)
        said = self._said(entry)
        if gone:
            badges = ((self._gone, theme.WARN), *said.badges)
            said = dataclasses.replace(said, badges=badges, gone=True)
        layout, lines, cut = self._wrap(said, flag)
        height = round(lines * self._line + 2 * _PAD)
        return LaidRow(layout, height, cut or len(entry.text) > 600, flag, gone)

    def begin(self, painter: QPainter) -> None:
        """Make ready to paint a frame's rows."""
        self._ratio = painter.device().devicePixelRatioF()
        painter.setPen(self._plain)

    def paint(self, painter: QPainter, entry: Entry, laid: LaidRow, top: int) -> None:
        """Paint one row that is not a hole; `begin` came before."""
        if not isinstance(entry, FeedRow) or laid.layout is None:
            return
        flag = laid.flag if laid.flag and (laid.flag.labels or laid.flag.lane) else None
        if flag is not None:
            self._ground(painter, top, laid.height, theme.LANE_COLOURS[flag.lane])
        time = self._clock(entry.at_ms // 1000, self._ratio)
        painter.drawPixmap(_CLOCK_LEFT, top + self._clock_top, time)
        laid.layout.draw(painter, QPointF(_LEFT, top + _PAD))
        if flag is not None:
            self._lane_chip(painter, top, flag.lane, unsure=flag.unsure)
            painter.setPen(self._plain)
        elif entry.kind in _QUIET_KINDS:
            self._kind_icon(painter, top, _QUIET_KINDS[entry.kind])

    def paint_hole(self, painter: QPainter, hole: Hole, top: int, *, asked: bool) -> None:
        """Paint the marker of a hole, a thin line with words in the middle."""
        words = self._words("feed.hole_asked" if asked else "feed.hole", n=hole.count)
        box = QRectF(0, top, self._width, HOLE_HEIGHT)
        painter.setFont(self._small)
        wide = painter.fontMetrics().horizontalAdvance(words) + 24
        pill = QRectF((self._width - wide) / 2, top + 3, wide, HOLE_HEIGHT - 6)
        painter.setPen(QColor(theme.LINE))
        painter.drawLine(8, int(box.center().y()), self._width - 8, int(box.center().y()))
        painter.setBrush(QColor(theme.RAISED))
        painter.drawRoundedRect(pill, 10, 10)
        painter.setPen(QColor(theme.SOFT))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.setPen(self._plain)

    def _clock_picture(self, second: int, ratio: float) -> QPixmap:
        """A time of day, drawn once for all rows of its second."""
        words, metrics = clock(second * 1000), QFontMetricsF(self._small)
        wide, high = metrics.horizontalAdvance(words), metrics.height()
        picture = QPixmap(QSize(math.ceil(wide * ratio) + 1, math.ceil(high * ratio)))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(self._small)
        painter.setPen(self._dim)
        painter.drawText(QPointF(0, metrics.ascent()), words)
        painter.end()
        return picture

    def _said(self, row: FeedRow) -> _Said:
        author = plain(row.author, AUTHOR_CHARS * 2).strip()
        if len(author) > AUTHOR_CHARS:
            author = author[: AUTHOR_CHARS - 1] + "…"
        text = plain(row.text)
        if row.kind == "comment":
            badges = ((self._order, theme.ACCENT),) if row.has_order else ()
            if row.maybe_order:
                badges = ((self._maybe_order, theme.SOFT),)
            first = ((self._first, theme.SOFT),) if row.first_time else ()
            return _Said(author or "***", badges + first, text, theme.TEXT)
        if row.kind == "host":
            return _Said(self._words("feed.host"), (), text, theme.ACCENT)
        return _Said("", (), self._happening(row, author, text), theme.SOFT)

    def _happening(self, row: FeedRow, author: str, text: str) -> str:
        if row.kind == "gap":
            return self._words("feed.gap", seconds=round(row.count / 1000), source=text)
        if row.kind == "stream":
            return self._words.get(f"feed.stream.{text}", text)
        return self._words(f"feed.{row.kind}", who=author or "***", what=text, n=row.count)

    def _wrap(self, said: _Said, flag: RowFlag | None) -> tuple[QTextLayout, int, bool]:
        """The layout, how many lines it has, and whether it had to be cut."""
        head = f"{said.head}  " if said.head else ""
        badges = "".join([f"{word}  " for word, _ in said.badges]) if said.badges else ""
        line = head + badges + said.text
        font = self._quick if is_unjoined(line) else self._font
        layout = QTextLayout(line, font)
        layout.setCacheEnabled(True)  # else the glyphs are dropped and shaped again to be drawn
        layout.setTextOption(self._option)
        layout.setFormats(self._formats(said, head, flag))
        lines, fits = self._break(layout)
        if fits is None:
            return layout, max(lines, 1), False
        shorter = QTextLayout(_ended(line, fits), font)
        shorter.setTextOption(self._option)
        shorter.setFormats(layout.formats())
        lines, _ = self._break(shorter)
        return shorter, lines, True

    def _break(self, layout: QTextLayout) -> tuple[int, int | None]:
        """Break into lines; how many, and where it has to end if it does not fit."""
        room = max(self._width - _LEFT - self._gutter, 60)
        layout.beginLayout()
        cut: int | None = None
        count = 0
        for count in range(MAX_LINES + 1):
            line = layout.createLine()
            if not line.isValid():
                break
            if count == MAX_LINES:
                cut = line.textStart()
                line.setNumColumns(1)
                line.setPosition(QPointF(0, -10_000))
                break
            line.setLineWidth(room)
            if count:
                line.setPosition(QPointF(0, count * self._line))
        layout.endLayout()
        return count, cut

    def _formats(
        self, said: _Said, head: str, flag: RowFlag | None
    ) -> list[QTextLayout.FormatRange]:
        at = utf16(head, len(head))
        made = [_author(at)]
        for word, colour in said.badges:
            made.append(_range(at, len(word), _badge(colour)))
            at += len(word) + 2
        if said.colour != theme.TEXT:  # that is the pen's own
            made.append(_range(at, 1 << 20, _colour(said.colour)))
        if said.gone:
            made.append(_range(at, 1 << 20, _struck(None)))
        lane = flag.lane if flag else None
        for span in flag.spans if flag else ():
            start, end = utf16(said.text, span.start), utf16(said.text, span.end)
            if end > start >= 0:
                form = _struck(lane) if said.gone else _underlined(lane)
                made.append(_range(at + start, end - start, form))
        return made

    def _ground(self, painter: QPainter, top: int, height: int, colour: str) -> None:
        tint = QColor(colour)
        tint.setAlpha(22)
        painter.fillRect(0, top, self._width, height, tint)
        painter.fillRect(0, top, _BAR, height, QColor(colour))

    def _lane_chip(self, painter: QPainter, top: int, lane: Lane | None, *, unsure: bool) -> None:
        colour = theme.LANE_COLOURS[lane]
        left = self._width - self._gutter + 4
        middle = top + _PAD + (self._line - _ICON) / 2
        _draw_icon(painter, theme.LANE_ICONS[lane], QPointF(left, middle), colour)
        if lane is None:
            return
        painter.setFont(self._chip)
        painter.setPen(QColor(colour))
        box = QRectF(left + _ICON + 4, top + _PAD, self._gutter, self._line)
        word = self._lane_words[lane] + ("?" if unsure else "")
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), word)

    def _kind_icon(self, painter: QPainter, top: int, name: str) -> None:
        left = self._width - self._gutter + 4
        middle = top + _PAD + (self._line - _ICON) / 2
        _draw_icon(painter, name, QPointF(left, middle), theme.DIM)


def _draw_icon(painter: QPainter, name: str, at: QPointF, colour: str) -> None:
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(at, pixmap(name, _ICON, colour, ratio))


def _ended(line: str, units: int) -> str:
    """The first ``units`` of Qt's characters, less two, with an ellipsis."""
    head = line.encode("utf-16-le")[: 2 * max(units - 2, 0)].decode("utf-16-le", "ignore")
    return head.rstrip("\u200d\ufe0f ") + "…"


def _range(start: int, length: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    made = QTextLayout.FormatRange()
    made.start, made.length, made.format = start, length, form
    return made


@functools.cache
def _author(length: int) -> QTextLayout.FormatRange:
    return _range(0, length, _colour("#93aabf"))


@functools.cache
def _colour(colour: str) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setForeground(QColor(colour))
    return form


@functools.cache
def _badge(colour: str) -> QTextCharFormat:
    form = QTextCharFormat(_colour(colour))
    ground = QColor(colour)
    ground.setAlpha(38)
    form.setBackground(ground)
    return form


@functools.cache
def _underlined(lane: Lane | None) -> QTextCharFormat:
    form = QTextCharFormat(_colour(theme.LANE_COLOURS[lane]))
    form.setFontUnderline(True)
    return form


@functools.cache
def _struck(lane: Lane | None) -> QTextCharFormat:
    """Taken back: of a lane, the words that led there."""
    form = QTextCharFormat(_underlined(lane) if lane else _colour(theme.SOFT))
    form.setFontStrikeOut(True)
    return form
