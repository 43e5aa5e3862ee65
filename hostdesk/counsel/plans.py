"""预案: what to do when something breaks, by whom and until when."""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from hostdesk.counsel.topics import CardKind, card_kind_of

Wording = Annotated[str, msgspec.Meta(min_length=1)]
Seconds = Annotated[int, msgspec.Meta(ge=0)]
Severity = Literal["S1", "S2", "S3", "S4"]
Role = Literal["host", "cohost", "floor", "control", "support", "operations", "owner"]
"""主播, 助播, 场控, 中控, 客服, 运营, 老板. Steps of an absent one fall to who is there."""
Band = Literal[
    "C0", "C0-C1", "C0-C2", "C0-C3", "C1", "C1-C2", "C2", "C2-C3", "C3", "C3-C4", "C4",
    "none", "platform", "case",
]  # fmt: skip
"""Compensation that may come up; ``platform``: through the platform, ``case``: case by case."""


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing to do."""

    id: Wording
    role: Role
    due_s: Seconds
    """From the first credible signal."""
    zh: Wording
    en: Wording


class StepWords(msgspec.Struct, frozen=True, kw_only=True):
    """One step in one language."""

    id: str
    role: Role
    due_ms: int
    """From the first credible signal."""
    text: str


class Sayings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan's words in one language, as they stand in the file."""

    title: Wording
    rises: str = ""
    """When it becomes more serious than it begins."""
    signals: tuple[str, ...]
    """How it is noticed."""
    say: Wording
    """First words to the viewers."""
    avoid: Wording
    close: Wording
    """When it is over."""


class PlanWords(msgspec.Struct, frozen=True, kw_only=True):
    """A plan in one language, with its steps."""

    title: str
    rises: str
    signals: tuple[str, ...]
    say: str
    avoid: str
    close: str
    steps: tuple[StepWords, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One accident plan. The fields are explained in ``resources/plans/plans.toml``."""

    id: Wording
    severity: Severity
    card_kinds: tuple[CardKind, ...] = ()
    """The cards that it is offered for; none = it is opened by hand."""
    topics: tuple[str, ...] = ()
    first_words_s: Seconds
    """Until when viewers must have heard or read one line."""
    band: Band
    notices: tuple[str, ...] = ()
    """Ids of notices that fit, best first."""
    source: Wording
    steps: Annotated[tuple[Step, ...], msgspec.Meta(min_length=1)]
    zh: Sayings
    en: Sayings

    @property
    def first_words_ms(self) -> int:
        """``first_words_s`` in milliseconds."""
        return self.first_words_s * 1000

    def words(self, locale: str) -> PlanWords:
        """The plan in ``locale``; Chinese where we do not have it."""
        english = locale == "en"
        steps = tuple(
            StepWords(
                id=step.id,
                role=step.role,
                due_ms=step.due_s * 1000,
                text=step.en if english else step.zh,
            )
            for step in self.steps
        )
        return PlanWords(**msgspec.structs.asdict(self.en if english else self.zh), steps=steps)


class PlanBook:
    """All plans."""

    STATIC = True

    def __init__(self, plans: Sequence[Plan]) -> None:
        self.plans = tuple(plans)
        self._by_id = {plan.id: plan for plan in self.plans}

    def get(self, plan_id: str) -> Plan | None:
        """The plan of this id."""
        return self._by_id.get(plan_id)

    def for_incident(self, *, card_kind: str, topic: str) -> Plan | None:
        """The plan to offer for a card, or None where no accident is in sight.

        A plan for this very topic goes before one for any topic.
        """
        kind = card_kind_of(card_kind)
        fitting = [plan for plan in self.plans if kind in plan.card_kinds]
        for plan in fitting:
            if topic in plan.topics:
                return plan
        return next((plan for plan in fitting if not plan.topics), None)
