"""The accident plans: complete, in order, offered for the right card."""

import re

import pytest

from hostdesk.text import words

NEVER = re.compile(
    r"同行|对家|水军|黑公关|尽快|马上|稍后|第一时间|近期|\b(soon|asap|shortly|competitor)\b", re.I
)
MOST = {"zh": {"say": 30, "step": 32, "title": 14}, "en": {"say": 90, "step": 90, "title": 34}}


def test_all_plans_are_there(shipped):
    assert [plan.id for plan in shipped.plans.plans] == [f"A{n:02}" for n in range(1, 21)]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_plan_can_be_read_in_a_hurry(shipped, locale):
    most = MOST[locale]
    for plan in shipped.plans.plans:
        say = plan.words(locale)
        assert len(say.say) <= most["say"], plan.id
        assert len(say.title) <= most["title"], plan.id
        assert all((say.signals, say.avoid, say.close)), plan.id
        assert not NEVER.search(say.say), plan.id
        for step in say.steps:
            assert len(step.text) <= most["step"], step
            assert not NEVER.search(step.text), step


def test_steps_are_numbered_timed_and_somebodys(shipped):
    for plan in shipped.plans.plans:
        steps = plan.words("zh").steps
        assert [step.id for step in steps] == [f"{plan.id}.{n + 1}" for n in range(len(steps))]
        assert len(steps) >= 5
        for step in steps:
            assert words("zh").has(f"role.{step.role}")
            assert step.due_ms in {30_000, 180_000, 1_800_000, 7_200_000, 86_400_000}


@pytest.mark.parametrize("plan_id", ["A01", "A02", "A03"])
def test_while_the_uplink_is_down_the_phone_comes_first(shipped, plan_id):
    steps = shipped.plans.get(plan_id).words("zh").steps
    assert "手机号打公屏" in steps[0].text
    assert steps[0].due_ms == 30_000
    picture = next(n for n, step in enumerate(steps) if "画面贴片" in step.text)
    assert picture > 0


@pytest.mark.parametrize(
    ("plan_id", "first_words_ms"),
    [("A01", 30_000), ("A03", 30_000), ("A08", 30_000), ("A12", 180_000), ("A14", 180_000)],
)
def test_first_words_are_due_sooner_where_viewers_see_nothing(shipped, plan_id, first_words_ms):
    assert shipped.plans.get(plan_id).first_words_ms == first_words_ms


@pytest.mark.parametrize(
    ("why", "card_kind", "topic", "plan_id"),
    [
        ("frozen", "accident", "freeze", "A01"),
        ("silent", "accident", "sound", "A02"),
        ("cut", "accident", "cut", "A03"),
        ("wrong price", "mass_complaint", "price", "A04"),
        ("wrong coupon", "mass_complaint", "coupon", "A04"),
        ("oversold", "mass_complaint", "stock", "A05"),
        ("a quality wave", "mass_complaint", "quality", "A11"),
        ("late shipping", "mass_complaint", "shipping", "A12"),
        ("the same words", "raid", "", "A13"),
        ("the same complaint", "raid", "quality", "A13"),
        ("a rumour by many", "mass_complaint", "rumour", "A14"),
        ("a child", "flag", "minor", "A16"),
        ("private data", "comments", "privacy", "A18"),
        ("is it real", "mass_complaint", "authenticity", "A19"),
        ("safety counts from one", "flag", "safety", "A20"),
        ("one complaint is no incident", "comments", "quality", None),
        ("questions are no incident", "questions", "price", None),
        ("an echo is no incident", "echo", "", None),
        ("nobody knows what broke", "accident", "", None),
        ("an unknown kind", "whatever", "freeze", None),
    ],
)
def test_the_plan_that_is_offered(shipped, why, card_kind, topic, plan_id):
    plan = shipped.plans.for_incident(card_kind=card_kind, topic=topic)
    assert (plan.id if plan else None) == plan_id, why


def test_in_a_raid_the_host_does_not_mention_it(shipped):
    steps = shipped.plans.get("A13").words("zh").steps
    host = [step.text for step in steps if step.role == "host"]
    assert host[0].startswith("不提，继续讲品")
    assert "防刷屏模式" in steps[0].text


def test_plans_name_notices_that_exist_with_one_that_binds_nothing_first(shipped):
    for plan in shipped.plans.plans:
        for notice_id in plan.notices:
            assert shipped.notices.get(notice_id), (plan.id, notice_id)
        assert not plan.notices or plan.id == "A05" or not shipped.notices.binds(plan.notices[0])


def test_no_plan_of_that_name(shipped):
    assert shipped.plans.get("A99") is None
