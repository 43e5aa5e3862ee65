from hostdesk.events import CardSettled, Tick
from hostdesk.review import driving
from hostdesk.review.summary import summarise


def counsel_of(show):
    return show.core.desk._counsel


def test_an_ask_is_placed_where_judging_stood(show):
    """It came in when a second comment was stored, but only the first one was judged."""
    show.said(0, "这件衣服起球了", who="a")
    card = show.card("answer:")
    show.at(0.1, CardSettled, card_id=card, how="answered")
    show.said(0.2, "起球太厉害了质量差", who="b")
    opened, first, (_, judged, ask), (_, _, second) = show.rows
    rows = [opened, first, (3, None, second), (4, judged, ask)]
    derived = [(3 if seq == 4 else seq, each) for seq, each in show.derived]
    review = summarise(show.opened, rows, derived, counsel=counsel_of(show), now_ms=0)
    assert [each.card.authors for each in review.settlements] == [1]
    assert review.speech.comments == 2


def test_what_waits_is_bounded(show, monkeypatch):
    monkeypatch.setattr(driving, "MAX_WAITING", 3)
    for second in range(1, 20):
        show.at(second, Tick)
    show.said(30, "起球了", who="a")
    show.said(31, "起球了 真的", who="b")
    assert show.review().speech.comments == 2


def test_one_bad_event_costs_no_more_than_itself(show):
    show.said(1, "来了")
    show.rows.insert(1, (0, None, object()))

    class Broken:
        at_ms = show.start_ms

    show.rows[1] = (0, None, Broken())
    assert show.review().speech.comments == 1
