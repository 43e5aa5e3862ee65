from hostdesk.events import CardSettled, Tick
from hostdesk.review import driving
from hostdesk.review.summary import summarise


def test_an_ask_is_placed_where_judging_stood(show):
    """Two comments came in before the ask, but only the first had been judged."""
    show.said(1, "这件衣服起球了", who="a")
    card = show.card("answer:")
    show.at(2, CardSettled, card_id=card, how="answered")
    show.said(60, "起球太厉害了质量差", who="b")
    rows = show.rows
    ask = next(n for n, (_, _, event) in enumerate(rows) if isinstance(event, CardSettled))
    later = next(
        n for n, (_, _, event) in enumerate(rows) if getattr(event, "author_id", "") == "b"
    )
    judged = rows[ask][1]
    moved = [*rows[:ask], *rows[ask + 1 : later + 1], rows[ask], *rows[later + 1 :]]
    numbered = {id(row[2]): number for number, row in enumerate(moved, 1)}
    new = [
        (n, judged if isinstance(e, CardSettled) else j, e) for n, (_, j, e) in enumerate(moved, 1)
    ]
    derived = [(numbered[id(rows[seq - 1][2])], each) for seq, each in show.derived]
    again = summarise(show.opened, new, derived, counsel=show.core.desk._counsel, now_ms=0)
    assert [each.card.authors for each in again.settlements] == [1]


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
