"""The fields of one live room: what its platform needs, and the keys that are never shown."""

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from hostdesk.settings import PLATFORMS, Room
from hostdesk.source_words import before_adding
from hostdesk.text import Words
from hostdesk.views.widgets import button, label, row

UNCHANGED = "••••••••"
_MAX_CHARS = 80


class RoomForm(QWidget):
    """Adds or changes one room. Emits the room and the secrets that were typed."""

    done = Signal(object, object)
    """`Room`, and ``{secret: value}`` of what was typed."""
    left = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._room: Room | None = None
        self._taken: frozenset[str] = frozenset()
        self._known: frozenset[str] = frozenset()
        self.platform = QComboBox()
        for name in PLATFORMS:
            self.platform.addItem(words(f"room.platform.{name}"), name)
        self.hint = label(look="small", wraps=True)
        self.warning = label(look="warn", wraps=True)
        self.fields: dict[str, QLineEdit] = {}
        self.secrets: dict[str, QLineEdit] = {}
        self._form = QFormLayout()
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self.save = button(words("room.save"), "main")
        self.leave = button(words("room.leave"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.addWidget(self.platform)
        column.addWidget(self.warning)
        column.addWidget(self.hint)
        column.addLayout(self._form)
        column.addLayout(row(self.save, self.leave, 1))
        self.platform.currentIndexChanged.connect(self._build)
        self.save.clicked.connect(self._on_save)
        self.leave.clicked.connect(self.left)

    def begin(self, taken: frozenset[str]) -> None:
        """Add a room; ``taken`` are the ids of the others."""
        self._room, self._taken, self._known = None, taken, frozenset()
        self.platform.setEnabled(True)
        self._build()

    def change(self, room: Room, known: frozenset[str]) -> None:
        """Change a room; ``known`` names the secrets that are there."""
        self._room, self._known = room, known
        self.platform.setCurrentIndex(self.platform.findData(room.platform))
        self.platform.setEnabled(False)
        self._build()

    def _build(self) -> None:
        """One line for each thing that this platform wants."""
        while self._form.rowCount():
            self._form.removeRow(0)
        platform = str(self.platform.currentData())
        kind = PLATFORMS[platform]
        self.fields = {name: self._field(name) for name in ("name", *kind.needs, *kind.takes)}
        self.secrets = {name: self._secret(name) for name in (*kind.secrets, *kind.logins)}
        for name, field in self.fields.items():
            self._line(self._words(f"room.field.{name}"), field)
            field.setPlaceholderText(self._words.get(f"room.hint.{platform}.{name}", ""))
        for name, field in self.secrets.items():
            self._line(self._words(f"setting.secret.{name}"), field)
        self.hint.setText(self._words.get(f"room.about.{platform}", ""))
        self.warning.setText("\n".join(before_adding(platform, self._words)))
        self.warning.setVisible(bool(self.warning.text()))
        self._check()

    def _line(self, caption: str, field: QLineEdit) -> None:
        field.setAccessibleName(caption)
        field.textChanged.connect(self._check)
        self._form.addRow(label(caption, "soft"), field)

    def _field(self, name: str) -> QLineEdit:
        value = getattr(self._room, name) if self._room else Room.__struct_defaults__[_AT[name]]
        field = QLineEdit(str(value))
        field.setMaxLength(_MAX_CHARS)
        return field

    def _secret(self, name: str) -> QLineEdit:
        field = QLineEdit()
        field.setEchoMode(QLineEdit.EchoMode.Password)
        if name in self._known:
            field.setPlaceholderText(UNCHANGED)
        return field

    def _check(self) -> None:
        """What is needed must be there before it can be saved."""
        kind = PLATFORMS[str(self.platform.currentData())]
        lines = [self.fields[name].text() for name in kind.needs if name in self.fields]
        keys = [
            self.secrets[name].text() or name in self._known
            for name in kind.secrets
            if name in self.secrets
        ]
        self.save.setEnabled(all(text.strip() for text in lines) and all(keys))

    def _on_save(self) -> None:
        said = {name: field.text().strip() for name, field in self.fields.items()}
        platform = str(self.platform.currentData())
        before = msgspec.to_builtins(self._room) if self._room else {}
        room_id = self._room.room_id if self._room else self._free_id(platform)
        try:
            room = msgspec.convert(
                {**before, **said, "room_id": room_id, "platform": platform}, Room, strict=False
            )
        except msgspec.ValidationError:
            self.hint.setText(self._words("room.wrong"))
            return
        typed = {name: field.text().strip() for name, field in self.secrets.items()}
        self.done.emit(room, {name: value for name, value in typed.items() if value})

    def _free_id(self, platform: str) -> str:
        stem = platform.replace("_", "-")
        return next(f"{stem}-{n}" for n in range(1, 1_000) if f"{stem}-{n}" not in self._taken)


_NAMES = Room.__struct_fields__
_NEEDED = len(_NAMES) - len(Room.__struct_defaults__)
_AT = {name: at - _NEEDED for at, name in enumerate(_NAMES)}
