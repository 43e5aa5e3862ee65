"""The live rooms: how each is doing, and what a person can do about it."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hostdesk.desk.rows import SourceRow
from hostdesk.settings import INBOX, PLATFORMS, Login, Room, Settings, found_instead
from hostdesk.source_words import before_reading, notes, troubles
from hostdesk.text import Words
from hostdesk.views.flow import Flow
from hostdesk.views.login_line import LoginLine
from hostdesk.views.plain import plain
from hostdesk.views.room_form import RoomForm
from hostdesk.views.widgets import HoldButton, button, label, set_look

_WELL = ("live", "quiet")
_CALM = (*_WELL, "starting", "")
_AGAIN = ("refused", "logged_out", "reconnecting", "stalled")


class RoomsPanel(QWidget):
    """Lists rooms and the inbox. Emits the settings and secrets as they should be."""

    wanted = Signal(object, object)
    """`Settings`, and ``{"<room_id>.<secret>": value}``."""
    again_wanted = Signal(str)
    login_wanted = Signal(str, bool)
    """A room; True: log in there, False: log out."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._settings = Settings()
        self._known: frozenset[str] = frozenset()
        self._token = ""
        self._lines: dict[str, _RoomLine] = {}
        self._logins: dict[str, Login] = {}
        self._column = QVBoxLayout()
        self._column.setSpacing(4)
        self.none = label(words("room.none"), "small", wraps=True)
        self.add = button(words("room.add"))
        self.inbox = button("")
        self.copy_token = button(words("room.copy_token"))
        self.inbox_words = label(look="small", wraps=True)
        self.pushed = label(look="small", wraps=True)
        self.form = RoomForm(words)
        self.form.hide()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(label(words("room.heading"), "heading"))
        acts = Flow(across=6)
        for part in (self.add, self.inbox, self.copy_token):
            acts.addWidget(part)
        outer.addLayout(acts)
        outer.addWidget(self.inbox_words)
        outer.addWidget(self.pushed)
        outer.addWidget(self.form)
        outer.addWidget(self.none)
        outer.addLayout(self._column)
        self.add.clicked.connect(self._on_add)
        self.form.left.connect(self.form.hide)
        self.form.done.connect(self._on_done)
        self.inbox.clicked.connect(self._on_inbox)
        self.copy_token.clicked.connect(self._on_copy)

    def show_rooms(self, settings: Settings, known: Sequence[str], token: str) -> None:
        """The rooms as the engine knows them; ``known`` names the secrets that are there."""
        self._settings, self._known, self._token = settings, frozenset(known), token
        for line in self._lines.values():
            self._column.removeWidget(line)
            line.deleteLater()
        self._lines = {room.room_id: self._line(room) for room in settings.rooms}
        self.none.setVisible(not settings.rooms)
        on = "room.inbox_off" if settings.inbox else "room.inbox_on"
        self.inbox.setText(self._words(on))
        self.copy_token.setVisible(bool(token))
        self.inbox_words.setText(
            self._words("room.inbox_at", port=settings.inbox_port)
            if settings.inbox
            else self._words("room.inbox_about")
        )

    def show_states(self, sources: Sequence[SourceRow]) -> None:
        """How each is doing now."""
        rows = {source.source_id: source for source in sources}
        for room_id, line in self._lines.items():
            line.show_state(rows.get(room_id))
        pushed = [row for row in sources if _is_pushed(row)]
        self.pushed.setText("\n".join(_pushed(row, self._words) for row in pushed))
        self.pushed.setVisible(bool(pushed))
        set_look(self.pushed, "warn" if any(row.state not in _CALM for row in pushed) else "small")

    def show_login(self, now: Login) -> None:
        """How a login goes; a code stays in sight while other settings change."""
        self._logins[now.room_id] = now
        line = self._lines.get(now.room_id)
        if line is not None and line.login is not None:
            line.login.show_login(now)

    def _line(self, room: Room) -> "_RoomLine":
        line = _RoomLine(self._words, room)
        if room.platform == "twitch" and room.client_id:
            login = line.add_login(is_known=f"{room.room_id}.token" in self._known)
            login.wanted.connect(lambda wish: self.login_wanted.emit(room.room_id, wish))
            if room.room_id in self._logins:
                login.show_login(self._logins[room.room_id])
        self._column.addWidget(line)
        line.change.clicked.connect(lambda: self._on_change(room))
        line.switch.clicked.connect(
            lambda: self._put(msgspec.structs.replace(room, is_on=not room.is_on), {})
        )
        line.stop.clicked.connect(lambda: self._put(msgspec.structs.replace(room, is_on=False), {}))
        line.is_it.clicked.connect(
            lambda: self._put(msgspec.structs.replace(room, expected=line.found), {})
        )
        line.again.clicked.connect(lambda: self.again_wanted.emit(room.room_id))
        line.remove.done.connect(lambda: self._remove(room))
        return line

    def _on_add(self) -> None:
        self.form.begin(frozenset(room.room_id for room in self._settings.rooms))
        self.form.show()

    def _on_change(self, room: Room) -> None:
        kind = PLATFORMS.get(room.platform)
        names = (*kind.secrets, *kind.logins) if kind else ()
        if kind is not None:
            there = frozenset(n for n in names if f"{room.room_id}.{n}" in self._known)
            self.form.change(room, there)
            self.form.show()

    def _on_done(self, room: Room, typed: dict[str, str]) -> None:
        self.form.hide()
        self._put(room, {f"{room.room_id}.{name}": value for name, value in typed.items()})

    def _put(self, room: Room, secrets: dict[str, str]) -> None:
        others = self._settings.rooms
        if any(each.room_id == room.room_id for each in others):
            rooms = tuple(room if each.room_id == room.room_id else each for each in others)
        else:
            rooms = (*others, room)
        self.wanted.emit(msgspec.structs.replace(self._settings, rooms=rooms), secrets)

    def _remove(self, room: Room) -> None:
        rooms = tuple(each for each in self._settings.rooms if each.room_id != room.room_id)
        self.wanted.emit(msgspec.structs.replace(self._settings, rooms=rooms), {})

    def _on_inbox(self) -> None:
        wish = msgspec.structs.replace(self._settings, inbox=not self._settings.inbox)
        self.wanted.emit(wish, {})

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._token)
        self.inbox_words.setText(self._words("room.token_copied"))


class _RoomLine(QWidget):
    """One room: its name, how it is, and what one can do."""

    def __init__(self, words: Words, room: Room) -> None:
        super().__init__()
        self._words, self._room = words, room
        name = plain(room.name or room.channel or room.room_id, 24)
        self.title = label(f"{words.get(f'room.platform.{room.platform}', room.platform)} · {name}")
        self.state = label(look="small", wraps=True)
        self.found = ""
        """The room that answered instead of the one asked for."""
        self.is_it = button(words("room.is_it"))
        self.stop = button(words("room.stop"))
        self.again = button(words("room.again"), "quiet")
        self.change = button(words("room.change"), "quiet")
        self.switch = button(words("room.off" if room.is_on else "room.on"), "quiet")
        self.remove = HoldButton(words("room.remove"))
        parts = (self.is_it, self.stop, self.again, self.change, self.switch, self.remove)
        for part in parts:
            part.setAccessibleName(f"{part.text()} {name}")
        self.warning = label("\n".join(before_reading(room.platform, words)), "warn", wraps=True)
        self._name = name
        self.login: LoginLine | None = None
        self._whole = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.state)
        column.addWidget(self.warning)
        self.warning.setVisible(room.is_on and bool(self.warning.text()))
        acts = Flow(across=6)
        for part in parts:
            acts.addWidget(part)
        column.addLayout(acts)
        self.show_state(None)

    def add_login(self, *, is_known: bool) -> LoginLine:
        """Let a person log in here."""
        self.login = LoginLine(self._words, self._name, is_known=is_known)
        self._whole.addWidget(self.login)
        return self.login

    def show_state(self, source: SourceRow | None) -> None:
        """Its state in words, and what to do where it is not well."""
        state = source.state if source and self._room.is_on else ""
        said = self._words.get(f"status.source.{state}", "") if state else ""
        if not self._room.is_on:
            said = self._words("room.is_off")
        more = _more(source, self._words) if source and self._room.is_on else []
        self.state.setText(" · ".join(filter(None, (said, *more))))
        set_look(self.state, "small" if state in _CALM else "warn")
        self.again.setVisible(state in _AGAIN)
        self._ask(found_instead(source.error_code, source.params) if source and state else "")

    def _ask(self, found: str) -> None:
        """Whether the room that was found is the right one; "" = there is nothing to ask."""
        self.found = found
        self.is_it.setVisible(bool(found))
        self.stop.setVisible(bool(found))
        self.switch.setVisible(not found)


def _more(source: SourceRow, words: Words) -> list[str]:
    return [*troubles(source, words), *notes(source, words)]


def _is_pushed(source: SourceRow) -> bool:
    """A page or a program that brings comments to the inbox; the inbox itself in trouble."""
    if source.source_id == INBOX:
        return bool(source.error_code)
    return source.source_id.startswith(f"{INBOX}:") and source.state != "ended"


def _pushed(source: SourceRow, words: Words) -> str:
    name = plain(source.room or source.source_id.removeprefix(f"{INBOX}:"), 24)
    if source.source_id == INBOX:
        name = words("room.platform.inbox")
    state = words.get(f"status.source.{source.state}", "")
    return " · ".join(filter(None, (name, state, *_more(source, words))))
