"""建议: a calm sentence for the chosen card, on the teleprompter or the clipboard in one key."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QEnterEvent
from typing_extensions import override

from hostdesk.desk.rows import AdvicePanel, Suggestion
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.chat_line import ChatLine
from hostdesk.views.widgets import ElidedLabel, IconLabel, PanelFrame, button, label, row


class AdvicePanelView(PanelFrame):
    """Shows an `AdvicePanel`, one suggestion at a time."""

    used = Signal(object, str)
    """The `Suggestion`, and "teleprompter" or "copied"."""

    send_wanted = Signal(object, str)
    """The `Suggestion`, and the room whose chat it is for."""

    def __init__(self, words: Words) -> None:
        super().__init__(words("advice.heading"))
        self._words = words
        self._panel = AdvicePanel()
        self._waiting: AdvicePanel | None = None
        self._at = 0
        self._held = False
        self._used_for = ""
        """The card for which a sentence was used: it stays until another is asked for."""
        self.place, self.tone = label(look="small"), ElidedLabel(look="small")
        self.about = ElidedLabel(look="small")
        self.say = label(words("advice.empty"), "soft", wraps=True)
        self.say.setMinimumHeight(40)
        self.chat = label(look="small", wraps=True)
        self.cue = button(words("advice.cue"), "main", "cue", words("advice.cue_tip"))
        self.copy = button(words("advice.copy"), icon_name="copies", tip=words("advice.copy_tip"))
        self.next = button(words("advice.next"), "quiet")
        self.done = IconLabel("recovery", theme.GOOD)
        self.in_chat = ChatLine(words)
        self._lay_out()
        self._render()

    @property
    def suggestion(self) -> Suggestion | None:
        """What is shown now."""
        found = self._panel.suggestions
        return found[self._at % len(found)] if found else None

    def show_panel(self, panel: AdvicePanel) -> None:
        """Show suggestions. They do not change under the pointer."""
        if panel.suggestions == self._panel.suggestions and panel.card_id == self._panel.card_id:
            self._panel, self._waiting = panel, None
            return
        is_same_card = bool(panel.card_id) and panel.card_id == self._used_for
        if (self._held or is_same_card) and self._panel.suggestions:
            self._waiting = panel
            return
        self._take(panel)

    def show_about(self, title: str) -> None:
        """Name the card that the sentences are for."""
        self.about.show_text(title)

    def use_cue(self) -> None:
        """1: put it on the teleprompter."""
        self._use("teleprompter")

    def use_copy(self) -> None:
        """2: copy it for the chat."""
        self._use("copied")

    def show_next(self) -> None:
        """3: another suggestion."""
        if self._used_for and self._waiting is not None:
            self._take(self._waiting)  # what was used lies behind the others there
        elif self._panel.suggestions:
            self._at = (self._at + 1) % len(self._panel.suggestions)
            self._render()

    def _lay_out(self) -> None:
        self.body.addLayout(row(self.heading, self.place, self.tone, 1, self.next))
        self.body.addWidget(self.about)
        self.body.addWidget(self.say)
        self.body.addWidget(self.chat)
        self.body.addLayout(row(self.cue, self.copy, 1, self.done))
        self.body.addWidget(self.in_chat)
        self.in_chat.send_wanted.connect(self._on_send)
        self.cue.clicked.connect(self.use_cue)
        self.copy.clicked.connect(self.use_copy)
        self.next.clicked.connect(self.show_next)
        self.done.hide()

    def _take(self, panel: AdvicePanel) -> None:
        self._panel, self._waiting, self._at = panel, None, 0
        self._used_for = ""
        self.done.hide()
        self._render()

    def _render(self) -> None:
        now = self.suggestion
        for part in (self.place, self.tone, self.chat, self.cue, self.copy):
            part.setVisible(now is not None)
        self.in_chat.allow(on=now is not None)
        count = len(self._panel.suggestions)
        self.next.setVisible(count > 1)
        self.say.setProperty("look", "say" if now else "soft")
        self.say.style().unpolish(self.say)
        self.say.style().polish(self.say)
        if now is None:
            self.say.setText(self._words("advice.empty"))
            return
        self.place.setText(self._words("advice.place", n=self._at + 1, of=count))
        self.tone.show_text(self._words.get(f"tone.{now.tone}", now.tone))
        self.say.setText(self._words("advice.quote", text=now.say))
        self.chat.setText(self._words("advice.chat", text=now.chat))
        self.chat.setVisible(bool(now.chat) and now.chat != now.say)

    def _on_send(self, room_id: str) -> None:
        now = self.suggestion
        if now is not None:
            self._used_for = self._panel.card_id
            self.send_wanted.emit(now, room_id)

    def _use(self, way: str) -> None:
        now = self.suggestion
        if now is None:
            return
        self._used_for = self._panel.card_id
        self.done.show_text(self._words(f"advice.done.{way}"), "good")
        self.used.emit(now, way)

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        self._held = True
        super().enterEvent(event)

    @override
    def leaveEvent(self, event: QEvent) -> None:
        self._held = False
        waiting = self._waiting
        if waiting is not None and not (waiting.card_id and waiting.card_id == self._used_for):
            self._take(waiting)
        super().leaveEvent(event)
