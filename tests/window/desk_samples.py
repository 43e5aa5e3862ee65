"""Panels as the engine sends them; each takes only what a test cares about."""

from hostdesk.desk.rows import (
    AdvicePanel,
    Card,
    CardsPanel,
    NoticePanel,
    PlanPanel,
    StatusPanel,
    StepRow,
    Suggestion,
    TemplateRow,
    TemplatesPanel,
)
from hostdesk.findings import Evidence, Lane

NOW = 1_750_000_000_000


def card(card_id="c1", kind="comments", lane=Lane.ANSWER, **more):
    about = {"topic": "", "since_ms": NOW, "last_ms": NOW, "authors": 3, "comments": 4, **more}
    return Card(card_id=card_id, kind=kind, lane=lane, **about)


def raid(**more):
    evidence = (Evidence("new_faces", 3, 1), Evidence("copies", 9, 1))
    return card("r1", "raid", Lane.VERIFY, evidence=evidence, evidence_of=4, **more)


def cards(*which, chosen="", settled=()):
    return CardsPanel(revision=1, cards=tuple(which), chosen_id=chosen, settled=tuple(settled))


def suggestion(n=1, **more):
    said = {"tone": "calm", "say": f"说{n}", "chat": f"发{n}", "card": f"卡{n}", **more}
    return Suggestion(reply_id=f"R{n}", intent="x", **said)


def advice(count=3, card_id="c1"):
    many = tuple(suggestion(n + 1) for n in range(count))
    return AdvicePanel(revision=1, card_id=card_id, suggestions=many)


def plan(**more):
    steps = (
        StepRow(step_id="s1", role="floor", due_ms=NOW + 10_000, text="打公屏", done_ms=NOW),
        StepRow(step_id="s2", role="host", due_ms=NOW + 20_000, text="开口说明"),
    )
    about = {"since_ms": NOW - 42_000, "first_words_due_ms": NOW + 138_000, "steps": steps, **more}
    return PlanPanel(revision=1, plan_id="A01", title="画面卡住", severity="S3", **about)


def template(template_id="N01", kind="apology", text="抱歉，刚才卡了。", **more):
    title = more.pop("title", "卡顿致歉")
    return TemplateRow(template_id=template_id, notice_kind=kind, title=title, text=text, **more)


def templates(*which):
    return TemplatesPanel(revision=1, templates=which)


def notice(phase, **more):
    about = {"notice_id": "" if phase == "none" else "n1", "text": "抱歉", **more}
    return NoticePanel(revision=1, phase=phase, **about)


def status(**more):
    about = {"show_id": "s1", "opened_ms": NOW - 5_025_000, "obs_linked": True, **more}
    return StatusPanel(revision=1, now_ms=NOW, **about)
