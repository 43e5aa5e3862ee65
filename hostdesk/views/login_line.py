"""Logging in at a platform: a code to type at its page, and how that ended."""

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hostdesk.settings import Login
from hostdesk.text import Words
from hostdesk.views.flow import Flow
from hostdesk.views.plain import plain
from hostdesk.views.widgets import HoldButton, button, label, set_look


class LoginLine(QWidget):
    """登录 and 退出登录 of one room."""

    wanted = Signal(bool)
    """True: log in; False: log out."""

    def __init__(self, words: Words, name: str, *, is_known: bool) -> None:
        """``is_known``: there is a login in the keyring."""
        super().__init__()
        self._words = words
        self._url = self._code = ""
        self.log_in = button(words("login.again" if is_known else "login.in"), "quiet")
        self.log_out = HoldButton(words("login.out_key"))
        self.open_page = button(words("login.open_page"), "quiet")
        self.copy_code = button(words("login.copy_code"), "quiet")
        self.told = label(look="small", wraps=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.told)
        acts = Flow(across=6)
        for part in (self.log_in, self.open_page, self.copy_code, self.log_out):
            part.setAccessibleName(f"{part.text()} {name}")
            acts.addWidget(part)
        column.addLayout(acts)
        self.log_out.setVisible(is_known)
        self._show_code(on=False)
        self.log_in.clicked.connect(self._on_log_in)
        self.log_out.done.connect(lambda: self.wanted.emit(False))
        self.open_page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._url)))
        self.copy_code.clicked.connect(self._on_copy)

    def show_login(self, now: Login) -> None:
        """How it goes."""
        self._url, self._code = now.url, now.user_code
        if now.step == "failed":
            told = " ".join(self._words.error(now.error_code, now.params))
        else:
            code, login = plain(now.user_code, 20), plain(now.login, 40)
            told = self._words(f"login.shown_{now.step}", code=code, login=login)
        self.told.setText(told)
        set_look(self.told, "warn" if now.step == "failed" else "small")
        self._show_code(on=now.step == "code")
        self.log_in.setEnabled(True)

    def _show_code(self, *, on: bool) -> None:
        self.told.setVisible(bool(self.told.text()))
        self.open_page.setVisible(on)
        self.copy_code.setVisible(on)

    def _on_log_in(self) -> None:
        self.log_in.setEnabled(False)
        self.told.setText(self._words("login.asking"))
        set_look(self.told, "small")
        self._show_code(on=False)
        self.wanted.emit(True)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
