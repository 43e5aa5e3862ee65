"""预案: the open accident plan, who does what until when."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from hostdesk.desk.rows import PlanPanel, StepRow
from hostdesk.text import Words
from hostdesk.views.clocks import duration
from hostdesk.views.widgets import ElidedLabel, PanelFrame, button, label, row, set_look


class PlanPanelView(PanelFrame):
    """Shows a `PlanPanel`; hidden while no plan is open."""

    ticked = Signal(str, bool)
    close_wanted = Signal()

    def __init__(self, words: Words) -> None:
        super().__init__(words("plan.heading"))
        self._words = words
        self._panel = PlanPanel()
        self.title, self.clock = ElidedLabel(look="title"), label(look="soft")
        self.severity = label(look="warn")
        self.say, self.avoid = label(wraps=True), label(look="small", wraps=True)
        self.over = label(words("plan.over"), "good", wraps=True)
        self.close_plan = button(words("plan.close"), "quiet")
        self.steps: list[StepView] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(3)
        self._lay_out()
        self.hide()

    def show_panel(self, panel: PlanPanel) -> None:
        """Show the plan, or hide where none is open."""
        if panel.plan_id != self._panel.plan_id:
            self._rebuild(panel)
        self._panel = panel
        self.setVisible(bool(panel.plan_id))
        self.title.show_text(self._words("plan.title", plan=panel.plan_id, title=panel.title))
        severity = self._words.get(f"severity.{panel.severity}", "")
        self.severity.setText(f"{panel.severity} {severity}".strip())
        self._line(self.say, "plan.say", panel.say)
        self._line(self.avoid, "plan.avoid", panel.avoid)
        self.over.setVisible(panel.over)
        for view, step in zip(self.steps, panel.steps, strict=False):
            view.show_step(step)

    def show_time(self, now_ms: int) -> None:
        """Let the clocks go on; ``now_ms`` is the engine's."""
        panel = self._panel
        if not panel.plan_id:
            return
        passed = duration(now_ms - panel.since_ms)
        limit = duration(panel.first_words_due_ms - panel.since_ms)
        if panel.first_words_ms is not None:
            said = duration(panel.first_words_ms - panel.since_ms)
            self.clock.setText(self._words("plan.clock_said", passed=passed, said=said))
            set_look(self.clock, "soft")
        else:
            self.clock.setText(self._words("plan.clock", passed=passed, limit=limit))
            set_look(self.clock, "warn" if now_ms > panel.first_words_due_ms else "soft")
        for view in self.steps:
            view.show_time(now_ms)

    def _lay_out(self) -> None:
        self.body.addLayout(row(self.title, self.severity, 1, self.close_plan))
        self.body.addWidget(self.clock)
        for line in (self.over, self.say, self.avoid):
            self.body.addWidget(line)
        self.body.addLayout(self._column)
        self.close_plan.clicked.connect(self.close_wanted)

    def _line(self, line: QWidget, key: str, text: str) -> None:
        line.setVisible(bool(text))
        line.setText(self._words(key, text=text))  # type: ignore[attr-defined]

    def _rebuild(self, panel: PlanPanel) -> None:
        for view in self.steps:
            self._column.removeWidget(view)
            view.deleteLater()
        self.steps = [StepView(self._words, step.step_id) for step in panel.steps]
        for view in self.steps:
            view.ticked.connect(self.ticked)
            self._column.addWidget(view)


class StepView(QWidget):
    """One step: role, what to do, a check, how long is left."""

    ticked = Signal(str, bool)

    def __init__(self, words: Words, step_id: str) -> None:
        super().__init__()
        self._words, self._step_id = words, step_id
        self._step: StepRow | None = None
        self.check = QCheckBox()
        self.role, self.text = label(look="small"), label(wraps=True)
        self.due = label(look="small")
        layout: QHBoxLayout = row(self.check, self.role, spacing=6)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.due)
        self.role.setMinimumWidth(34)
        layout.setAlignment(self.check, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(layout)
        self.check.clicked.connect(lambda done: self.ticked.emit(step_id, done))

    def show_step(self, step: StepRow) -> None:
        """Show the step as it stands."""
        self._step = step
        role = self._words.get(f"role.{step.role}", step.role)
        self.role.setText(role)
        self.text.setText(step.text)
        set_look(self.text, "soft" if step.done_ms is not None else "")
        self.check.setChecked(step.done_ms is not None)
        self.check.setAccessibleName(f"{role}: {step.text}")

    def show_time(self, now_ms: int) -> None:
        """How long is left, or when it was done."""
        if self._step is None:
            return
        if self._step.done_ms is not None:
            self.due.setText(self._words("plan.step_done"))
            set_look(self.due, "good")
            return
        left = self._step.due_ms - now_ms
        key = "plan.step_left" if left >= 0 else "plan.step_late"
        self.due.setText(self._words(key, time=duration(abs(left))))
        set_look(self.due, "small" if left >= 0 else "warn")
