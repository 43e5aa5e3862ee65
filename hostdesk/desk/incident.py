"""预案: the open accident plan, its steps and the clock of the first words."""

import msgspec

from hostdesk.counsel.plans import Plan
from hostdesk.desk.rows import PlanPanel, StepRow
from hostdesk.errors import AskRefusedError
from hostdesk.events import StepTicked


class Incident:
    """One plan at a time. Clocks count from the first credible signal, not from the key."""

    def __init__(self, locale: str = "zh") -> None:
        self.panel = PlanPanel()
        self.card_id = ""
        self._locale = locale

    @property
    def is_open(self) -> bool:
        """Whether a plan is being worked through."""
        return bool(self.panel.plan_id)

    def open(self, plan: Plan, *, since_ms: int, card_id: str = "") -> None:
        """Start (or restart) a plan."""
        self.card_id = card_id
        words = plan.words(self._locale)
        steps = tuple(
            StepRow(step_id=step.id, role=step.role, due_ms=since_ms + step.due_ms, text=step.text)
            for step in words.steps
        )
        self.panel = PlanPanel(
            revision=self.panel.revision + 1,
            plan_id=plan.id,
            title=words.title,
            severity=plan.severity,
            since_ms=since_ms,
            first_words_due_ms=since_ms + plan.first_words_ms,
            say=words.say,
            avoid=words.avoid,
            steps=steps,
            templates=plan.notices,
        )

    def close(self) -> None:
        """A person says that it is over.

        Raises:
            AskRefusedError: no plan is open.
        """
        if not self.is_open:
            raise AskRefusedError(reason="no_plan")
        self.card_id = ""
        self.panel = PlanPanel(revision=self.panel.revision + 1)

    def words_said(self, at_ms: int) -> None:
        """Somebody of ours spoke to the viewers: by voice, chat or picture."""
        if self.is_open and self.panel.first_words_ms is None:
            self._change(first_words_ms=at_ms)

    def noticed_over(self) -> None:
        """Recovery was seen; the plan stays until a person closes it."""
        if self.is_open and not self.panel.over:
            self._change(over=True)

    def ticked(self, ask: StepTicked) -> None:
        """A step was done, or un-done.

        Raises:
            AskRefusedError: the open plan has no such step.
        """
        if ask.step_id not in {step.step_id for step in self.panel.steps}:
            raise AskRefusedError(reason="step_unknown")
        done_ms = ask.at_ms if ask.done else None
        self._change(
            steps=tuple(
                msgspec.structs.replace(step, done_ms=done_ms)
                if step.step_id == ask.step_id
                else step
                for step in self.panel.steps
            )
        )

    def _change(self, **fields: object) -> None:
        fields["revision"] = self.panel.revision + 1
        self.panel = msgspec.structs.replace(self.panel, **fields)
