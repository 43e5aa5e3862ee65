"""Text as large as its place allows, for what is read from afar."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from hostdesk.views.fonts import text_font

LEAST_PX, MOST_PX = 18, 220
_HOW = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


class FittedText(QWidget):
    """Plain text, wrapped, in the largest size that fits. Never smaller than `LEAST_PX`."""

    def __init__(self, colour: str, weight: QFont.Weight) -> None:
        super().__init__()
        self._colour, self._weight = colour, weight
        self._text = ""
        self._known: tuple[str, QSize] | None = None
        self._px = LEAST_PX
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show ``text``; its place goes to others when it is empty."""
        self.setVisible(bool(text))
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(text_font(self._fitting(), self._weight))
        painter.setPen(QColor(self._colour))
        painter.drawText(self.rect(), _HOW, self._text)
        painter.end()

    def _fitting(self) -> int:
        if self._known == (self._text, self.size()):
            return self._px
        fits, too_large = LEAST_PX, MOST_PX
        while too_large - fits > 1:
            middle = (fits + too_large) // 2
            if self._fits(middle):
                fits = middle
            else:
                too_large = middle
        self._known, self._px = (self._text, self.size()), fits
        return fits

    def _fits(self, px: int) -> bool:
        metrics = QFontMetrics(text_font(px, self._weight))
        room = QRect(0, 0, self.width(), 1 << 16)
        box = metrics.boundingRect(room, _HOW, self._text)
        return box.height() <= self.height() and box.width() <= self.width()
