"""画面贴片: choose a kind, fill what is missing, see what viewers will see, put it up."""

import re

from PySide6.QtCore import QRect, QSize, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton

from hostdesk.desk.rows import NoticePanel, TemplateRow, TemplatesPanel
from hostdesk.events import NoticeKind
from hostdesk.text import Words
from hostdesk.views import theme
from hostdesk.views.flow import Flow
from hostdesk.views.icons import icon, pixmap
from hostdesk.views.notice_field import NoticeField, Preview
from hostdesk.views.notice_painter import LOOKS, paint_notice
from hostdesk.views.notice_state import state_line
from hostdesk.views.notice_words import kind_word
from hostdesk.views.widgets import (
    ElidedLabel,
    HoldButton,
    PanelFrame,
    button,
    label,
    row,
    set_look,
)

PREVIEW_MS = 120
"""The preview is painted once typing pauses for this long."""
PREVIEW_CANVAS = QSize(1920, 1080)
PREVIEW_SAFE = QRect(60, 60, 1800, 960)

_SLOT = re.compile(r"\{[^{}\s]{1,24}\}")


class NoticePanelView(PanelFrame):
    """Shows a `NoticePanel` and the templates; asks for 上屏 and 撤下."""

    up_wanted = Signal(str, str, str, bool)
    """Text, kind, template, whether it was held."""
    down_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__(words("notice.heading"))
        self._words = words
        self._panel = NoticePanel()
        self._templates: tuple[TemplateRow, ...] = ()
        self._template: TemplateRow | None = None
        self.kind: NoticeKind = "note"
        self._now_ms = 0
        self.kinds = {kind: self._kind_button(kind) for kind in LOOKS}
        self.name, self.hint = ElidedLabel(look="small"), label(look="warn", wraps=True)
        self.field = NoticeField(words("notice.placeholder"))
        self.preview = Preview(words("notice.preview"))
        self.up, self.down = (
            HoldButton(words("notice.up"), hold=False),
            button(words("notice.down")),
        )
        self.state, self._state_icon = label(wraps=True), QLabel()
        self._pause = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._lay_out()
        self._join()
        self._show_state()

    @property
    def text(self) -> str:
        """What would go up."""
        return self.field.toPlainText().strip()

    def show_templates(self, panel: TemplatesPanel) -> None:
        """Offer these templates. A text that somebody works on is left alone."""
        self._templates = panel.templates
        if self._template is not None:
            known = {one.template_id: one for one in panel.templates}
            fresh = known.get(self._template.template_id)
            if fresh is not None and self.text == self._template.text.strip():
                self._choose(fresh)
        for kind, made in self.kinds.items():
            made.setToolTip(self._words("notice.count", n=len(self._of(kind))))

    def show_panel(self, panel: NoticePanel) -> None:
        """Show what is on the picture."""
        self._panel = panel
        self._show_state()

    def show_time(self, now_ms: int) -> None:
        """Let the clock of 已上屏 go on."""
        self._now_ms = now_ms
        if self._panel.phase == "seen":
            self._show_state()

    def show_refusal(self, code: str, params: dict[str, str | int]) -> None:
        """What was asked was not done; say why, and ask for a hold where one is wanted."""
        reason = str(params.get("reason", ""))
        if reason == "needs_hold":
            self._set_hold(True)
        if reason == "slots_missing":
            self._to_slot()
        params = {**params, "reason": self._words.get(f"reason.{reason}", reason)}
        self._say(" ".join(self._words.error(code, params)))

    # ------------------------------------------------------------------- set-up

    def _kind_button(self, kind: NoticeKind) -> QPushButton:
        made = button(kind_word(self._words, kind))
        made.setCheckable(True)
        made.setIcon(icon(LOOKS[kind].icon, theme.SOFT))
        made.setStyleSheet("padding: 4px 6px;")
        made.clicked.connect(lambda: self._on_kind(kind))
        return made

    def _lay_out(self) -> None:
        kinds = Flow(across=4, down=4)
        for made in self.kinds.values():
            kinds.addWidget(made)
        self.up.setProperty("look", "main")
        self.hint.hide()
        self.body.addLayout(row(self.heading, 1, self.name))
        self.body.addLayout(kinds)
        self.body.addWidget(self.field)
        self.body.addWidget(self.preview)
        self.body.addWidget(self.hint)
        self.body.addLayout(row(self.up, self.down, 1))
        self.body.addLayout(self._state_row())
        self._check_kind()

    def _state_row(self) -> QHBoxLayout:
        self._state_icon.setFixedWidth(16)
        made = row(self._state_icon, spacing=6)
        made.addWidget(self.state, 1)
        return made

    def _join(self) -> None:
        self.field.textChanged.connect(self._on_text)
        self._pause.timeout.connect(self._paint)
        self.up.done.connect(self._on_up)
        self.up.pressed.connect(self._on_press)
        self.down.clicked.connect(self.down_wanted)

    # ---------------------------------------------------------------- templates

    def _of(self, kind: NoticeKind) -> list[TemplateRow]:
        return [one for one in self._templates if one.notice_kind == kind]

    def _on_kind(self, kind: NoticeKind) -> None:
        """The kind's first template; pressed again, its next one."""
        offered = self._of(kind)
        again = kind == self.kind and self._template in offered
        self.kind = kind
        if offered:
            at = offered.index(self._template) + 1 if again and self._template else 0
            self._choose(offered[at % len(offered)])
        else:
            self._template = None
            self._set_hold(False)
            self.name.show_text("")
        self._check_kind()
        self._pause.start()

    def _choose(self, template: TemplateRow) -> None:
        self._template, self.kind = template, template.notice_kind
        offered = self._of(template.notice_kind)
        place = offered.index(template) + 1 if template in offered else 1
        key = "notice.template" if len(offered) < 2 else "notice.template_of"
        title = template.title or template.template_id
        self.name.show_text(self._words(key, title=title, n=place, of=len(offered)))
        self.field.setPlainText(template.text)
        self._set_hold(template.binds)
        self._say("")
        if _SLOT.search(template.text):
            self._to_slot()

    def _check_kind(self) -> None:
        for kind, made in self.kinds.items():
            made.setChecked(kind == self.kind)

    def _set_hold(self, hold: bool) -> None:
        self.up.set_hold(hold)
        self.up.setText(self._words("notice.up_hold" if hold else "notice.up"))

    def _to_slot(self) -> bool:
        """Select the first {slot} that a person must fill; False where none is left."""
        text = self.field.toPlainText()
        found = _SLOT.search(text)
        if found is None:
            return False
        cursor = self.field.textCursor()
        cursor.setPosition(_units(text[: found.start()]))
        cursor.setPosition(_units(text[: found.end()]), QTextCursor.MoveMode.KeepAnchor)
        self.field.setTextCursor(cursor)
        self.field.setFocus()
        slot = found.group().strip("{}")
        self._say(self._words("notice.fill", slot=self._words.get(f"slot.{slot}", slot)))
        return True

    # --------------------------------------------------------------------- acts

    def _on_text(self) -> None:
        if not _SLOT.search(self.field.toPlainText()):
            self._say("")
        self._show_acts()
        self._pause.start()

    def _on_press(self) -> None:
        if self.up.hold and _SLOT.search(self.text):
            self._to_slot()

    def _on_up(self) -> None:
        if not self.text or self._to_slot():
            return
        template = self._template.template_id if self._template else ""
        self.up_wanted.emit(self.text, self.kind, template, self.up.hold)

    def _show_acts(self) -> None:
        busy = self._panel.phase in ("sending", "taking_down")
        self.up.setEnabled(bool(self.text) and not busy)
        stands = self._panel.phase in ("sending", "placed", "seen", "unseen", "no_uplink", "failed")
        self.down.setEnabled(stands and bool(self._panel.notice_id or self._panel.text))

    def _show_state(self) -> None:
        line = state_line(self._words, self._panel, self._now_ms)
        self._state_icon.setPixmap(pixmap(line.icon, 16, line.colour, self.devicePixelRatioF()))
        self.state.setText(line.text)
        set_look(self.state, line.look)
        self._show_acts()

    def _say(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def _paint(self) -> None:
        if not self.text:
            self.preview.show_picture(None)
            return
        word = kind_word(self._words, self.kind)
        panel = paint_notice(self.kind, word, self.text, PREVIEW_CANVAS, PREVIEW_SAFE)
        self.preview.show_picture(panel.image)
        if not panel.whole:
            self._say(self._words("notice.too_long"))


def _units(text: str) -> int:
    """Length in Qt's characters: emoji count twice."""
    return len(text.encode("utf-16-le")) // 2
