import contextlib

from hypothesis import given
from hypothesis import strategies as st

from hostdesk.desk.rows import Digest, FeedRow, NoticePanel, RowFlag, StatusPanel
from hostdesk.events import NoticeAsked
from hostdesk.findings import Label
from hostdesk.seats.protocol import (
    MAX_ROWS,
    VERSION,
    Door,
    Hello,
    News,
    SeatAsk,
    SeatLinkError,
    encode,
    merge,
    read_from_engine,
)


def row(seq):
    return FeedRow(seq, seq, "comment", "a", "t")


def flag(seq):
    return RowFlag(seq, (Label.COMPLAINT,), None, ())


def hello(token="right", protocol=VERSION):
    return encode(Hello(token=token, protocol=protocol, seat="assistant"))


def test_nothing_is_heard_before_the_token():
    door = Door("right")
    assert door.receive(encode(SeatAsk(ask=NoticeAsked(at_ms=0, text="x")))) is None
    assert door.refusal == "token"


def test_a_wrong_token_and_another_protocol_are_refused():
    door = Door("right")
    assert door.receive(hello("wrong")) is None
    assert door.refusal == "token"
    door = Door("right")
    assert door.receive(hello(protocol=VERSION + 1)) is None
    assert door.refusal == "protocol"


def test_with_the_token_asks_come_through_whole():
    door = Door("right")
    assert door.receive(hello()) is not None
    ask = NoticeAsked(at_ms=0, text="画面卡了👋", ask_id="a1")
    assert door.receive(encode(SeatAsk(ask=ask))) == SeatAsk(ask=ask)


@given(st.binary() | st.text())
def test_whatever_comes_the_door_only_refuses(frame):
    door = Door("right")
    assert door.receive(frame) is None
    assert door.refusal in ("garbled", "token")


@given(st.binary())
def test_whatever_comes_a_window_raises_only_our_own_error(frame):
    with contextlib.suppress(SeatLinkError):
        read_from_engine(frame)


def test_merging_keeps_the_newest_panel_and_every_flag():
    old = Digest(rows=(row(1),), flags=(flag(1),), notice=NoticePanel(revision=1))
    new = Digest(rows=(row(2),), flags=(flag(2),), status=StatusPanel(revision=4), last_seq=2)
    merged = merge(merge(None, old), new)
    assert [r.seq for r in merged.rows] == [1, 2]
    assert [f.seq for f in merged.flags] == [1, 2]
    assert merged.notice.revision == 1
    assert merged.status.revision == 4


@given(st.lists(st.integers(1, 90), min_size=1, max_size=30))
def test_however_digests_are_merged_no_flagged_row_is_lost(sizes):
    waiting, seq = None, 0
    for size in sizes:
        rows = tuple(row(seq + n) for n in range(1, size + 1))
        flags = tuple(flag(r.seq) for r in rows if r.seq % 7 == 0)
        waiting = merge(waiting, Digest(rows=rows, flags=flags, last_seq=rows[-1].seq))
        seq += size
    assert len(waiting.rows) <= MAX_ROWS
    shown = {r.seq for r in waiting.rows} | {r.seq for r in waiting.flagged_rows}
    assert {n for n in range(1, seq + 1) if n % 7 == 0} <= shown
    assert waiting.rows[-1].seq == seq


def test_news_survive_the_wire():
    news = News(digest=Digest(rows=(row(1),), flags=(flag(1),), status=StatusPanel(fps=30.0)))
    assert read_from_engine(encode(news)) == news


def test_a_window_that_hangs_still_learns_which_rows_were_taken_back():
    waiting = merge(None, Digest(last_seq=9, gone=(3,)))
    assert merge(waiting, Digest(last_seq=9, gone=(7, 5))).gone == (3, 7, 5)
