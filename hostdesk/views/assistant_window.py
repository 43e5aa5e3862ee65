"""The assistants' window: the feed, what waits, what to do now (design 4).

It is given digests and shows them; it emits asks. It decides nothing, reads no clock and
no file, and paints at most one frame for everything that came meanwhile.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from hostdesk.desk.rows import AdvicePanel, Digest, FeedRow, RowFlag, StatusPanel, Suggestion
from hostdesk.events import ReplyWay
from hostdesk.settings import Settings
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.advice_panel import AdvicePanelView
from hostdesk.views.asks import Asks
from hostdesk.views.cards_panel import CardsPanelView
from hostdesk.views.columns import Columns
from hostdesk.views.feed_panel import FeedPanel
from hostdesk.views.fonts import text_font
from hostdesk.views.frame_clock import FrameClock
from hostdesk.views.icons import window_icon
from hostdesk.views.notice_panel import NoticePanelView
from hostdesk.views.plan_panel import PlanPanelView
from hostdesk.views.settings_panel import SettingsPage
from hostdesk.views.smoothing import Smoother
from hostdesk.views.status_strip import StatusStrip
from hostdesk.views.widgets import ElidedLabel, label

TOLD_MS = 8_000
"""How long the answer to an ask stays on the strip."""
WIDE = (1180, 760)


class AssistantWindow(QMainWindow):
    """One desk in two layouts: three columns, or one when narrow."""

    asked = Signal(object)
    page_wanted = Signal(int, int)
    recording_dropped = Signal(str)
    host_view_wanted = Signal()
    closed = Signal()
    settings_wanted = Signal()
    settings_saved = Signal(object, object, object)
    """`Settings`, the new OBS password or None, and secrets of rooms by name."""
    room_again = Signal(str)
    login_wanted = Signal(str, bool)

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words
        self._asks = Asks(self.asked.emit)
        self._status, self._advice = StatusPanel(), AdvicePanel()
        self._now_ms = 0
        self._pending = Digest()
        self.strip = StatusStrip(words)
        self.rehearsal = label(words("window.rehearsal"))
        self.away = label(words("window.away"))
        self.told = ElidedLabel()
        self.feed, self.cards = FeedPanel(words), CardsPanelView(words)
        self.advice, self.plan = AdvicePanelView(words), PlanPanelView(words)
        self.notice = NoticePanelView(words)
        self.frames = FrameClock(self, self._paint_frame)
        self._smoother = Smoother(self, self._take_rows)
        self._told_timer = QTimer(self, singleShot=True, interval=TOLD_MS)
        self._lay_out()
        self._join()

    def apply(self, digest: Digest) -> None:
        """Take what is new. Painting follows within a frame."""
        status = digest.status
        if status is not None and status.show_id != self._status.show_id:
            self._smoother.flush()
            if self._status.show_id:
                self.feed.view.forget()
                self._say_over(self._status)
            self._status = status
        self._now_ms = digest.now_ms or self._now_ms
        self._smoother.apply(digest)
        self._pending = _merged(self._pending, digest)
        self.frames.want()

    def _say_over(self, ended: StatusPanel) -> None:
        """What became of the show, until something else is to be told."""
        if not ended.rehearsal:
            self._tell(self._words("window.show_over", n=ended.to_answer))
            self._told_timer.stop()

    def _take_rows(self, digest: Digest) -> None:
        """Rows whose turn it is: at once, or when a clump is spread."""
        self.feed.view.apply(digest)
        self.frames.want()

    def show_link(self, state: str) -> None:
        """Tell whether the engine answers: "up", "away", "stale", or "ended" (it was told to)."""
        self.away.setVisible(state != "up")
        if state != "up":
            self.away.setText(self._words(f"window.{state}"))
            self.feed.view.ring.forget_pages()

    def show_answer(
        self, ask_id: str, ok: bool, error_code: str, params: dict[str, str | int]
    ) -> None:
        """Tell how an ask of this window ended."""
        about = self._asks.about(ask_id)
        if about is None or ok:
            return
        if about == "notice":
            self.notice.show_refusal(error_code, params)
            return
        reason = str(params.get("reason", ""))
        filled = {**params, "reason": self._words.get(f"reason.{reason}", reason)}
        self._tell(" ".join(self._words.error(error_code, filled)))

    def insert_page(
        self,
        rows: Sequence[FeedRow],
        flags: Sequence[RowFlag],
        from_seq: int = 0,
        until_seq: int = 0,
        gone: Sequence[int] = (),
    ) -> None:
        """Rows of the past, as `page_wanted` asked for them."""
        self._smoother.flush()  # a page lies before what waits
        span = (from_seq, until_seq) if until_seq else None
        self.feed.view.insert_page(rows, flags, span, gone)

    # ------------------------------------------------------------------- set-up

    @functools.cached_property
    def settings(self) -> SettingsPage:
        """The settings page, made when somebody first opens it."""
        page = SettingsPage(self._words)
        page.hide()
        page.save_wanted.connect(lambda wish, key: self.settings_saved.emit(wish, key, {}))
        page.rooms_wanted.connect(lambda wish, keys: self.settings_saved.emit(wish, None, keys))
        page.again_wanted.connect(self.room_again)
        page.login_wanted.connect(self.login_wanted)
        page.close_wanted.connect(page.hide)
        self._column.insertWidget(self._column.indexOf(self.columns), page, 3)
        self._column.setStretchFactor(self.columns, 2)
        return page

    def _lay_out(self) -> None:
        self.setWindowTitle(self._words("window.title"))
        self.setWindowIcon(window_icon())
        self.setPalette(theme.palette())
        self.setStyleSheet(theme.STYLE)
        self.setFont(text_font(theme.TEXT_PX))
        self.setAcceptDrops(True)
        self.rehearsal.setObjectName("rehearsal")
        self.away.setObjectName("away")
        for band in (self.rehearsal, self.away, self.told):
            band.hide()
        self.told.setContentsMargins(12, 4, 12, 4)
        self.columns = Columns(self.feed, self.cards, [self.advice, self.plan, self.notice])
        desk = QWidget()
        desk.setObjectName("desk")
        column = QVBoxLayout(desk)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.rehearsal, self.away, self.strip, self.told, self.columns):
            column.addWidget(part)
        column.setStretchFactor(self.columns, 1)
        self._column = column
        self.setCentralWidget(desk)
        self.setMinimumSize(380, 480)
        self.resize(QSize(*WIDE).boundedTo(_room_on_screen()))
        self.feed.view.setFocus()

    def _join(self) -> None:
        self.feed.page_wanted.connect(self.page_wanted)
        self.strip.host_view_wanted.connect(self.host_view_wanted)
        self.strip.cue_cleared.connect(self._asks.cue_cleared)
        bar = self.strip.show_bar
        bar.start_wanted.connect(self._asks.show_started)
        bar.end_wanted.connect(self._asks.show_ended)
        bar.on_air_wanted.connect(self._asks.on_air)
        bar.settings_wanted.connect(self._on_settings)
        self.cards.chosen.connect(self._asks.card_chosen)
        self.cards.settled.connect(self._asks.card_settled)
        self.cards.restored.connect(self._asks.card_restored)
        self.cards.plan_wanted.connect(self._asks.plan_opened)
        self.cards.reveal_wanted.connect(self._on_reveal)
        self.advice.used.connect(self._on_used)
        self.advice.send_wanted.connect(self._asks.chat_said)
        self.advice.in_chat.undo_wanted.connect(self._asks.chat_undone)
        self.plan.ticked.connect(self._asks.step_ticked)
        self.plan.close_wanted.connect(self._asks.plan_closed)
        self.notice.up_wanted.connect(self._asks.notice)
        self.notice.down_wanted.connect(self._asks.notice_down)
        self._told_timer.timeout.connect(self.told.hide)
        self.feed.view.touched.connect(self.frames.touch)

    # ------------------------------------------------------------------- frames

    def _paint_frame(self) -> None:
        """Show the newest of everything that came since the last frame."""
        news, self._pending = self._pending, Digest()
        now_ms = self._now_ms
        if news.status is not None:
            self._show_status(news.status)
        if news.cards is not None:
            self.cards.show_panel(news.cards, now_ms)
        if news.advice is not None:
            self._advice = news.advice
            self.advice.show_panel(news.advice)
        if news.advice is not None or news.cards is not None:
            self.advice.show_about(self.cards.title_of(self._advice.card_id))
        if news.plan is not None:
            self.plan.show_panel(news.plan)
        if news.templates is not None:
            self.notice.show_templates(news.templates)
        self.advice.in_chat.show_panel(news.chat, now_ms)
        self.plan.show_time(now_ms)
        self.notice.show_time(now_ms)
        if news.notice is not None:
            self.notice.show_panel(news.notice)
        self.feed.view.refresh()

    def _show_status(self, status: StatusPanel) -> None:
        self._status = status
        self.rehearsal.setVisible(status.rehearsal)
        if "settings" in self.__dict__:  # the page was opened once
            self.settings.rooms.show_states(status.sources)
        self.strip.show_status(status, self._now_ms)
        self.advice.in_chat.show_rooms(status.sources)
        self.feed.show_total(
            self.feed.view.ring.total, self._smoother.lag_ms
        )  # once a second: it moves the layout
        key = "window.title_show" if status.title else "window.title"
        self.setWindowTitle(self._words(key, title=status.title))

    # --------------------------------------------------------------------- asks

    def _on_settings(self) -> None:
        """⚙ opens the page, and closes it again."""
        if self.settings.isVisible():
            self.settings.hide()
        else:
            self.settings_wanted.emit()

    def show_settings(
        self,
        settings: Settings,
        *,
        has_password: bool,
        is_kept: bool,
        platforms: tuple[tuple[str, str], ...],
        keyring_error: str = "",
        known_secrets: tuple[str, ...] = (),
        inbox_token: str = "",
        trouble: str,
    ) -> None:
        """The settings as they stand: open the page, or tell that they were kept."""
        self.settings.rooms.show_rooms(settings, known_secrets, inbox_token)
        self.settings.rooms.show_states(self._status.sources)
        if not self.settings.isVisible() or trouble:
            self.settings.show_settings(
                settings,
                has_password=has_password,
                is_kept=is_kept,
                platforms=platforms,
                keyring_error=keyring_error,
                trouble=trouble,
            )
        self.settings.show()

    def _on_used(self, used: Suggestion, way: ReplyWay) -> None:
        if way == "copied":
            QGuiApplication.clipboard().setText(used.chat or used.say)
        self._asks.reply_used(used, way, self._advice.card_id)

    def _on_reveal(self, seqs: Sequence[int]) -> None:
        self.feed.unfold()
        if not self.feed.view.reveal(seqs):
            self.feed.choose("all")
            if not self.feed.view.reveal(seqs):
                self._tell(self._words("window.too_old"))

    def _tell(self, text: str) -> None:
        self.told.show_text(text)
        self.told.show()
        self._told_timer.start()

    # -------------------------------------------------------------- Qt overrides

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 提词 · 2 复制 · 3 another one. A text field keeps its digits to itself."""
        plain_key = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        typing = isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit)
        if typing or plain_key or event.isAutoRepeat():
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_1:
                self.advice.use_cue()
            case Qt.Key.Key_2:
                self.advice.use_copy()
            case Qt.Key.Key_3:
                self.advice.show_next()
            case _:
                super().keyPressEvent(event)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        narrow = event.size().width() < theme.NARROW_PX
        self.columns.set_narrow(narrow)
        super().resizeEvent(event)

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.recording_dropped.emit(str(Path(files[0])))

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        super().closeEvent(event)


def _merged(pending: Digest, new: Digest) -> Digest:
    """Panels at their newest. Rows are not kept: the ring has them already."""
    return Digest(
        status=new.status or pending.status,
        cards=new.cards or pending.cards,
        advice=new.advice or pending.advice,
        plan=new.plan or pending.plan,
        notice=new.notice or pending.notice,
        chat=new.chat or pending.chat,
        templates=new.templates or pending.templates,
    )


def _room_on_screen() -> QSize:
    """What a window may take, its own frame left out."""
    return QGuiApplication.primaryScreen().availableGeometry().size() - QSize(16, 48)
