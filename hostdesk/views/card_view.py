"""One card: something that waits for a person, with what led to it and what can be done."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget
from typing_extensions import override

from hostdesk.desk.rows import Card
from hostdesk.events import Settlement
from hostdesk.findings import Lane
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.clocks import clock
from hostdesk.views.flow import Flow
from hostdesk.views.plain import plain
from hostdesk.views.widgets import (
    ElidedLabel,
    HoldButton,
    IconLabel,
    button,
    label,
    row,
    set_look,
)

MAX_SAMPLES = 3
MAX_WORDS = 5
SAMPLE_CHARS = 24

_KIND_ICONS = {
    "questions": "questions",
    "raid": "copies",
    "echo": "copies",
    "mass_complaint": "people",
    "accident": "accident",
}


def card_lane(words: Words, card: Card) -> str:
    """The word a card starts with: its lane, or what kind of wave it is."""
    if card.kind in ("raid", "echo", "mass_complaint"):
        return words(f"card.kind.{card.kind}")
    if card.lane is None:
        return words(f"card.kind.{card.kind}")
    return words.get(f"lane.{card.lane}", card.lane.value)


def card_topic(words: Words, card: Card) -> str:
    """What a card is about."""
    if card.topic:
        return words.get(f"topic.{card.topic}", card.topic)
    return words.get(f"label.{card.label}", card.label.value) if card.label else ""


def card_title(words: Words, card: Card) -> str:
    """Lane and topic on one line."""
    lane, topic = card_lane(words, card), card_topic(words, card)
    says_more = topic and topic.casefold() != lane.casefold()
    title = words("card.title", lane=lane, topic=topic) if says_more else lane
    return title[:1].upper() + title[1:]


def how_many(words: Words, card: Card) -> str:
    """Distinct people; accounts where they may not be people."""
    key = "card.accounts" if card.kind in ("raid", "echo") else "card.people"
    return words(f"{key}_one" if card.authors == 1 else key, n=card.authors)


class CardView(QFrame):
    """Shows a `Card`. Emits what the assistant wants done with it."""

    chosen = Signal(str)
    settled = Signal(str, str, str)
    """Card, how, reason."""
    plan_wanted = Signal(str, str)
    """Plan, card."""
    reveal_wanted = Signal(object)
    """Numbers of the comments that it is made of."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("card")
        self._words = words
        self._card: Card | None = None
        self.title, self.count = IconLabel(px=17), label(look="soft")
        self.samples = ElidedLabel()
        self.because = label(look="small", wraps=True)
        self.plan = button("", "main", "plan")
        self.answered = button(words("card.answered"), icon_name="recovery")
        self.support = button(words("card.hand_over"), icon_name="support")
        self.dispose = button(words("card.dispose"), icon_name="dispose")
        self.wrong = button(words("card.wrong"), "quiet", tip=words("card.wrong_tip"))
        self.reveal = button(words("card.reveal"), "quiet", tip=words("card.reveal_tip"))
        self.reason = QLineEdit(placeholderText=words("card.reason"))
        self.confirm = HoldButton(words("card.dispose_hold"))
        self._reasons = QWidget()
        self._lay_out()
        self._join()

    @property
    def card_id(self) -> str:
        """The card that is shown; empty when none is."""
        return self._card.card_id if self._card else ""

    def show_card(self, card: Card, *, chosen: bool, gone: bool = False) -> None:
        """Show ``card``; ``gone`` ones stay, greyed, until the pointer has left."""
        if self._card is None or card.card_id != self._card.card_id:
            self._reasons.hide()
            self.reason.clear()
        self._card = card
        colour = theme.LANE_COLOURS[card.lane]
        self.title.show_icon(_KIND_ICONS.get(card.kind, theme.LANE_ICONS[card.lane]), colour)
        self.title.show_text(card_title(self._words, card), "title")
        self.count.setText(self._count_words(card))
        self.samples.show_text(self._sample_words(card))
        self.samples.setVisible(bool(card.sample))
        why = self._words("card.gone") if gone else self._because_words(card)
        self.because.setText(why)
        self.because.setVisible(bool(why))
        self._show_acts(card, gone=gone)
        self.setAccessibleName(f"{card_title(self._words, card)} {self.count.text()}")
        self._show_chosen(chosen)

    def _lay_out(self) -> None:
        self._reasons.setLayout(row(self.reason, self.confirm))
        self._reasons.hide()
        self.reason.setMaxLength(120)
        acts = Flow(across=6, down=4)
        for act in (self.plan, self.answered, self.support, self.dispose, self.wrong, self.reveal):
            act.setStyleSheet("padding: 4px 7px;")
            acts.addWidget(act)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 7, 10, 8)
        layout.setSpacing(4)
        layout.addLayout(row(self.title, 1, self.count))
        layout.addWidget(self.samples)
        layout.addWidget(self.because)
        layout.addLayout(acts)
        layout.addWidget(self._reasons)

    def _join(self) -> None:
        self.plan.clicked.connect(self._on_plan)
        self.answered.clicked.connect(lambda: self._settle("answered"))
        self.support.clicked.connect(lambda: self._settle("handed_over"))
        self.wrong.clicked.connect(lambda: self._settle("wrong_flag"))
        self.dispose.clicked.connect(self._ask_reason)
        self.confirm.done.connect(self._on_dispose)
        self.reason.textChanged.connect(lambda text: self.confirm.setEnabled(bool(text.strip())))
        self.confirm.setEnabled(False)
        self.reveal.clicked.connect(self._on_reveal)

    def _show_acts(self, card: Card, *, gone: bool) -> None:
        self.plan.setVisible(bool(card.plan_id))
        self.plan.setText(self._words("card.plan", plan=card.plan_id))
        disposes = card.lane is Lane.DISPOSE
        self.answered.setVisible(not disposes)
        self.support.setVisible(card.lane in (Lane.ANSWER, Lane.SUPPORT, Lane.VERIFY))
        self.dispose.setVisible(disposes)
        self.reveal.setVisible(bool(card.seqs))
        for act in (self.plan, self.answered, self.support, self.dispose, self.wrong):
            act.setEnabled(not gone)

    def _show_chosen(self, chosen: bool) -> None:
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)
            set_look(self.title.text, "title")

    def _count_words(self, card: Card) -> str:
        said = [how_many(self._words, card)]
        if card.with_order:
            one = "_one" if card.with_order == 1 else ""
            said.append(self._words(f"card.with_order{one}", n=card.with_order))
        if card.alike:
            said.append(self._words("card.alike", n=card.alike))
        return " · ".join(said)

    def _sample_words(self, card: Card) -> str:
        quoted = (plain(text, SAMPLE_CHARS + 1).strip() for text in card.sample[:MAX_SAMPLES])
        cut = (f"{text[:SAMPLE_CHARS]}…" if len(text) > SAMPLE_CHARS else text for text in quoted)
        return "  ".join(self._words("card.quote", text=text) for text in cut if text)

    def _because_words(self, card: Card) -> str:
        said = [self._words("card.since", at=clock(card.since_ms))]
        if card.words:
            words = self._words("card.comma").join(plain(w, 12) for w in card.words[:MAX_WORDS])
            said.append(self._words("card.because", words=words))
        if card.evidence_of:
            said.append(self._evidence_words(card))
        if card.kind == "raid":
            said.append(self._words("card.raid_first"))
        return " · ".join(said)

    def _evidence_words(self, card: Card) -> str:
        found = self._words("card.evidence", n=len(card.evidence), of=card.evidence_of)
        signals = [self._words.get(f"signal.{one.signal}", one.signal) for one in card.evidence]
        return f"{found} {self._words('card.comma').join(signals)}".strip()

    def _settle(self, how: Settlement, reason: str = "") -> None:
        if self._card:
            self.settled.emit(self._card.card_id, how, reason)

    def _on_plan(self) -> None:
        if self._card:
            self.plan_wanted.emit(self._card.plan_id, self._card.card_id)

    def _ask_reason(self) -> None:
        self._reasons.setVisible(not self._reasons.isVisible())
        if self._reasons.isVisible():
            self.reason.setFocus()

    def _on_dispose(self) -> None:
        if reason := self.reason.text().strip():
            self._settle("disposed", reason)

    def _on_reveal(self) -> None:
        if self._card:
            self.reveal_wanted.emit(self._card.seqs)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._card and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._card.card_id)
