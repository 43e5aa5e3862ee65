"""Small pieces that the panels share."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from hostdesk.views import theme
from hostdesk.views.icons import icon, pixmap


def label(text: str = "", look: str = "", *, wraps: bool = False) -> QLabel:
    """A label of plain text: what viewers wrote is never taken for HTML."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        made.setProperty("look", look)
    if wraps:
        made.setWordWrap(True)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made


def set_look(widget: QWidget, look: str) -> None:
    """Change how a widget looks, by a name of the style sheet."""
    if widget.property("look") != look:
        widget.setProperty("look", look)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(text: str, look: str = "", icon_name: str = "", tip: str = "") -> QPushButton:
    """A push button; plain text, an icon where one helps."""
    made = QPushButton(text)
    if look:
        made.setProperty("look", look)
    if icon_name:
        made.setIcon(icon(icon_name, theme.ON_ACCENT if look == "main" else theme.SOFT))
    if tip:
        made.setToolTip(tip)
    return made


def row(*parts: QWidget | int, spacing: int = theme.GAP) -> QHBoxLayout:
    """Widgets side by side; a number is a stretch."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    for part in parts:
        if isinstance(part, int):
            made.addStretch(part)
        else:
            made.addWidget(part)
    return made


class PanelFrame(QFrame):
    """A rounded panel with a heading."""

    def __init__(self, heading: str) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAccessibleName(heading)
        self.heading = label(heading, "heading")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(10, 8, 10, 10)
        self.body.setSpacing(6)


class IconLabel(QWidget):
    """An icon and one line of text that is elided where room is short."""

    def __init__(self, icon_name: str = "", colour: str = theme.SOFT, px: int = 15) -> None:
        super().__init__()
        self._picture = QLabel()
        self._px = px
        self.text = ElidedLabel()
        self._picture.setFixedWidth(px)
        layout = row(self._picture, self.text, spacing=5)
        layout.setStretchFactor(self.text, 1)
        self.setLayout(layout)
        self._icon = ("", "")
        self.show_icon(icon_name, colour)

    def show_icon(self, name: str, colour: str) -> None:
        """Show another icon, or none."""
        if self._icon != (name, colour):
            self._icon = (name, colour)
            self._picture.setVisible(bool(name))
            if name:
                self._picture.setPixmap(pixmap(name, self._px, colour, self.devicePixelRatioF()))

    def show_text(self, text: str, look: str = "") -> None:
        """Show a line in a look of the style sheet; hidden when empty."""
        self.text.show_text(text)
        set_look(self.text, look)
        self.setVisible(bool(text))


class ElidedLabel(QLabel):
    """One line; what does not fit ends in "…" and stands in the tooltip."""

    def __init__(self, text: str = "", look: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if look:
            self.setProperty("look", look)
        self._whole = ""
        self.show_text(text)

    @property
    def whole(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def show_text(self, text: str) -> None:
        """Show ``text``."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._elide()

    @override
    def sizeHint(self) -> QSize:
        self.ensurePolished()
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 4, metrics.height() + 2)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()
            self._elide()

    def _elide(self) -> None:
        room = max(self.width(), 24)
        metrics = QFontMetrics(self.font())
        self.setText(metrics.elidedText(self._whole, Qt.TextElideMode.ElideRight, room))


class HoldButton(QPushButton):
    """A button for what cannot be lightly undone: pressed for 0.8 s, by mouse or space bar.

    While it is held it fills from the left. Without ``hold`` one click is enough.
    """

    done = Signal()

    def __init__(self, text: str, *, hold: bool = True) -> None:
        super().__init__(text)
        self._hold = hold
        self._filling = QVariantAnimation(self)
        self._filling.setStartValue(0.0)
        self._filling.setEndValue(1.0)
        self._filling.setDuration(theme.HOLD_MS)
        self._filling.valueChanged.connect(lambda _: self.update())
        self._filling.finished.connect(self._on_full)
        self.pressed.connect(self._on_press)
        self.released.connect(self._on_release)
        self.clicked.connect(self._on_click)

    @property
    def hold(self) -> bool:
        """Whether it must be held."""
        return self._hold

    def set_hold(self, hold: bool) -> None:
        """Ask for a hold from now on, or for a click."""
        self._hold = hold
        self._filling.stop()

    def _on_press(self) -> None:
        if self._hold:
            self._filling.start()

    def _on_release(self) -> None:
        self._filling.stop()
        self.update()

    def _on_full(self) -> None:
        self.update()
        if self.isDown() and self.isEnabled():
            self.setDown(False)
            self.done.emit()

    def _on_click(self) -> None:
        if not self._hold:
            self.done.emit()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._filling.state() != QVariantAnimation.State.Running:
            return
        part = float(self._filling.currentValue() or 0.0)
        painter = QPainter(self)
        tint = QColor("#ffffff")
        tint.setAlpha(70)
        painter.fillRect(QRectF(1, 1, (self.width() - 2) * part, self.height() - 2), tint)
        painter.end()
