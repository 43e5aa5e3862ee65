import msgspec

from hostdesk.events import (
    CardSettled,
    Comment,
    Gap,
    HostSaid,
    NoticeDownAsked,
    PlanOpened,
    PromiseSettled,
    Removed,
    ReplyUsed,
    StepTicked,
    Stream,
)
from hostdesk.review.rows import ShowReview


def freeze(show, *, at=100, people=12):
    for number in range(people):
        show.said(at + number * 0.5, "卡了卡了画面不动了", who=f"f{number}", has_order=number < 3)


def an_evening(show):
    """Small talk, a frozen picture with a plan, a reply and a notice, then a complaint."""
    show.at(0, Stream, state="started")
    show.everyday(100)
    freeze(show)
    accident = show.card("accident:")
    show.at(110, PlanOpened, plan_id="A01", card_id=accident)
    show.at(112, ReplyUsed, text="画面卡了，我在", way="teleprompter", card_id=accident)
    show.at(115, StepTicked, step_id="A01.1")
    show.notice(120, "卡顿处理中，20:30前更新", notice_kind="progress")
    show.at(200, NoticeDownAsked)
    show.answer(200.4)
    show.at(210, CardSettled, card_id=accident, how="answered", seat="assistant")
    show.said(300, "我买的这件起球了", who="buyer", has_order=True)
    return show.close(400)


def test_the_whole_evening_is_told(show):
    review = an_evening(show).review()
    assert review.facts.state == "closed"
    assert review.facts.last_ms - review.facts.opened_ms == 400_000
    assert review.speech.comments == 63
    assert [moment.kind for moment in review.moments] == ["accident"]
    assert [plan.plan_id for plan in review.plans] == ["A01"]
    assert [notice.text for notice in review.notices] == ["卡顿处理中，20:30前更新"]
    assert [reply.topic for reply in review.replies] == ["freeze"]
    assert [buyer.author for buyer in review.buyers] == ["观众buyer"]
    assert not review.content_changed
    assert not review.left_out


def test_what_was_done_stands_beside_its_moment(show):
    (moment,) = an_evening(show).review().moments
    assert moment.people == 12
    assert moment.with_order == 3
    assert not moment.nothing_done
    assert moment.first_words == "in_time"
    assert moment.first_words_by == "reply"
    assert moment.first_words_after_ms == 12_000
    assert [step.done_ms is not None for step in moment.plans[0].steps][:2] == [True, False]
    assert moment.notices[0].seen_for_ms == 79_000
    assert [settled.how for settled in moment.settled] == ["answered"]


def test_json_holds_everything_and_reads_back(show):
    review = an_evening(show).review()
    again = msgspec.json.decode(msgspec.json.encode(review), type=ShowReview)
    assert again == review


def test_an_empty_show_is_told_as_such(show):
    review = show.review()
    assert review.facts.state == "open"
    assert review.speech.comments == 0
    assert review.broadcast.state == "unknown"
    assert review.moments == review.lanes == review.notices == ()


def test_an_unexpected_end_is_said(show):
    show.said(5, "来了")
    assert show.close(9, why="unexpected").review().facts.state == "unexpected"


def test_other_content_than_in_the_show_is_said(open_show):
    assert open_show(content_hash="older").review().content_changed


def test_an_ask_that_was_refused_was_not_done(show):
    show.said(1, "来了")
    show.at(2, NoticeDownAsked)
    show.at(3, CardSettled, card_id="answer:complaint:quality#9", how="answered")
    show.at(4, PlanOpened, plan_id="no such plan")
    show.at(5, PromiseSettled, promise_id="promise-1", kept=True)
    review = show.close(6).review()
    assert review.settlements == review.plans == review.promises == review.notices == ()


def test_events_that_say_nothing_here_are_passed_over(show):
    show.at(1, HostSaid, text="欢迎")
    show.at(2, Gap, until_ms=show.start_ms + 4_000, source="bilibili")
    show.at(3, Comment, text="")
    review = show.close(5).review()
    assert review.broadcast.gaps == 1
    assert review.broadcast.gap_ms == 2_000


def test_what_the_platform_took_back_is_counted_and_marked_among_the_flagged(show):
    show.said(1, "我买的这件起球了", who="ann", comment_id="c1", has_order=True)
    show.said(2, "质量太差了 退货", who="bo", comment_id="c2")
    show.said(3, "也起球了 质量差", who="eve", comment_id="c3")
    for seconds in (4, 5):  # two readers of one chat tell the same
        show.at(seconds, Removed, comment_id="c1")
    show.at(6, Removed, author_id="bo", reason="banned")
    review = show.close(60).review()
    assert (review.removed.comments, review.removed.people, review.removed.chats) == (1, 1, 0)
    flagged = [each for lane in review.lanes for topic in lane.topics for each in topic.examples]
    assert {each.author: each.removed for each in flagged} == {
        "观众ann": True, "观众bo": True, "观众eve": False,
    }  # fmt: skip
    assert review.speech.comments == 3
