"""开始, 下播, 正讲 and ⚙: what is asked about the show as a whole."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from hostdesk.desk.rows import StatusPanel
from hostdesk.text import Words
from hostdesk.views.widgets import HoldButton, button, label

MAX_LINK = 999
NUMBER_PX = 44
PRODUCT_PX = 132


class ShowBar(QWidget):
    """Emits what was asked; shows whether a show is open and what is being shown."""

    start_wanted = Signal()
    end_wanted = Signal()
    on_air_wanted = Signal(int, str)
    settings_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._told: tuple[int, str] = (0, "")
        self.start = button(words("showbar.start"), "main", "stream", words("showbar.start_tip"))
        self.end = HoldButton(words("showbar.end"))
        self.end.setToolTip(words("showbar.end_tip"))
        self.number, self.product = QLineEdit(), QLineEdit()
        self.settings = button(words("showbar.settings"), "quiet", tip=words("showbar.settings"))
        self._lay_out(words)
        self.start.clicked.connect(self.start_wanted)
        self.end.done.connect(lambda *_: self.end_wanted.emit())
        self.settings.clicked.connect(self.settings_wanted)
        for field in (self.number, self.product):
            field.editingFinished.connect(self._on_product)

    def show_status(self, status: StatusPanel) -> None:
        """Show what the desk says; a field that somebody types in is left alone."""
        is_open = bool(status.show_id) and status.closed_ms is None
        self.start.setVisible(not is_open)
        self.end.setVisible(is_open and not status.rehearsal)
        told = (status.link_number, status.product)
        if told != self._told and not (self.number.hasFocus() or self.product.hasFocus()):
            self._told = told
            self.number.setText(str(told[0]) if told[0] else "")
            self.product.setText(told[1])

    def _lay_out(self, words: Words) -> None:
        self.number.setValidator(QIntValidator(0, MAX_LINK, self))
        self.number.setFixedWidth(NUMBER_PX)
        self.number.setAccessibleName(words("showbar.number"))
        self.product.setMaximumWidth(PRODUCT_PX)
        self.product.setPlaceholderText(words("showbar.product"))
        self.product.setAccessibleName(words("showbar.product"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        parts = (label(words("showbar.on_air"), "soft"), self.number, label(words("showbar.link")))
        for part in (*parts, self.product, self.start, self.end, self.settings):
            line.addWidget(part)
        self.end.hide()

    def _on_product(self) -> None:
        number = self.number.text()
        wished = (int(number) if number.isdigit() else 0, self.product.text().strip())
        if wished != self._told:
            self._told = wished
            self.on_air_wanted.emit(*wished)
