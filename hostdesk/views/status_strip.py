"""The strip on top: is the show on air, does OBS answer, do comments come, what waits."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from hostdesk.desk.rows import SourceRow, StatusPanel
from hostdesk.settings import INBOX
from hostdesk.source_words import troubles
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.clocks import duration, minute
from hostdesk.views.flow import Flow
from hostdesk.views.plain import plain
from hostdesk.views.show_bar import ShowBar
from hostdesk.views.widgets import IconLabel, button, label, row

MAX_SOURCES = 4
SILENT_MS = 20_000
"""A source that has been silent for this long is coloured; its age always stands there."""
WAITING_SHOWN = 200
QUIET_DB, LOUD_DB = -60.0, 0.0


class StatusStrip(QFrame):
    """Shows a `StatusPanel`; asks for the host's view and to clear the teleprompter line."""

    host_view_wanted = Signal()
    cue_cleared = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setAccessibleName(words("status.name"))
        self._words = words
        self.live, self.obs = IconLabel("stream"), IconLabel("obs")
        self.mic = MicMeter(words("status.mic"))
        self.sources = [IconLabel("source") for _ in range(MAX_SOURCES)]
        self.pace, self.answers = IconLabel("people"), IconLabel("answer")
        self.promises = IconLabel("promise")
        self.show_bar = ShowBar(words)
        self.waiting = IconLabel("progress")
        self.cue = IconLabel("cue", theme.ACCENT)
        self.cue_done = button(words("status.cue_done"), "quiet")
        self.trouble = label(look="trouble", wraps=True)
        self._lay_out()

    def show_status(self, status: StatusPanel, now_ms: int) -> None:
        """Show everything; ``now_ms`` is the engine's clock."""
        self._show_live(status, now_ms)
        self._show_obs(status)
        self.mic.show_level(status.mic_peak_db)
        shown = _told_first(status.sources)
        for at, part in enumerate(self.sources):
            self._show_source(part, shown[at : at + 1], now_ms)
        hidden = len(shown) - MAX_SOURCES
        if hidden > 0:
            last = self.sources[-1]
            last.show_text(f"{last.text.whole} +{hidden}", "soft")
        self.pace.show_text(self._words("status.pace", n=status.per_min))
        self._show_work(status, now_ms)
        self.cue.show_text(self._cue_words(status.cue), "title")
        self.cue_done.setVisible(bool(status.cue))
        trouble = self._trouble_words(status)
        self.trouble.setText(f"⚠ {trouble}" if trouble else "")
        self.trouble.setVisible(bool(trouble))

    def _lay_out(self) -> None:
        flow = Flow()
        self.host_view = button(self._words("status.host_view"), "quiet", "cue")
        self.host_view.clicked.connect(self.host_view_wanted)
        self.cue_done.clicked.connect(self.cue_cleared)
        parts: list[QWidget] = [self.live, self.obs, self.mic, *self.sources, self.pace]
        parts += [self.answers, self.promises, self.waiting]
        for part in parts:
            flow.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(4)
        top = QHBoxLayout()
        top.addLayout(flow, 1)
        top.addWidget(self.host_view, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(top)
        layout.addLayout(row(self.cue, self.cue_done, 1, self.show_bar))
        layout.addWidget(self.trouble)
        self.cue.text.setProperty("look", "title")
        self.host_view.setStyleSheet("padding: 1px 8px; min-height: 18px;")
        for part in (*parts, self.cue, self.cue_done, self.trouble):
            part.hide()
        self.live.show_text(self._words("status.connecting"), "soft")

    def _show_live(self, status: StatusPanel, now_ms: int) -> None:
        end = status.closed_ms or now_ms or status.opened_ms
        clock = duration(end - status.opened_ms) if status.opened_ms else "--:--"
        state = "closed" if status.closed_ms else status.stream or "none"
        colour, look = _LIVE_LOOKS.get(state, (theme.SOFT, "soft"))
        self.live.show_icon("stream", colour)
        self.live.show_text(self._words(f"status.live.{state}", clock=clock), look)

    def _show_obs(self, status: StatusPanel) -> None:
        if not status.obs_linked:
            self.obs.show_icon("obs", theme.DIM)
            self.obs.show_text(self._words("status.obs_away"), "soft")
            return
        fps = "–" if status.fps is None else f"{status.fps:.0f}"
        skipped = "–" if status.skipped_ratio is None else f"{100 * status.skipped_ratio:.1f}"
        text = self._words("status.obs", fps=fps, skipped=skipped)
        bad = (status.skipped_ratio or 0) >= 0.02 or status.picture in ("frozen", "black")
        if status.picture in ("frozen", "black"):
            text += " · " + self._words(f"status.picture.{status.picture}")
        self.obs.show_icon("obs", theme.WARN if bad else theme.GOOD)
        self.obs.show_text(text, "warn" if bad else "")

    def _show_source(self, part: IconLabel, sources: tuple[SourceRow, ...], now_ms: int) -> None:
        if not sources:
            part.hide()
            return
        source = sources[0]
        age = max(now_ms - source.last_ms, 0)
        own_name = plain(source.room or source.source_id, 18)
        name = self._words.get(f"status.recording.{source.source_id}", own_name)
        if source.state == "live":
            text = self._words("status.source_age", name=name, seconds=age // 1000)
            late = source.last_ms > 0 and age >= SILENT_MS
        else:
            state = self._words.get(f"status.source.{source.state}", source.state)
            text, late = f"{name} {state}", source.state not in _CALM
        part.show_icon("source", theme.WARN if late else theme.GOOD)
        part.show_text(text, "warn" if late else "")

    def _show_work(self, status: StatusPanel, now_ms: int) -> None:
        self.answers.show_text(self._words("status.to_answer", n=status.to_answer))
        open_ones = [one for one in status.promises if one.state in ("open", "late")]
        text = self._words("status.promises", n=len(open_ones))
        if open_ones:
            due = min(one.due_ms for one in open_ones)
            text += f" ({minute(due)})"
            late = due < now_ms
            self.promises.show_text(text, "warn" if late else "")
            self.promises.show_icon("promise", theme.WARN if late else theme.SOFT)
        else:
            self.promises.show_text(text, "soft")
        self.show_bar.show_status(status)
        behind = status.waiting >= WAITING_SHOWN
        text = self._words("status.waiting", n=status.waiting) if behind else ""
        self.waiting.show_text(text, "soft")

    def _cue_words(self, cue: str) -> str:
        return self._words("status.cue", text=plain(cue, 80)) if cue else ""

    def _trouble_words(self, status: StatusPanel) -> str:
        said: list[str] = []
        if status.disk_full:
            said.append(" ".join(self._words.error("disk_full", {})))
        if status.obs_error:
            said.append(" ".join(self._words.error(status.obs_error, status.obs_params)))
        if status.offline:
            said.append(self._words("status.offline"))
        for source in status.sources:
            name = plain(source.room or source.source_id, 18)
            told = troubles(source, self._words, is_offline=status.offline)
            said += [f"{name}: {sentence}" for sentence in told]
        return "   ".join(said)


_LIVE_LOOKS = {
    "started": (theme.GOOD, ""),
    "reconnected": (theme.GOOD, ""),
    "reconnecting": (theme.WARN, "warn"),
    "stopped": (theme.TROUBLE, "trouble"),
    "none": (theme.SOFT, "soft"),
    "closed": (theme.SOFT, "soft"),
}


def _told_first(sources: Sequence[SourceRow]) -> tuple[SourceRow, ...]:
    """Who is in trouble, then in the settings' order. The inbox is its pushers, once there are."""
    others = [each for each in sources if each.source_id != INBOX or each.error_code]
    shown = others or list(sources)
    return tuple(sorted(shown, key=lambda each: each.state in _CALM))


_CALM = ("live", "quiet", "starting", "ended")


class MicMeter(QWidget):
    """How loud the microphone is, as seven bars."""

    BARS = 7

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = label(word, "soft")
        self._bars = _Bars()
        self.setLayout(row(self._word, self._bars, spacing=6))
        self.hide()

    def show_level(self, peak_db: float | None) -> None:
        """Show a peak in dB below full scale; hidden where nobody measures it."""
        self.setVisible(peak_db is not None)
        if peak_db is None or math.isnan(peak_db):
            return
        part = (min(max(peak_db, QUIET_DB), LOUD_DB) - QUIET_DB) / (LOUD_DB - QUIET_DB)
        self._bars.show_bars(round(part * self.BARS))
        self.setAccessibleName(f"{self._word.text()} {peak_db:.0f} dB")
        self.setToolTip(f"{peak_db:.0f} dB")


class _Bars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._lit = 0
        self.setFixedSize(QSize(MicMeter.BARS * 6, 14))

    def show_bars(self, lit: int) -> None:
        if lit != self._lit:
            self._lit = lit
            self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for bar in range(MicMeter.BARS):
            high = 4 + bar * 1.6
            hot = bar == MicMeter.BARS - 1
            lit = theme.WARN if hot else theme.GOOD
            colour = lit if bar < self._lit else theme.LINE
            painter.fillRect(QRectF(bar * 6, 14 - high, 4, high), QColor(colour))
        painter.end()
