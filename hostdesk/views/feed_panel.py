"""全部弹幕: the feed with its filters, and a fold for the narrow window."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy

from hostdesk.findings import Lane
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.feed_ring import ALL, FLAGGED, Filter
from hostdesk.views.feed_view import FeedView
from hostdesk.views.icons import icon
from hostdesk.views.widgets import PanelFrame, button, label, row

FOLDED_PX = 40
OPEN_PX = 300


class FeedPanel(PanelFrame):
    """The feed view and the buttons that filter it."""

    page_wanted = Signal(int, int)

    def __init__(self, words: Words) -> None:
        super().__init__(words("feed.heading"))
        self._words = words
        self.view = FeedView(words)
        self.view.page_wanted.connect(self.page_wanted)
        self.filters: dict[Filter, QPushButton] = {}
        self.count = label(look="small")
        self.fold = button(words("feed.unfold"), "quiet")
        self._narrow = self._open = False
        self._bar = [self._filter(ALL, "", words("feed.all"))]
        self._bar.append(self._filter(FLAGGED, "verify", words("feed.flagged")))
        for lane in Lane:
            word = words.get(f"lane.{lane}", lane.value)
            self._bar.append(self._filter(lane, theme.LANE_ICONS[lane], word))
        self._lay_out()

    def show_total(self, total: int, lag_ms: int = 0) -> None:
        """How many comments the show has had, and by how much the newest are held back."""
        text = self._words("feed.total", n=f"{total:,}")
        if lag_ms:
            text += "  " + self._words("feed.lag", seconds=f"{lag_ms / 1000:.1f}")
        self.count.setText(text)

    def set_narrow(self, narrow: bool) -> None:
        """In the one-column window the feed is folded until somebody opens it."""
        self._narrow = narrow
        self.fold.setVisible(narrow)
        self._show_fold()

    def choose(self, by: Filter) -> None:
        """Filter, as if its button had been pressed."""
        for name, made in self.filters.items():
            made.setChecked(name == by)
        self.view.set_filter(by)

    def unfold(self) -> None:
        """Show the feed."""
        self._open = True
        self._show_fold()

    def _filter(self, by: Filter, icon_name: str, word: str) -> QPushButton:
        made = button(word if by == ALL else "", "quiet")
        made.setCheckable(True)
        made.setChecked(by == ALL)
        made.setAccessibleName(word)
        made.setToolTip(word)
        if icon_name:
            lane = by if isinstance(by, Lane) else None
            made.setIcon(icon(icon_name, theme.LANE_COLOURS[lane]))
        if by == FLAGGED:
            made.setIcon(icon("promise", theme.SOFT))
        made.setStyleSheet("padding: 3px 6px;")
        made.clicked.connect(lambda: self.choose(by))
        self.filters[by] = made
        return made

    def _lay_out(self) -> None:
        self.body.setContentsMargins(0, 6, 0, 2)
        top = row(self.heading, self.count, 1, self.fold)
        top.setContentsMargins(10, 0, 10, 0)
        bar = row(*self._bar, 1, spacing=2)
        bar.setContentsMargins(8, 0, 8, 0)
        self.body.addLayout(top)
        self.body.addLayout(bar)
        self.body.addWidget(self.view, 1)
        self.fold.clicked.connect(self._on_fold)
        self.fold.hide()

    def _on_fold(self) -> None:
        self._open = not self._open
        self._show_fold()

    def _show_fold(self) -> None:
        shown = self._open or not self._narrow
        self.view.setVisible(shown)
        for made in self._bar:
            made.setVisible(shown)
        self.view.setMinimumHeight(OPEN_PX if self._narrow else 80)
        self.fold.setText(self._words("feed.fold" if shown else "feed.unfold"))
        tall = QSizePolicy.Policy.Expanding if shown else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, tall)
