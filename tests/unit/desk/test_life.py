from hostdesk.desk.life import STOPPED_MS, Life
from hostdesk.events import (
    Comment,
    EndShowAsked,
    NoticeAsked,
    SourceState,
    StartShowAsked,
    Stream,
    Tick,
)


def test_a_show_opens_by_hand_by_obs_or_with_the_first_comment():
    assert Life().receive(StartShowAsked(at_ms=0)) == "open"
    assert Life().receive(Stream(at_ms=0, state="started")) == "open"
    assert Life().receive(Comment(at_ms=0, text="来了")) == "open"
    assert Life().receive(Stream(at_ms=0, state="reconnecting")) is None
    assert Life().receive(Tick(at_ms=0)) is None


def test_it_ends_by_hand_or_ten_minutes_after_the_stream_stopped():
    life = Life(is_open=True, has_streamed=True)
    assert life.receive(EndShowAsked(at_ms=0)) == "close_asked"
    life.receive(Stream(at_ms=1000, state="stopped"))
    assert life.receive(Tick(at_ms=1000 + STOPPED_MS - 1)) is None
    assert life.receive(Tick(at_ms=1000 + STOPPED_MS)) == "close_stopped"


def test_what_goes_on_the_picture_belongs_to_a_show():
    assert Life().receive(NoticeAsked(at_ms=0, text="马上开播")) == "open"


def test_an_obs_that_is_idle_ends_no_show():
    life = Life(is_open=True)
    life.receive(Stream(at_ms=0, state="stopped", reason="idle"))
    assert life.receive(Tick(at_ms=STOPPED_MS * 2)) is None
    life.receive(Stream(at_ms=STOPPED_MS * 3, state="started"))
    life.receive(Stream(at_ms=STOPPED_MS * 4, state="stopped"))
    assert life.receive(Tick(at_ms=STOPPED_MS * 5)) == "close_stopped"


def test_after_the_end_viewers_who_go_on_talking_open_no_new_show():
    life = Life(was_closed=True)
    assert life.receive(Comment(at_ms=0, text="下播了？")) is None
    assert Life(was_closed=True).receive(StartShowAsked(at_ms=0)) == "open"
    life.receive(SourceState(at_ms=1, source_id="bili", state="live"))
    assert life.receive(Comment(at_ms=2, text="来了")) == "open"


def test_a_stream_that_comes_back_keeps_the_show_open():
    life = Life(is_open=True)
    life.receive(Stream(at_ms=0, state="stopped"))
    life.receive(Stream(at_ms=5000, state="started"))
    assert life.receive(Tick(at_ms=STOPPED_MS * 2)) is None
