from hostdesk.desk.removals import Removals
from hostdesk.events import Comment
from hostdesk.findings import Label, Lane, Span, Verdict
from hostdesk.review.flagged import EXAMPLES, LaneBook


def flag(book, text, who="ann", *, has_order=None, words=((0, 2),), lane=Lane.ANSWER, seq=1):
    spans = tuple(Span(start, end, Label.COMPLAINT) for start, end in words)
    said = Comment(at_ms=seq, text=text, author_id=who, author_name=who, has_order=has_order)
    book.receive(
        said, Verdict(seq=seq, labels=(Label.COMPLAINT,), lane=lane, topic="quality", spans=spans)
    )


def test_the_words_that_led_there_stand_by():
    book = LaneBook()
    flag(book, "起球了", words=((0, 2), (0, 2)))
    (lane,) = book.result(Removals())
    assert lane.topics[0].words == ("起球",)
    assert lane.topics[0].examples[0].words == ("起球",)


def test_examples_differ_and_buyers_go_first():
    book = LaneBook()
    for number in range(9):
        flag(book, f"起球了{number % 5}", who=f"v{number}", seq=number)
    flag(book, "起球了 我买的", who="buyer", has_order=True, seq=20)
    (topic,) = book.result(Removals())[0].topics
    assert (topic.comments, topic.people) == (10, 10)
    assert len({each.text for each in topic.examples}) == EXAMPLES
    assert [each.has_order for each in topic.examples] == [False] * (EXAMPLES - 1) + [True]


def test_a_comment_without_a_lane_is_not_flagged():
    book = LaneBook()
    flag(book, "好看", lane=None)
    assert book.result(Removals()) == ()


def test_a_huge_comment_is_shortened():
    book = LaneBook()
    flag(book, "起" * 1_000_000, words=((0, 1_000_000),))
    (topic,) = book.result(Removals())[0].topics
    assert len(topic.examples[0].text) <= 200
    assert len(topic.words[0]) <= 30


def test_lanes_come_in_the_order_of_the_desk():
    book = LaneBook()
    for lane in (Lane.DISPOSE, Lane.ANSWER, Lane.ACCIDENT):
        flag(book, "x", lane=lane)
    assert [each.lane for each in book.result(Removals())] == [
        Lane.ANSWER,
        Lane.ACCIDENT,
        Lane.DISPOSE,
    ]
