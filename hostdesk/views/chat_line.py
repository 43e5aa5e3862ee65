"""公屏: send a sentence to the chat of a room, with 3 s to take it back, and what became of it."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from hostdesk.desk.rows import ChatPanel, ChatRow, SourceRow
from hostdesk.text import Words
from hostdesk.views.flow import Flow
from hostdesk.views.plain import plain
from hostdesk.views.widgets import ElidedLabel, button, row, set_look

MAX_ROOMS = 3
TOLD_MS = 60_000
"""What became of a message is of no interest any more a minute later."""
_LOOKS = {"failed": "warn", "unseen": "warn", "seen": "good"}


class ChatLine(QWidget):
    """A key for each room in which somebody may write; then the newest message and its fate."""

    send_wanted = Signal(str)
    """The room."""
    undo_wanted = Signal(str)
    """The message."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._rooms: tuple[tuple[str, str], ...] = ()
        self._panel = ChatPanel()
        self.keys: list[QPushButton] = []
        self._allowed = False
        self.told = ElidedLabel(look="small")
        self.undo = button(words("chat.undo"), "quiet")
        self._flow = Flow(across=6)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(self._flow)
        column.addLayout(row(self.told, 1, self.undo))
        self.undo.clicked.connect(self._on_undo)
        self._render(0)

    @property
    def is_needed(self) -> bool:
        """Whether there is anywhere to write."""
        return bool(self._rooms)

    def show_rooms(self, sources: tuple[SourceRow, ...]) -> None:
        """The rooms in which somebody may write now."""
        rooms = tuple((s.source_id, self._name(s)) for s in sources if s.can_speak)[:MAX_ROOMS]
        if rooms == self._rooms:
            return
        self._rooms = rooms
        for key in self.keys:
            self._flow.removeWidget(key)
            key.deleteLater()
        self.keys = [self._key(room_id, name) for room_id, name in rooms]
        if self.keys:
            self.keys[0].setShortcut(QKeySequence("Ctrl+Return"))
            self.keys[0].setToolTip(self._words("chat.send_tip"))

    def show_panel(self, panel: ChatPanel | None, now_ms: int) -> None:
        """What was sent (None: as it was), and how the seconds go by."""
        self._panel = panel or self._panel
        if self._panel.rows:
            self._render(now_ms)

    def allow(self, *, on: bool) -> None:
        """Whether there is a sentence to send."""
        self._allowed = on
        for key in self.keys:
            key.setVisible(on)

    def _key(self, room_id: str, name: str) -> QPushButton:
        key = button(self._words("chat.send", room=name))
        key.clicked.connect(lambda: self.send_wanted.emit(room_id))
        self._flow.addWidget(key)
        key.setVisible(self._allowed)
        return key

    def _name(self, source: SourceRow) -> str:
        platform = self._words.get(f"room.platform.{source.platform}", source.platform)
        return f"{platform} · {plain(source.room or source.source_id, 16)}"

    def _render(self, now_ms: int) -> None:
        newest = self._panel.rows[0] if self._panel.rows else None
        waits = newest is not None and newest.phase == "waiting"
        shown = newest is not None and (waits or now_ms < newest.due_ms + TOLD_MS)
        self.told.setVisible(shown)
        self.undo.setVisible(waits)
        if newest is not None and shown:
            self.told.show_text(self._told(newest, now_ms))
            set_look(self.told, _LOOKS.get(newest.phase, "small"))

    def _told(self, newest: ChatRow, now_ms: int) -> str:
        if newest.phase == "failed":
            return " ".join(self._words.error(newest.error_code, newest.params))
        phase = "rehearsed" if self._panel.rehearsal and newest.phase == "done" else newest.phase
        names = dict(self._rooms)
        return self._words(
            f"chat.phase.{phase}",
            seconds=max(0, -(-(newest.due_ms - now_ms) // 1000)),
            room=names.get(newest.room_id, newest.room_id),
            what=plain(newest.text, 60) or self._words(f"chat.act.{newest.act}"),
        )

    def _on_undo(self) -> None:
        if self._panel.rows:
            self.undo_wanted.emit(self._panel.rows[0].chat_id)
