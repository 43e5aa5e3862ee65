"""Reading ``resources/plans``."""

from collections import Counter
from collections.abc import Container

from hostdesk.content import entries
from hostdesk.counsel.plans import Plan, PlanBook
from hostdesk.errors import ContentError

FOLDER = "plans"


def names() -> list[str]:
    """The files that plans come from."""
    return entries.names(FOLDER)


def load_plans(notice_ids: Container[str]) -> PlanBook:
    """All plans; ``notice_ids`` are the notices that they may name.

    Raises:
        ContentError: a plan is wrong; it names file, entry and field.
    """
    found = entries.collect(FOLDER, "plan", Plan)
    for name, plan in found:
        entries.check_topics(name, plan.id, plan.topics)
        _check_notices(name, plan, notice_ids)
        _check_steps(name, plan)
    return PlanBook([plan for _, plan in found])


def _check_notices(name: str, plan: Plan, notice_ids: Container[str]) -> None:
    for notice_id in plan.notices:
        if notice_id not in notice_ids:
            raise ContentError(
                file=name, entry=plan.id, field="notices", detail=f"no such notice: {notice_id}"
            )


def _check_steps(name: str, plan: Plan) -> None:
    for step_id, count in Counter(step.id for step in plan.steps).items():
        if count > 1 or not step_id.startswith(f"{plan.id}."):
            raise ContentError(
                file=name, entry=plan.id, field="steps", detail=f"step id {step_id}: use each of"
                f" {plan.id}.1, {plan.id}.2 … once",
            )  # fmt: skip
