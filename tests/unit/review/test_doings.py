from hostdesk.events import CardRestored, CardSettled, PlanClosed, PlanOpened, StepTicked
from hostdesk.findings import Lane
from hostdesk.review.doings import MIN_SETTLED, Settlements


def settle(number, how="answered", lane="answer"):
    return CardSettled(at_ms=number, card_id=f"{lane}:complaint:quality#{number}", how=how)


def test_the_share_of_wrong_flags_wants_enough_cards():
    book = Settlements()
    for number in range(MIN_SETTLED - 1):
        book.settled(settle(number, "wrong_flag" if number < 2 else "answered"), None)
    assert (book.flags().state, book.flags().wrong_per_100) == ("too_few", None)
    book.settled(settle(99), None)
    assert (book.flags().state, book.flags().wrong_per_100) == ("known", 20.0)


def test_a_card_unknown_by_now_is_told_by_its_id():
    book = Settlements()
    book.settled(settle(3), None)
    (settled,) = book.done
    assert (settled.card.lane, settled.card.label, settled.card.topic) == (
        Lane.ANSWER, "complaint", "quality",
    )  # fmt: skip


def test_an_undone_settlement_is_not_counted(show):
    show.said(1, "这件衣服起球了 质量太差", who="a")
    card = show.card("answer:")
    show.at(5, CardSettled, card_id=card, how="wrong_flag")
    show.at(6, CardRestored, card_id=card)
    review = show.close(9).review()
    assert review.settlements == ()
    assert review.flags.settled == 0
    assert [waiting.card_id for waiting in review.unanswered] == [card]


def test_a_disposal_keeps_its_reason(show):
    show.said(1, "兼职日结 加微信 看我主页", who="ad")
    card = show.card("dispose:")
    show.at(5, CardSettled, card_id=card, how="disposed", reason="站外广告", seat="assistant")
    (settled,) = show.close(9).review().settlements
    assert (settled.how, settled.reason, settled.seat) == ("disposed", "站外广告", "assistant")
    assert settled.card.sample


def test_a_plan_is_told_with_what_was_ticked_and_when(show):
    show.at(1, PlanOpened, plan_id="A01")
    show.at(5, StepTicked, step_id="A01.1")
    show.at(6, StepTicked, step_id="A01.2")
    show.at(7, StepTicked, step_id="A01.2", done=False)
    show.at(90, PlanClosed)
    (plan,) = show.close(99).review().plans
    assert [step.done_ms for step in plan.steps[:2]] == [show.start_ms + 5_000, None]
    assert plan.closed_ms == show.start_ms + 90_000


def test_the_next_plan_ends_the_one_before(show):
    show.at(1, PlanOpened, plan_id="A01")
    show.at(9, PlanOpened, plan_id="A02")
    first, second = show.review().plans
    assert (first.closed_ms, second.closed_ms) == (show.start_ms + 9_000, None)
