"""The host's small window: one card, the line to say, what is up, what comes next.

The host glances at it for a second while speaking to the camera. It never shows what
viewers wrote: only our own calm words.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from hostdesk.desk.rows import (
    Card,
    CardsPanel,
    Digest,
    NoticePanel,
    PlanPanel,
    StatusPanel,
    StepRow,
)
from hostdesk.findings import Lane
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.card_view import card_topic, how_many
from hostdesk.views.fitted_text import FittedText
from hostdesk.views.icons import window_icon
from hostdesk.views.notice_state import state_line
from hostdesk.views.notice_words import kind_word
from hostdesk.views.plain import plain
from hostdesk.views.widgets import IconLabel

CARD_CHARS = 14
"""More than this a host does not read in one glance (domain.md 8)."""
_SMALL = 0.036


class HostWindow(QWidget):
    """Always on top, opaque, readable at three metres when it is made large."""

    closed = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__(None, Qt.WindowType.WindowStaysOnTopHint)
        self._words = words
        self._status, self._cards = StatusPanel(), CardsPanel()
        self._plan, self._notice = PlanPanel(), NoticePanel()
        self._now_ms = 0
        self.card = FittedText(theme.TEXT, QFont.Weight.Bold)
        self.cue = FittedText("#d5dde3", QFont.Weight.Medium)
        self.up, self.next = IconLabel("note", px=20), IconLabel("plan", px=20)
        self._lay_out()
        self._render()

    def apply(self, digest: Digest) -> None:
        """Show what changed."""
        self._now_ms = digest.now_ms or self._now_ms
        self._status = digest.status or self._status
        self._cards = digest.cards or self._cards
        self._plan = digest.plan or self._plan
        self._notice = digest.notice or self._notice
        self._render()

    def _lay_out(self) -> None:
        self.setWindowTitle(self._words("host.title"))
        self.setWindowIcon(window_icon())
        self.setObjectName("desk")
        self.setPalette(theme.palette())
        self.setStyleSheet(f"QWidget#desk {{ background: {theme.GROUND}; }} {theme.STYLE}")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 16)
        layout.setSpacing(10)
        layout.addWidget(self.card, 2)
        layout.addWidget(self.cue, 3)
        layout.addWidget(self.up)
        layout.addWidget(self.next)
        self.setMinimumSize(320, 200)
        self.resize(560, 340)

    def _render(self) -> None:
        self.card.show_text(self._card_words())
        self.cue.show_text(plain(self._status.cue, 200))
        self._show_up()
        step = _next_step(self._plan)
        self.next.show_text(self._step_words(step) if step else "", "soft")

    def _card_words(self) -> str:
        """What matters most now. Words to say are in the line below, once they were sent."""
        first = next((card for card in self._cards.cards if _is_for_host(card)), None)
        if first is not None:
            people = how_many(self._words, first)
            room = CARD_CHARS - len(people) - 3
            topic = plain(card_topic(self._words, first), max(room, 2))
            return self._words("host.card", topic=topic, people=people)
        if self._status.link_number:
            return self._words("status.on_air", n=self._status.link_number)
        return self._words("host.open" if self._cards.cards else "host.calm")

    def _show_up(self) -> None:
        if self._notice.phase in ("none", "taking_down"):
            self.up.show_text("")
            return
        line = state_line(self._words, self._notice, self._now_ms)
        word = kind_word(self._words, self._notice.notice_kind)
        self.up.show_icon(line.icon, line.colour)
        self.up.show_text(f"{word} · {line.text}", line.look)

    def _step_words(self, step: StepRow) -> str:
        role = self._words.get(f"role.{step.role}", step.role)
        return self._words("host.next", role=role, text=step.text)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        side = min(event.size().width(), round(event.size().height() * 1.6))
        px = max(round(side * _SMALL), 14)
        for part in (self.up.text, self.next.text):
            part.setStyleSheet(f"font-size: {px}px;")
        super().resizeEvent(event)

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)


def _is_for_host(card: Card) -> bool:
    """What the host must know of. Crowds and abuse are the assistant's; questions can wait."""
    is_waiting = card.state == "open" and card.lane is not Lane.DISPOSE
    return is_waiting and card.kind in ("accident", "mass_complaint", "comments")


def _next_step(plan: PlanPanel) -> StepRow | None:
    """The first open step of the host, otherwise of anybody."""
    waiting = [step for step in plan.steps if step.done_ms is None]
    own = [step for step in waiting if step.role == "host"]
    return next(iter(own or waiting), None)
