from hostdesk.desk.life import STOPPED_MS, Life
from hostdesk.events import Comment, EndShowAsked, StartShowAsked, Stream, Tick


def test_a_show_opens_by_hand_by_obs_or_with_the_first_comment():
    assert Life().receive(StartShowAsked(at_ms=0)) == "open"
    assert Life().receive(Stream(at_ms=0, state="started")) == "open"
    assert Life().receive(Comment(at_ms=0, text="来了")) == "open"
    assert Life().receive(Stream(at_ms=0, state="reconnecting")) is None
    assert Life().receive(Tick(at_ms=0)) is None


def test_it_ends_by_hand_or_ten_minutes_after_the_stream_stopped():
    life = Life(is_open=True)
    assert life.receive(EndShowAsked(at_ms=0)) == "close_asked"
    life.receive(Stream(at_ms=1000, state="stopped"))
    assert life.receive(Tick(at_ms=1000 + STOPPED_MS - 1)) is None
    assert life.receive(Tick(at_ms=1000 + STOPPED_MS)) == "close_stopped"


def test_a_stream_that_comes_back_keeps_the_show_open():
    life = Life(is_open=True)
    life.receive(Stream(at_ms=0, state="stopped"))
    life.receive(Stream(at_ms=5000, state="started"))
    assert life.receive(Tick(at_ms=STOPPED_MS * 2)) is None
