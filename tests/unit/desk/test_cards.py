import msgspec
import pytest

from hostdesk.desk.cards import OVER_MS, QUIET_MS, Cards
from hostdesk.errors import AskRefusedError
from hostdesk.events import CardRestored, CardSettled, Comment
from hostdesk.findings import Finding, Label, Lane, QuestionGroup, Span, Verdict

C, H = Label.COMPLAINT, Label.HOSTILE


def judged(
    cards, text, author, *, lane=Lane.ANSWER, labels=(C,), topic="quality", at_ms=0, order=None
):
    comment = Comment(at_ms=at_ms, author_id=author, text=text, has_order=order)
    spans = tuple(Span(0, 2, label) for label in labels)
    cards.verdict(
        comment, Verdict(seq=at_ms + 1, labels=labels, lane=lane, topic=topic, spans=spans)
    )


def finding(kind, state="opened", *, topic="freeze", authors=9, at_ms=0, finding_id="f1"):
    return Finding(
        finding_id=finding_id, finding_kind=kind, state=state, at_ms=at_ms, since_ms=0,
        topic=topic, authors=authors, comments=authors,
    )  # fmt: skip


def test_people_are_counted_not_messages():
    cards = Cards()
    for n in range(5):
        judged(cards, "起球了", "ann", at_ms=n)
    judged(cards, "我的也起球", "bo", at_ms=9, order=True)
    [card] = cards.panel().cards
    assert (card.authors, card.comments, card.with_order) == (2, 6, 1)
    assert card.words[0] == "起球"


def test_questions_never_push_a_complaint_down():
    cards = Cards()
    group = QuestionGroup(group_id="q", at_ms=0, topic="size", authors=300, comments=900)
    cards.questions(group)
    judged(cards, "起球了", "ann", at_ms=5)
    assert [card.kind for card in cards.panel().cards] == ["comments", "questions"]


def test_accident_first_then_safety_then_the_rest():
    cards = Cards()
    judged(cards, "假的吧", "a", lane=Lane.VERIFY, labels=(Label.RUMOUR,), topic="authenticity")
    judged(cards, "烂脸了", "b", labels=(Label.SAFETY,), topic="safety")
    cards.finding(finding("raid", finding_id="r"), "A13")
    cards.finding(finding("accident"), "A01")
    kinds = [card.label or card.kind for card in cards.panel().cards]
    assert kinds == ["accident", Label.SAFETY, "raid", Label.RUMOUR]


def test_a_mass_complaint_is_the_same_card_grown():
    cards = Cards()
    judged(cards, "起球了", "ann")
    cards.finding(finding("mass_complaint", topic="quality", authors=3), "A11")
    [card] = cards.panel().cards
    assert (card.kind, card.authors, card.plan_id) == ("mass_complaint", 3, "A11")


def test_a_settled_card_can_be_brought_back():
    cards = Cards()
    judged(cards, "起球了", "ann")
    card_id = cards.panel().cards[0].card_id
    cards.settle(CardSettled(at_ms=10, card_id=card_id, how="answered"))
    assert cards.panel().cards == ()
    assert cards.panel().settled[0].settled_how == "answered"
    cards.restore(CardRestored(at_ms=11, card_id=card_id))
    assert cards.panel().cards[0].card_id == card_id


def test_only_somebody_new_opens_an_answered_card_again():
    cards = Cards()
    judged(cards, "起球了", "ann")
    cards.settle(CardSettled(at_ms=10, card_id=cards.panel().cards[0].card_id, how="answered"))
    judged(cards, "还是起球", "ann", at_ms=50)
    assert cards.panel().cards == (), "ann is being answered"
    judged(cards, "我也起球", "bo", at_ms=60)
    assert len(cards.panel().cards) == 1


@pytest.mark.parametrize(
    ("lane", "reason", "refused"),
    [
        (Lane.ANSWER, "骂人", "not_disposable"),
        (Lane.VERIFY, "造谣", "not_disposable"),
        (Lane.DISPOSE, " ", "reason_missing"),
    ],
)
def test_criticism_is_never_disposed_of_and_disposal_wants_a_reason(lane, reason, refused):
    cards = Cards()
    judged(cards, "话", "ann", lane=lane, labels=(H,), topic="insult")
    card_id = cards.panel().cards[0].card_id
    with pytest.raises(AskRefusedError) as caught:
        cards.settle(CardSettled(at_ms=1, card_id=card_id, how="disposed", reason=reason))
    assert caught.value.params["reason"] == refused
    assert cards.panel().cards, "nothing has changed"


def test_a_wave_that_is_over_sinks_and_fades():
    cards = Cards()
    cards.finding(finding("accident"), "A01")
    cards.finding(finding("accident", "closed", at_ms=1000), "A01")
    assert cards.panel().cards[0].state == "over"
    cards.tick(1000 + OVER_MS)
    assert cards.panel().cards
    cards.tick(1001 + OVER_MS)
    assert cards.panel().cards == ()


def test_questions_fade_when_nobody_asks_any_more():
    cards = Cards()
    cards.questions(QuestionGroup(group_id="q", at_ms=0, topic="size", authors=5, comments=5))
    cards.tick(QUIET_MS + 1)
    assert cards.panel().cards == ()


def test_the_number_of_cards_is_bounded_and_keeps_the_urgent_ones():
    cards = Cards()
    cards.finding(finding("accident"), "A01")
    for n in range(200):
        judged(cards, "词", f"v{n}", lane=Lane.DISPOSE, labels=(H,), topic=f"t{n}")
    panel = cards.panel()
    assert len(panel.cards) <= 60
    assert panel.cards[0].kind == "accident"


def test_the_real_buyer_is_pulled_out_of_a_wave():
    cards = Cards()
    for n in range(12):
        judged(cards, f"用了烂脸 快跑{n}", f"new{n}", at_ms=n, labels=(Label.SAFETY,))
    judged(cards, "两边脸颊又红又痒 怎么办", "ann", at_ms=5_000, order=True, labels=(Label.SAFETY,))
    for n in range(20, 26):
        judged(cards, f"烂脸了 姐妹快跑{n}", f"new{n}", at_ms=n + 6_000, labels=(Label.SAFETY,))
    raid = finding("raid", topic="", finding_id="r")
    cards.finding(msgspec.structs.replace(raid, seqs=tuple(range(1, 13))), "A13")
    [card] = [card for card in cards.panel().cards if card.kind == "comments"]
    assert card.sample[0] == "两边脸颊又红又痒 怎么办"
    assert (card.authors, card.alike, card.with_order) == (19, 12, 1)
    assert card.lane is Lane.ANSWER, "a wave never takes a complaint away"


def test_people_whom_the_platform_hides_are_never_taken_for_one():
    cards = Cards()
    judged(cards, "起球了", "0")
    cards.settle(CardSettled(at_ms=10, card_id=cards.panel().cards[0].card_id, how="answered"))
    judged(cards, "我的也起球", "0", at_ms=20)
    assert len(cards.panel().cards) == 1


def test_who_goes_on_complaining_long_after_the_answer_is_heard_again():
    cards = Cards()
    judged(cards, "起球了", "ann")
    cards.settle(CardSettled(at_ms=10, card_id=cards.panel().cards[0].card_id, how="answered"))
    for at_ms in (60_000, 110_000, 130_000):
        judged(cards, "还是起球", "ann", at_ms=at_ms)
    assert len(cards.panel().cards) == 1
