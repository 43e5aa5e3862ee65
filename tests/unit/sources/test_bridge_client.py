"""DouyinBarrageGrab's own server, read without ever telling it anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.events import Comment, SourceState
from hostdesk.sources.bridge_client import MAX_ELSEWHERE, MAX_ODD, BarrageGrabProtocol
from tests.unit.sources.inbox_samples import GRAB_CHAT, VALID, grab


def heard(*frames, **more):
    protocol = BarrageGrabProtocol("douyin-1", **more)
    protocol.opened(0)
    return [protocol.received(frame, 1_000) for frame in frames]


def test_a_comment_of_the_sample_keeps_its_id():
    [step] = heard(GRAB_CHAT)
    [comment] = step.events
    assert comment.comment_id == "7310000000000000001"
    assert (comment.text, comment.author_id, comment.author_name) == ("hi", "9", "n")
    assert (comment.source_id, comment.platform, comment.at_ms) == ("douyin-1", "douyin", 1_000)
    assert step.joined


def test_in_a_quiet_room_a_pong_is_enough():
    first, second = heard("pong", b"pong")
    assert (first.joined, second.joined) == (True, False)


def test_nothing_is_ever_sent_but_ping():
    protocol = BarrageGrabProtocol("x")
    sent = list(protocol.opened(0).send)
    for second in range(60):
        sent += protocol.passed(second * 1_000).send
        for frame in VALID:
            sent += protocol.received(frame, second * 1_000).send
    assert set(sent) == {"ping"}
    assert len(sent) == 8


def test_the_end_of_a_broadcast_and_the_next_one_are_told():
    steps = heard(
        grab(1, Content="a"), grab(9, User=None), grab(9, User=None), grab(1, Content="b")
    )
    states = [event.state for step in steps for event in step.events
              if isinstance(event, SourceState)]  # fmt: skip
    assert states == ["ended", "live"]


def test_another_room_than_asked_is_not_mixed_in_and_in_the_end_stops_and_asks():
    mine, other = grab(1, Content="a"), grab(1, Content="b", WebRoomId="99")
    steps = heard(other, mine, other, expected="2")
    assert [event.text for step in steps for event in step.events] == ["a"]
    last = heard(*[other] * MAX_ELSEWHERE, expected="2")[-1]
    assert (last.fault.code, last.fault.state) == ("source_other_room", "refused")
    assert last.fault.params == {"asked": "2", "found": "99"}


def test_another_program_on_that_port_is_told_in_words():
    steps = heard(*["{}"] * MAX_ODD)
    assert [step.fault for step in steps[:-1]] == [None] * (MAX_ODD - 1)
    assert steps[-1].fault.code == "inbox_not_grab"
    assert all(step.skipped == 1 for step in steps)


def test_masked_names_are_noticed():
    hidden = grab(1, Content="a", User={"Id": 0, "Nickname": "某***"})
    assert [step.masked for step in heard(*[hidden] * 6)] == [None] * 4 + [True, None]


@pytest.mark.parametrize(
    "data", ["", "[]", "null", "{", '{"User":[]}', '{"MsgId":{}}', "[" * 9_999]
)
def test_data_that_cannot_be_read_is_counted(data):
    [step] = heard('{"Type":1,"Data":' + __import__("json").dumps(data) + "}")
    assert step.skipped == 1
    assert step.events == []


@given(st.lists(st.text() | st.binary() | st.sampled_from([*VALID, "pong", grab(3), grab(9)])))
def test_whatever_comes_it_never_raises(frames):
    for step in heard(*frames):
        assert all(isinstance(event, Comment) or event.at_ms == 1_000 for event in step.events)
