"""Two layouts of one desk: three columns side by side, or one that scrolls."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from hostdesk.views import theme
from hostdesk.views.cards_panel import CardsPanelView
from hostdesk.views.feed_panel import FeedPanel

SHARES = (330, 390, 440)


class Columns(QWidget):
    """Feed, cards, and what to do now."""

    def __init__(self, feed: FeedPanel, cards: CardsPanelView, acts: Sequence[QWidget]) -> None:
        super().__init__()
        self._feed, self._cards, self._acts = feed, cards, acts
        self._narrow: bool | None = None
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(theme.GAP)
        self._splitter.setChildrenCollapsible(False)
        self._upper, self._upper_column = _column()
        self._right = QWidget()
        self._right_column = QVBoxLayout(self._right)
        self._right_column.setContentsMargins(0, 0, 0, 0)
        self._right_column.setSpacing(theme.GAP)
        self._right_column.addWidget(self._upper, 1)
        self._one, self._one_column = _column()
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(theme.GAP, theme.GAP, theme.GAP, theme.GAP)
        self._outer.addWidget(self._splitter)
        self._outer.addWidget(self._one)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Use one column, or three."""
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self._feed.set_narrow(narrow)
        self._cards.set_narrow(narrow)
        self._splitter.setVisible(not narrow)
        self._one.setVisible(narrow)
        if narrow:
            _fill(self._one_column, [self._cards, *self._acts, self._feed])
        else:
            _fill(self._upper_column, self._acts[:-1])
            self._right_column.addWidget(self._acts[-1])  # 上屏 and 撤下 never scroll away
            for place, part in enumerate((self._feed, self._cards, self._right)):
                self._splitter.insertWidget(place, part)
                self._splitter.setStretchFactor(place, SHARES[place])
            self._splitter.setSizes(list(SHARES))


def _column() -> tuple[QScrollArea, QVBoxLayout]:
    """A column that scrolls when it is too short for what is in it."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inside = QWidget()
    inside.setObjectName("column")
    layout = QVBoxLayout(inside)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.GAP)
    area.setWidget(inside)
    return area, layout


def _fill(layout: QVBoxLayout, parts: Sequence[QWidget]) -> None:
    while layout.count():
        layout.takeAt(0)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
