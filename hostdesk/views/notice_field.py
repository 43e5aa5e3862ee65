"""Where a notice is written, and how viewers will see it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget
from typing_extensions import override

from hostdesk.views import theme
from hostdesk.views.widgets import set_look


class Preview(QWidget):
    """The panel as viewers will see it, made smaller."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._picture: QImage | None = None
        self._word = word
        self.setAccessibleName(word)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(72)

    @property
    def picture(self) -> QImage | None:
        """What is shown, at its full size."""
        return self._picture

    def show_picture(self, picture: QImage | None) -> None:
        """Show another one, or nothing."""
        self._picture = picture
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.FIELD)
        if self._picture is None:
            painter.setPen(theme.DIM)
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._word)
        else:
            self._draw(painter, self._picture)
        painter.end()

    def _draw(self, painter: QPainter, picture: QImage) -> None:
        ratio = self.devicePixelRatioF()
        room = self.size() - QSize(8, 8)
        small = picture.scaled(
            room * ratio,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        small.setDevicePixelRatio(ratio)
        size = small.deviceIndependentSize()
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(round(left), round(top), small)


class NoticeField(QPlainTextEdit):
    """Plain text only; Tab leaves it, so that the keyboard reaches everything."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setTabChangesFocus(True)
        self.setFixedHeight(54)
        set_look(self, "field")
