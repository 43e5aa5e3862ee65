"""待处理: at most three live cards, the others stacked; the last one settled can be undone."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QCursor, QEnterEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from hostdesk.desk.rows import Card, CardsPanel
from hostdesk.text import Words
from hostdesk.views.card_view import CardView, card_title, how_many
from hostdesk.views.widgets import ElidedLabel, PanelFrame, button, label, row

LIVE = 3
STACKED = 4
UNFOLDED = 24
"""Lines of the unfolded stack; who has more waiting answers the urgent ones first."""
STILL_MS = 10_000
"""A pointer left lying on the cards stops holding them after this."""


class CardsPanelView(PanelFrame):
    """Shows a `CardsPanel`. Nothing moves under the pointer: while it is over the panel the
    cards stay where they are, and new ones only fill free places."""

    chosen = Signal(str)
    settled = Signal(str, str, str)
    restored = Signal(str)
    plan_wanted = Signal(str, str)
    reveal_wanted = Signal(object)

    def __init__(self, words: Words) -> None:
        super().__init__(words("card.heading"))
        self._words = words
        self._panel = CardsPanel()
        self._shown: list[Card] = []
        self._held = self._narrow = False
        self._still: tuple[QPoint, int] = (QPoint(), 0)
        self.cards = [self._make_card() for _ in range(LIVE)]
        self.stacked: list[QPushButton] = []
        self._unfolded = False
        self.more = button("", "quiet")
        self.empty = label(words("card.empty"), "soft", wraps=True)
        self.last = ElidedLabel(look="small")
        self.undo = button(words("card.undo"), "quiet", "undo")
        self._lay_out()

    def show_panel(self, panel: CardsPanel, now_ms: int) -> None:
        """Show what waits; ``now_ms`` is the engine's clock."""
        self._panel = panel
        held = self._held and not self._lies_still(now_ms)
        self._shown = self._kept(panel) if held else _live(panel)
        self._render()

    def title_of(self, card_id: str) -> str:
        """What a card that waits is called; empty where there is none of that id."""
        card = next((card for card in self._panel.cards if card.card_id == card_id), None)
        return f"{card_title(self._words, card)} · {how_many(self._words, card)}" if card else ""

    def set_narrow(self, narrow: bool) -> None:
        """In one column the cards take the height they need; the whole column scrolls."""
        self._narrow = narrow
        self._fit()

    def _make_card(self) -> CardView:
        card = CardView(self._words)
        card.chosen.connect(self.chosen)
        card.settled.connect(self.settled)
        card.plan_wanted.connect(self.plan_wanted)
        card.reveal_wanted.connect(self.reveal_wanted)
        card.hide()
        return card

    def _lay_out(self) -> None:
        inside = QWidget()
        column = self._column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(self.empty)
        for card in self.cards:
            column.addWidget(card)
        column.addWidget(self.more)
        self.more.clicked.connect(self._on_more)
        column.addStretch(1)
        scroll = self._scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setObjectName("column")
        inside.setStyleSheet("QWidget#column { background: transparent; }")
        scroll.viewport().setAutoFillBackground(False)
        self.body.addWidget(self.heading)
        self.body.addWidget(scroll, 1)
        self.body.addLayout(row(self.last, 1, self.undo))
        self.undo.clicked.connect(self._on_undo)
        self.more.hide()
        self._show_settled()

    def _kept(self, panel: CardsPanel) -> list[Card]:
        """The shown cards in their places, at their newest; free places filled."""
        now = {card.card_id: card for card in panel.cards}
        kept = [now.get(card.card_id, card) for card in self._shown]
        here = {card.card_id for card in kept}
        kept += [card for card in _live(panel) if card.card_id not in here]
        return kept[:LIVE]

    def _render(self) -> None:
        alive = {card.card_id for card in self._panel.cards}
        chosen = self._panel.chosen_id
        for view, card in zip(self.cards, self._shown, strict=False):
            gone = card.card_id not in alive
            view.show_card(card, chosen=card.card_id == chosen, gone=gone)
            view.show()
        for view in self.cards[len(self._shown) :]:
            view.hide()
        self.empty.setVisible(not self._shown)
        self._show_stack()
        self._show_settled()
        self._fit()

    def _fit(self) -> None:
        self._column.activate()
        high = max(self._column.heightForWidth(self._scroll.viewport().width()), 40)
        bars = Qt.ScrollBarPolicy
        shown = bars.ScrollBarAlwaysOff if self._narrow else bars.ScrollBarAsNeeded
        self._scroll.setVerticalScrollBarPolicy(shown)
        self._scroll.setMinimumHeight(high if self._narrow else 0)
        self._scroll.setMaximumHeight(high if self._narrow else (1 << 24) - 1)

    def _rest(self) -> list[Card]:
        shown = {card.card_id for card in self._shown}
        return [card for card in self._panel.cards if card.card_id not in shown]

    def _show_stack(self) -> None:
        rest = self._rest()
        here = rest[: UNFOLDED if self._unfolded else STACKED]
        while len(self.stacked) < len(here):
            self._add_line()
        for line, card in zip(self.stacked, here, strict=False):
            line.setText(f"{card_title(self._words, card)} · {how_many(self._words, card)}")
            line.show()
        for line in self.stacked[len(here) :]:
            line.hide()
        hidden = len(rest) - len(here)
        fold = self._words("card.fold") if len(here) > STACKED else ""
        self.more.setText(self._words("card.more", n=hidden) if hidden > 0 else fold)
        self.more.setVisible(hidden > 0 or bool(fold))

    def _add_line(self) -> None:
        at, line = len(self.stacked), button("", "quiet")
        line.setStyleSheet("text-align: left;")
        line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line.clicked.connect(lambda: self._on_stacked(at))
        self.stacked.append(line)
        self._column.insertWidget(self._column.indexOf(self.more), line)

    def _on_more(self) -> None:
        """Unfold the stack; once all of it is there, fold it again."""
        self._unfolded = not self._unfolded
        self._show_stack()
        self._fit()

    def _show_settled(self) -> None:
        settled = self._panel.settled[:1]
        for card in settled:
            how = self._words.get(f"card.how.{card.settled_how}", card.settled_how)
            title = card_title(self._words, card)
            self.last.show_text(self._words("card.last", title=title, how=how))
        self.last.setVisible(bool(settled))
        self.undo.setVisible(bool(settled))

    def _on_stacked(self, at: int) -> None:
        rest = self._rest()
        if at < len(rest):
            self._held = False  # this move was asked for
            self.chosen.emit(rest[at].card_id)

    def _on_undo(self) -> None:
        if self._panel.settled:
            self.restored.emit(self._panel.settled[0].card_id)

    def _lies_still(self, now_ms: int) -> bool:
        at, since = self._still
        if QCursor.pos() != at:
            self._still = (QCursor.pos(), now_ms)
            return False
        return now_ms - since > STILL_MS

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._held = True
        self._still = (QPoint(-1, -1), 0)
        super().enterEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._held = False
        self._shown = _live(self._panel)
        self._render()
        super().leaveEvent(event)


def _live(panel: CardsPanel) -> list[Card]:
    """The most urgent ones; the chosen one is always among them."""
    live = list(panel.cards[:LIVE])
    chosen = [card for card in panel.cards[LIVE:] if card.card_id == panel.chosen_id]
    return [*live[: LIVE - 1], *chosen] if chosen else live
