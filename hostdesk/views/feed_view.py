"""The feed: comments as they come, newest at the bottom, calm to read back in.

While it follows, the newest row stands at the bottom. As soon as somebody scrolls back (or
rests the pointer on it) the row at the top is the *anchor*: it stays where it is, by its
number and pixel, while comments arrive below and the oldest ones leave.
Only visible rows are ever laid out or painted (measured: flat up to 500,000 rows).
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QPushButton, QToolTip, QWidget
from typing_extensions import override

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.feed_places import FeedPlaces, Placed
from hostdesk.views.feed_ring import ALL, Entry, FeedRing, Filter, Hole, key_of
from hostdesk.views.feed_rows import RowPainter
from hostdesk.views.plain import tooltip

HOVER_MS = 20_000
"""A pointer that was left lying on the feed stops holding it after this."""

_WHEEL_STEP = 120
_ROWS_PER_STEP = 3
_BAR_SHARE = 0.98
"""While the feed follows, the bar may lag by this much: painting it is a third of a frame."""


class FeedView(QAbstractScrollArea):
    """Rows of a `FeedRing`. Emits which rows of the past are wanted; decides nothing."""

    page_wanted = Signal(int, int)
    touched = Signal()
    """Somebody scrolls here."""

    def __init__(self, words: Words, ring: FeedRing | None = None) -> None:
        super().__init__()
        self._words = words
        self.ring = ring or FeedRing()
        self._places = FeedPlaces(self.ring, RowPainter(words, 300))
        self._hovering = False
        self._total_at_pause = 0
        self._shines: frozenset[int] = frozenset()
        self._shown: list[Placed] = []
        self._hover_timer = QTimer(self, singleShot=True, interval=HOVER_MS)
        self._hover_timer.timeout.connect(self._end_hover)
        self._latest = self._make_latest()
        self._set_up()

    @property
    def layouts_made(self) -> int:
        """How many rows were laid out so far."""
        return self._places.layouts_made

    @property
    def layouts_kept(self) -> int:
        """How many layouts are kept for the next frame."""
        return self._places.cached

    @property
    def follows(self) -> bool:
        """Whether the newest row is kept at the bottom."""
        return self._places.anchor is None

    @property
    def top_row(self) -> tuple[int, int] | None:
        """``seq`` of the topmost visible row and its pixel offset; None when empty."""
        for entry, _, top in self._arrange():
            if isinstance(entry, FeedRow):
                return entry.seq, top
        return None

    @property
    def visible(self) -> Sequence[Entry]:
        """What is to be seen now, from the top."""
        return [entry for entry, _, _ in self._arrange()]

    def apply(self, digest: Digest) -> None:
        """Take rows and flags; nothing is painted until `refresh`."""
        if 0 < digest.last_seq < self.ring.last_seq:
            self._places.relay()  # numbers are given anew after a crash
        for seq in self.ring.apply(digest):
            self._places.forget(seq)

    def insert_page(
        self,
        rows: Sequence[FeedRow],
        flags: Sequence[RowFlag],
        span: tuple[int, int] | None = None,
        gone: Sequence[int] = (),
    ) -> None:
        """Put rows of the past into their hole; what is being read stays where it is."""
        self._anchor_below_hole()
        for seq in self.ring.insert_page(rows, flags, span, gone):
            self._places.forget(seq)
        self.refresh()

    def refresh(self) -> None:
        """Show what came since the last frame: one repaint, no matter how much it was."""
        self._sync_bar()
        self._show_latest()
        self.viewport().update()

    def forget(self) -> None:
        """Another show begins: drop everything."""
        self.ring.clear()
        self._places.relay()
        self._shines = frozenset()
        self.follow()

    def set_filter(self, by: Filter) -> None:
        """Show all rows, the flagged ones, or one lane."""
        self._places.filter = by
        self.follow()

    def follow(self) -> None:
        """Back to the newest row."""
        self._places.anchor = None
        self.refresh()

    def reveal(self, seqs: Sequence[int]) -> bool:
        """Bring the newest of ``seqs`` that is here into view and mark them all."""
        self._shines = frozenset(seqs)
        here = self._places.entries
        for seq in sorted(seqs, reverse=True):
            at = self._places.find(seq)
            if at < len(here) and key_of(here[at]) == seq:
                self._hold((seq, self.viewport().height() // 2))
                return True
        self.refresh()
        return False

    # ------------------------------------------------------------------ set-up

    def _set_up(self) -> None:
        self.setAccessibleName(self._words("feed.name"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setMinimumSize(QSize(220, 80))
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().setSingleStep(1)
        self.verticalScrollBar().valueChanged.connect(self._on_bar)

    def _make_latest(self) -> QPushButton:
        button = QPushButton(self.viewport())
        button.setObjectName("latest")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(self._on_latest)
        button.hide()
        return button

    def _arrange(self) -> list[Placed]:
        return self._places.arrange(self.viewport().height(), hold=self._hovering)

    # ----------------------------------------------------------------- scrolling

    def _hold(self, anchor: tuple[float, int]) -> None:
        if self._places.anchor is None:
            self._total_at_pause = self.ring.total
        self._places.anchor = anchor
        self._arrange()
        self.refresh()

    def scroll_px(self, down: int) -> None:
        """Scroll by pixels; past the last row it follows again."""
        self.touched.emit()
        placed = self._arrange()
        if not placed or (down >= 0 and self.follows):
            return
        first, _, top = placed[0]
        self._hovering = False
        self._hold((key_of(first), top - down))
        self._ask_for_holes()

    def _anchor_below_hole(self) -> None:
        """A page grows upwards: the row under the hole is what must not move."""
        if self._places.anchor is None:
            return
        below: tuple[float, int] | None = None
        for entry, _, top in self._arrange():
            if isinstance(entry, Hole):
                below = None
            elif below is None:
                below = key_of(entry), top
        self._places.anchor = below or self._places.anchor

    def _to_start(self) -> None:
        entries = self._places.entries
        if entries:
            self._hovering = False
            self._hold((key_of(entries[0]), 0))
            self._ask_for_holes()

    def _on_bar(self, value: int) -> None:
        self.touched.emit()
        entries = self._places.entries
        if value >= self.verticalScrollBar().maximum():
            self.follow()
        elif value < len(entries):
            self._hovering = False
            self._hold((key_of(entries[value]), 0))
            self._ask_for_holes()

    def _sync_bar(self) -> None:
        placed = self._shown = self._arrange()
        bar = self.verticalScrollBar()
        page = max(self.viewport().height() // self._places.rows.row_height - 1, 1)
        last = max(len(self._places.entries) - page, 0)
        if self.follows and self._bar_will_do(last, page):
            return
        bar.blockSignals(True)
        bar.setRange(0, last)
        bar.setPageStep(page)
        at = self._places.find(key_of(placed[0][0])) if placed else 0
        bar.setValue(bar.maximum() if self.follows else min(at, max(bar.maximum() - 1, 0)))
        bar.blockSignals(False)

    def _bar_will_do(self, last: int, page: int) -> bool:
        bar = self.verticalScrollBar()
        is_near = last * _BAR_SHARE <= bar.maximum() <= last
        return is_near and bar.value() == bar.maximum() and bar.pageStep() == page

    def _show_latest(self) -> None:
        self._latest.setVisible(not self.follows)
        if self.follows:
            return
        new = max(self.ring.total - self._total_at_pause, 0)
        key = "feed.latest" if new else "feed.latest_none"
        self._latest.setText(self._words(key, n=new))
        self._latest.adjustSize()
        room = self.viewport().size()
        size = self._latest.size()
        self._latest.move((room.width() - size.width()) // 2, room.height() - size.height() - 10)

    def _on_latest(self) -> None:
        self._hovering = False
        self.follow()

    def _ask_for_holes(self) -> None:
        """Somebody reads back here: fetch what is missing in sight."""
        for entry, _, _ in self._arrange():
            if isinstance(entry, Hole):
                self._ask(entry)

    def _ask(self, hole: Hole) -> None:
        wanted = self.ring.page_to_ask(hole)
        if wanted is not None:
            self.page_wanted.emit(*wanted)
            self.viewport().update()

    def _at(self, y: int) -> Placed | None:
        for placed in self._arrange():
            if placed[2] <= y < placed[2] + placed[1].height:
                return placed
        return None

    # --------------------------------------------------------------------- hover

    def _begin_hover(self) -> None:
        self._hover_timer.start()
        placed = self._arrange()
        if self.follows and placed and placed[0][2] <= 0:
            self._hovering = True
            self._hold((key_of(placed[0][0]), placed[0][2]))

    def _end_hover(self) -> None:
        self._hover_timer.stop()
        if self._hovering:
            self._hovering = False
            self.follow()

    # -------------------------------------------------------------- Qt overrides

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.PANEL))
        self._places.rows.begin(painter)
        shown = self._shown  # as the last refresh arranged it: every change refreshes
        for entry, laid, top in shown:
            if isinstance(entry, Hole):
                self._places.rows.paint_hole(painter, entry, top, asked=self.ring.is_asked(entry))
                continue
            if entry.seq in self._shines:
                painter.fillRect(0, top, self.viewport().width(), laid.height, QColor("#2b3a44"))
            self._places.rows.paint(painter, entry, laid, top)
        if not shown:
            painter.setPen(QColor(theme.DIM))
            words = self._words("feed.empty" if self._places.filter == ALL else "feed.empty_filter")
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), words)
        painter.end()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._relay()
        self.refresh()

    @override
    def viewportEvent(self, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tip(event)
            return True
        if kind == QEvent.Type.Leave:
            self._end_hover()
        elif kind == QEvent.Type.DevicePixelRatioChange:
            self._relay()
        return super().viewportEvent(event)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._begin_hover()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        placed = self._at(round(event.position().y()))
        if placed and isinstance(placed[0], Hole):
            self._ask(placed[0])

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels = event.pixelDelta().y()
        if not pixels:
            steps = event.angleDelta().y() / _WHEEL_STEP
            pixels = round(steps * _ROWS_PER_STEP * self._places.rows.row_height)
        self.scroll_px(-pixels)
        event.accept()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, page = (
            self._places.rows.row_height,
            self.viewport().height() - self._places.rows.row_height,
        )
        match event.key():
            case Qt.Key.Key_Up:
                self.scroll_px(-row)
            case Qt.Key.Key_Down:
                self.scroll_px(row)
            case Qt.Key.Key_PageUp:
                self.scroll_px(-page)
            case Qt.Key.Key_PageDown:
                self.scroll_px(page)
            case Qt.Key.Key_Home:
                self._to_start()
            case Qt.Key.Key_End:
                self.follow()
            case _:
                event.ignore()

    def _relay(self) -> None:
        self._places.relay(RowPainter(self._words, self.viewport().width()))

    def _tip(self, event: QHelpEvent) -> None:
        placed = self._at(event.pos().y())
        if placed and placed[1].cut and isinstance(placed[0], FeedRow):
            _, laid, top = placed
            spot = QRect(0, top, self.viewport().width(), laid.height)
            _show_tip(event.globalPos(), tooltip(placed[0].text), self.viewport(), spot)
        else:
            QToolTip.hideText()


def _show_tip(at: QPoint, words: str, over: QWidget, spot: QRect) -> None:
    QToolTip.showText(at, words, over, spot)
