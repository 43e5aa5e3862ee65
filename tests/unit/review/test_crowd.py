import pytest

from hostdesk.events import Comment
from hostdesk.findings import Label, Lane, Verdict
from hostdesk.review.crowd import MAX_BINS, Crowd, PaceBook


def comment(who="ann", at_ms=0, **fields):
    return Comment(at_ms=at_ms, text="…", author_id=who, **fields)


def verdict(*labels):
    return Verdict(seq=1, labels=labels, lane=Lane.ANSWER)


def crowd_of(people, complainants=0, comments_each=2):
    crowd = Crowd()
    for number in range(people):
        said = verdict(Label.COMPLAINT) if number < complainants else None
        for _ in range(comments_each):
            crowd.receive(comment(f"p{number}"), said)
    return crowd.result()


def test_people_are_counted_once():
    told = crowd_of(150, complainants=3)
    assert told.comments == 300
    assert told.people == 150
    assert told.complainants == 3
    assert told.complainants_per_1000 == 20.0
    assert [(rate.label, rate.comments, rate.people, rate.per_1000) for rate in told.labels] == [
        ("complaint", 6, 3, 20.0)
    ]


@pytest.mark.parametrize(
    ("why", "people", "rates", "complainants"),
    [
        ("too few comments and people", 20, "too_few", "too_few"),
        ("enough comments by too few people", 99, "too_few", "too_few"),
        ("enough of both", 100, "known", "known"),
    ],
)
def test_no_share_is_told_from_too_few(why, people, rates, complainants):
    told = crowd_of(people, complainants=1)
    assert (told.rates_state, told.complainants_state) == (rates, complainants), why
    assert (told.labels[0].per_1000 is None) == (rates == "too_few"), why
    assert (told.complainants_per_1000 is None) == (complainants == "too_few"), why


def test_where_the_platform_hides_accounts_nobody_is_counted():
    crowd = Crowd()
    for _ in range(300):
        crowd.receive(comment("0"), verdict(Label.COMPLAINT))
    told = crowd.result()
    assert (told.people, told.people_state, told.masked) == (None, "masked", 300)
    assert (told.complainants_per_1000, told.complainants_state) == (None, "masked")


@pytest.mark.parametrize(("has_order", "known"), [(None, False), (False, True), (True, True)])
def test_whether_anybody_knows_of_orders(has_order, known):
    crowd = Crowd()
    crowd.receive(comment(has_order=has_order), None)
    assert crowd.result().orders_known is known


def test_the_pace_counts_every_comment_also_over_years():
    pace = PaceBook()
    for minute in range(MAX_BINS * 3):
        pace.receive(minute * 1_000_000_000, (Label.HOSTILE,) if minute % 2 else ())
    told = pace.result()
    assert len(told.bins) <= MAX_BINS
    assert sum(each.comments for each in told.bins) == MAX_BINS * 3
    assert sum(each.hostile for each in told.bins) == MAX_BINS * 3 // 2
    assert [each.at_ms for each in told.bins] == sorted(each.at_ms for each in told.bins)
