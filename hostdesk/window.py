"""The window's own loop: Qt and asyncio as one, news in, asks out."""

import argparse
import gc
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from hostdesk import clock, launching, window_main
from hostdesk.desk.rows import Digest
from hostdesk.events import AnyAsk, StartShowAsked
from hostdesk.seats import link_file
from hostdesk.seats.protocol import (
    Answer,
    Bye,
    FromEngine,
    LoginNow,
    LoginWanted,
    LogoutWanted,
    Message,
    News,
    Page,
    PageWanted,
    RoomAgain,
    SaveSettings,
    SeatAsk,
    SettingsNow,
    SettingsWanted,
    StopWanted,
    Welcome,
)
from hostdesk.settings import Settings
from hostdesk.text import words
from hostdesk.views.assistant_window import AssistantWindow
from hostdesk.views.host_window import HostWindow

if TYPE_CHECKING:
    import asyncio

    from hostdesk.seats.client import SeatClient

PICTURE_WAIT_MS = 1_500
LINGER_S = 0.3
LOOK_EVERY_S = 1.0
START_AGAIN_S = 5.0
"""An engine that died is started again, but not more often than this."""


def run(args: argparse.Namespace, data: Path) -> int:
    """Show the window until it is closed."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setApplicationName("hostdesk")
    app.setQuitOnLastWindowClosed(False)
    seat = _Seat(args, data)
    seat.show()
    app.processEvents()  # painted before the loop and the link are even imported
    import asyncio

    import qasync

    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(seat.run())
    return 0


class _Seat:
    """One window and its link."""

    def __init__(self, args: argparse.Namespace, data: Path) -> None:
        self._args, self._data = args, data
        self._words = words(args.lang)
        self._is_closed = False
        self._closed: asyncio.Event | None = None
        self._rehearsal = bool(args.replay)
        self._client: SeatClient | None = None
        self._host: HostWindow | None = None
        self._assistant: AssistantWindow | None = None
        self._latest = Digest()
        self._is_up = self._was_told_bye = False
        if args.seat == "host":
            self._open_host()
        else:
            self._open_assistant()

    def show(self) -> None:
        """Show the first window."""
        window = self._assistant or self._host
        assert window is not None
        if self._args.size:
            width, _, height = self._args.size.partition("x")
            window.resize(int(width), int(height))
        window.show()

    async def run(self) -> None:
        """Until the window is closed. Closing a rehearsal's window ends the rehearsal."""
        import asyncio

        from hostdesk.allocator import tidy
        from hostdesk.seats.client import SeatClient  # after the first frame: it costs 60 ms

        self._closed = asyncio.Event()
        if self._is_closed:
            return

        self._client = SeatClient(
            self._data, self._args.seat, clock.SteadyClock(), self._message, self._link
        )
        gc.collect()
        gc.freeze()
        link = asyncio.ensure_future(self._client.run())
        beside = [asyncio.ensure_future(self._watch_engine()), asyncio.ensure_future(tidy())]
        await self._closed.wait()
        if self._rehearsal and self._args.seat == "assistant" and not self._args.join:
            self._send(StopWanted())
            await asyncio.sleep(LINGER_S)
        for task in (link, *beside):
            task.cancel()
        await asyncio.gather(link, *beside, return_exceptions=True)

    async def _watch_engine(self) -> None:
        """Start an engine that died again: it goes on with the show. One that said bye stays."""
        import asyncio

        while not self._args.join:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._is_up or self._was_told_bye or window_main.is_running(self._data):
                continue
            link_file.remove(self._data)
            launching.start(launching.ENGINE, window_main.engine_arguments(self._args))
            await asyncio.sleep(START_AGAIN_S)

    def _open_assistant(self) -> None:
        window = AssistantWindow(self._words)
        window.asked.connect(self._ask)
        window.page_wanted.connect(self._page)
        window.recording_dropped.connect(self._rehearse)
        window.host_view_wanted.connect(self._open_host)
        window.closed.connect(self._on_closed)
        window.settings_wanted.connect(lambda: self._send(SettingsWanted()))
        window.settings_saved.connect(self._save)
        window.room_again.connect(lambda room_id: self._send(RoomAgain(room_id=room_id)))
        window.login_wanted.connect(self._log_in)
        self._assistant = window

    def _open_host(self) -> None:
        if self._host is None:
            self._host = HostWindow(self._words)
            self._host.apply(self._latest)
            if self._args.seat == "host":
                self._host.closed.connect(self._on_closed)
        self._host.show()
        self._host.raise_()

    def _send(self, message: Message) -> None:
        """Before the link is there nothing can have been asked: the window is a frame old."""
        if self._client is not None:
            self._client.send(message)

    def _ask(self, ask: AnyAsk) -> None:
        """开始 also starts an engine that was told to end."""
        if isinstance(ask, StartShowAsked) and self._was_told_bye and not self._args.join:
            self._was_told_bye = False  # the watch starts it within a second
            self._link(up=False)
            return
        self._send(SeatAsk(ask=ask))

    def _page(self, from_seq: int, until_seq: int) -> None:
        self._send(PageWanted(from_seq=from_seq, until_seq=until_seq))

    def _save(self, settings: Settings, password: str | None, keys: dict[str, str]) -> None:
        self._send(SaveSettings(settings=settings, obs_password=password, secrets=keys))

    def _log_in(self, room_id: str, is_in: bool) -> None:
        self._send(LoginWanted(room_id=room_id) if is_in else LogoutWanted(room_id=room_id))

    def _rehearse(self, path: str) -> None:
        """A recording was dropped onto the window: rehearse on it, beside this show."""
        arguments = ["--replay", path, "--title", Path(path).name, "--lang", self._words.locale]
        launching.start(launching.WINDOW, arguments)

    def _on_closed(self) -> None:
        self._is_closed = True
        if self._closed is not None:
            self._closed.set()

    def _link(self, up: bool) -> None:
        self._is_up = up
        if up:
            self._was_told_bye = False
        if self._assistant is not None:
            away = "ended" if self._was_told_bye else "away"
            self._assistant.show_link("up" if up else away)

    def _message(self, message: FromEngine) -> None:
        match message:
            case News(digest=digest):
                self._news(digest)
            case Answer() if self._assistant is not None:
                self._assistant.show_answer(
                    message.ask_id, message.ok, message.error_code, message.params
                )
            case Page() if self._assistant is not None:
                self._assistant.insert_page(
                    message.rows, message.flags, message.from_seq, message.until_seq, message.gone
                )
            case SettingsNow() | LoginNow() if self._assistant is not None:
                self._show_settings(self._assistant, message)
            case Welcome(rehearsal=rehearsal):
                self._rehearsal = rehearsal
            case Bye():
                self._was_told_bye = True
                self._link(up=False)
            case _:
                pass

    def _show_settings(self, window: AssistantWindow, message: SettingsNow | LoginNow) -> None:
        if isinstance(message, LoginNow):
            window.settings.rooms.show_login(message.login)
            if message.login.step in ("done", "out"):
                self._send(SettingsWanted())
            return
        trouble = ""
        if message.error_code:
            trouble = " ".join(self._words.error(message.error_code, message.params))
        window.show_settings(
            message.settings,
            has_password=message.has_password,
            is_kept=message.password_is_kept,
            platforms=message.platforms,
            keyring_error=message.keyring_error,
            known_secrets=message.known_secrets,
            inbox_token=message.inbox_token,
            trouble=trouble,
        )

    def _news(self, digest: Digest) -> None:
        self._latest = digest
        if self._assistant is not None:
            self._assistant.apply(digest)
        if self._host is not None:
            self._host.apply(digest)
        if self._args.picture and digest.status is not None:
            picture, self._args.picture = self._args.picture, ""
            QTimer.singleShot(PICTURE_WAIT_MS, lambda: self._take(picture))

    def _take(self, picture: str) -> None:
        window = self._assistant or self._host
        assert window is not None
        window.grab().save(picture)
        self._on_closed()
