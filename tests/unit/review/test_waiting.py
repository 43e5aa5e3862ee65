from hostdesk.events import CardSettled, ReplyUsed


def complaint(show, second, who="buyer", **fields):
    show.said(second, "我买的这件起球了 质量太差", who=who, **{"has_order": True} | fields)


def test_a_buyer_without_an_answer_is_listed(show):
    complaint(show, 1)
    complaint(show, 9)
    (buyer,) = show.close(20).review().buyers
    assert (buyer.author, buyer.comments, buyer.topic) == ("观众buyer", 2, "quality")
    assert buyer.at_ms == show.start_ms + 9_000


def test_a_reply_on_the_card_answers_the_buyer(show):
    complaint(show, 1)
    show.at(5, ReplyUsed, text="我看到了", way="copied", card_id=show.card("answer:"))
    assert show.close(20).review().buyers == ()


def test_a_reply_to_something_else_does_not(show):
    complaint(show, 1)
    show.at(5, ReplyUsed, text="尺码表在详情页", way="copied", card_id="questions:size#1")
    assert len(show.close(20).review().buyers) == 1


def test_who_complains_again_after_the_answer_waits_again(show):
    complaint(show, 1)
    show.at(5, CardSettled, card_id=show.card("answer:"), how="answered")
    complaint(show, 60)
    assert len(show.close(90).review().buyers) == 1


def test_a_wrong_flag_is_no_answer(show):
    complaint(show, 1)
    show.at(5, CardSettled, card_id=show.card("answer:"), how="wrong_flag")
    assert len(show.close(20).review().buyers) == 1


def test_without_an_order_or_a_known_account_nobody_is_listed(show):
    complaint(show, 1, has_order=None)
    complaint(show, 2, who="0")
    assert show.close(20).review().buyers == ()


def test_questions_are_told_once_for_each_topic(show):
    for number in range(8):
        show.said(number, "165穿什么码", who=f"q{number}")
    review = show.close(30).review()
    (asked,) = [each for each in review.questions if each.topic == "size"]
    assert asked.people == 8
    assert not asked.answered


def test_an_answered_question_is_told_as_answered(show):
    for number in range(8):
        show.said(number, "165穿什么码", who=f"q{number}")
    show.at(9, CardSettled, card_id=show.card("questions:size"), how="answered")
    review = show.close(30).review()
    assert [each.answered for each in review.questions if each.topic == "size"] == [True]
