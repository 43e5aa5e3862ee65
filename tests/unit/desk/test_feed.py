from hostdesk.desk.feed import Feed, row_of
from hostdesk.events import Comment, Gap, Gift, HostSaid, Stream, Tick


def said(author, at_ms, text="多少钱", **more):
    return Comment(at_ms=at_ms, author_id=author, author_name=author, text=text, **more)


def test_only_the_first_comment_of_an_author_is_a_first():
    feed = Feed()
    first = feed.receive(1, said("ann", 0))
    again = feed.receive(2, said("ann", 5))
    assert (first.first_time, again.first_time) == (True, False)


def test_masked_authors_are_never_first_timers():
    assert not Feed().receive(1, said("", 0)).first_time


def test_the_pace_counts_the_last_minute_only():
    feed = Feed()
    for second in range(90):
        feed.receive(second + 1, said(f"v{second % 7}", second * 1000))
    assert feed.per_min(90_000) == 59
    assert feed.per_min(300_000) == 0
    assert feed.total == 90


def test_speakers_are_distinct_people_of_five_minutes():
    feed = Feed()
    for n in range(10):
        feed.receive(n + 1, said(f"v{n % 4}", n * 1000))
    assert feed.speakers(10_000) == 4
    assert feed.speakers(400_000) == 0


def test_an_order_is_shown_only_when_it_is_known():
    assert Feed().receive(1, said("ann", 0, has_order=True)).has_order
    assert not Feed().receive(1, said("ann", 0)).has_order


def test_rows_for_everything_that_people_should_see():
    rows = [
        row_of(1, HostSaid(at_ms=0, text="想要的扣1")),
        row_of(2, Gift(at_ms=0, author_name="bo", name="小心心", count=3)),
        row_of(3, Gap(at_ms=0, until_ms=4000, source="b站")),
        row_of(4, Stream(at_ms=0, state="reconnecting")),
    ]
    assert [row.kind for row in rows] == ["host", "gift", "gap", "stream"]
    assert rows[2].count == 4000
    assert row_of(5, Tick(at_ms=0)) is None


def test_who_comes_back_after_an_hour_speaks_again_but_is_no_first_timer():
    feed = Feed()
    feed.receive(1, said("ann", 0))
    feed.receive(2, said("bo", 3_000_000))
    assert not feed.receive(3, said("ann", 3_600_000)).first_time
    assert feed.speakers(3_600_000) == 1


def test_speakers_are_counted_alike_whether_or_not_somebody_looks():
    looked, unseen = Feed(), Feed()
    for n in range(200):
        comment = said(f"v{n * n % 17}", n * 7_000)
        looked.receive(n + 1, comment)
        unseen.receive(n + 1, comment)
        looked.speakers(comment.at_ms)
    assert looked.speakers(199 * 7_000) == unseen.speakers(199 * 7_000) > 0
