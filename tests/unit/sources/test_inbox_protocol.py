"""What is pushed becomes feeds with their own liveness; the sender is told what became of it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.events import Comment, Gap, SourceState
from hostdesk.sources.inbox_door import Door, Visit
from hostdesk.sources.inbox_feeds import MAX_FEEDS, MAX_ODD, Feeds, Sender
from hostdesk.sources.inbox_protocol import Answer, Close, Conversation, posted
from tests.unit.sources.inbox_samples import VALID, batch, grab, script, wx_event, wx_push

NOBODY = Sender()


class Desk:
    """Feeds, one POST after the other, and a clock."""

    def __init__(self):
        self.feeds = Feeds()
        self.now_ms = 1_000_000
        self.heard = []
        self.holders = 0

    def post(self, message, sender=NOBODY):
        body = message if isinstance(message, bytes) else message.encode()
        for step in posted(self.feeds, sender, body, self.now_ms):
            if isinstance(step, Answer):
                return step
            self.heard += step
        raise AssertionError("no answer")

    def socket(self, *, has_token=True, sender=NOBODY):
        self.holders += 1
        visit = Visit(has_token=has_token, sender=sender)
        talk = Conversation(self.feeds, Door("right"), visit, self.holders)
        self.heard += talk.opened(self.now_ms)
        return talk

    def say(self, talk, frame):
        told = []
        for step in talk.received(frame, self.now_ms):
            if isinstance(step, list):
                self.heard += step
            else:
                told.append(step if isinstance(step, Close) or step == "pong" else json.loads(step))
        return told

    def wait(self, seconds):
        for _ in range(seconds):
            self.now_ms += 1_000
            self.heard += self.feeds.passed(self.now_ms)

    def take(self, kind=object):
        found = [event for event in self.heard if isinstance(event, kind)]
        self.heard = []
        return found

    def states(self):
        return [event.state for event in self.take(SourceState)]


@pytest.fixture
def desk():
    return Desk()


def said(*texts, **told):
    return batch(*({"text": text} for text in texts), source="x", **told)


HEARTBEAT = '{"kind":"heartbeat","source":"x"}'


def test_a_comment_is_heard_at_once_as_of_its_own_source(desk):
    answer = desk.post(batch({"text": "多少钱", "id": 1}, source="x", platform="kick", room="r"))
    state, comment = desk.take()
    assert (state.state, state.source_id, state.room) == ("live", "inbox:x/r", "r")
    assert (comment.text, comment.source_id, comment.platform) == ("多少钱", "inbox:x/r", "kick")
    assert (answer.status, answer.body.taken) == (200, 1)


def test_what_is_sent_twice_is_heard_once_and_said_to_be_repeated(desk):
    again = batch({"text": "a", "id": 5}, {"kind": "gift", "id": 5}, {"text": "b"}, source="x")
    assert desk.post(again).body.taken == 3
    answer = desk.post(again).body
    assert (answer.taken, answer.repeated) == (1, 2)
    assert [event.text for event in desk.take(Comment)] == ["a", "b", "b"]


def test_the_same_id_of_two_programs_is_two_comments(desk):
    for source in "xy":
        desk.post(batch({"text": "a", "id": 5}, source=source))
    assert [event.source_id for event in desk.take(Comment)] == ["inbox:x", "inbox:y"]


def test_a_batch_with_items_of_several_rooms_keeps_its_order(desk):
    rooms = [{"text": str(n), "room": n % 2 + 1} for n in range(6)]
    desk.post(batch(*rooms, source="x"))
    found = desk.take(Comment)
    assert [event.text for event in found] == list("012345")
    assert {event.source_id for event in found} == {"inbox:x/1", "inbox:x/2"}


def test_a_program_that_names_its_room_later_is_still_one_feed(desk):
    desk.post(batch({"text": "a"}, source="x"))
    desk.post(batch({"text": "b"}, source="x", room="r"))
    desk.post(batch({"text": "c"}, source="x"))
    assert {event.source_id for event in desk.take(Comment)} == {"inbox:x"}
    assert [feed.room for feed in desk.feeds] == ["r"]


def test_a_big_batch_is_heard_in_slices(desk):
    body = batch(*({"text": str(n)} for n in range(2_000)), source="x").encode()
    sizes = [len(step) for step in posted(desk.feeds, Sender(), body, 1) if isinstance(step, list)]
    assert sum(sizes) == 2_001
    assert max(sizes) <= 151


def test_of_a_batch_with_too_many_nothing_is_taken_and_the_sender_is_told(desk):
    answer = desk.post(batch(*({"text": "a"} for _ in range(2_001)), batch="b1"))
    told = (answer.status, answer.body.why, answer.body.limit, answer.body.batch)
    assert told == (413, "too_many_items", 2_000, "b1")
    assert desk.take(Comment) == []
    [refused] = desk.say(desk.socket(), batch(*({"text": "a"} for _ in range(2_001))))
    assert refused["why"] == "too_many_items"


def test_broken_items_are_counted_in_the_answer_and_in_the_state(desk):
    answer = desk.post('{"source":"x","items":[{"text":"a"},5,{"kind":"dance"},{"text":" "}]}')
    assert (answer.body.taken, answer.body.skipped) == (1, 3)
    desk.wait(1)
    assert desk.take(SourceState)[-1].skipped == 3


# --------------------------------------------------------------------------- liveness


def test_heartbeats_alone_keep_a_room_alive_and_then_quiet(desk):
    desk.post(said("a"))
    for _ in range(10):
        desk.post(HEARTBEAT)
        desk.wait(8)
    assert desk.states() == ["live", "quiet"]


def test_a_feed_that_stops_its_heartbeats_is_stalled_within_20_s_and_its_return_tells_the_gap(desk):
    desk.post(said("a"))
    desk.post(HEARTBEAT)
    last_ms = desk.now_ms
    desk.wait(20)
    assert desk.states() == ["live", "stalled"]
    desk.post(said("b"))
    gap, state, comment = desk.take()
    assert (gap.at_ms, gap.until_ms, gap.source) == (last_ms, desk.now_ms, "inbox:x")
    assert (state.state, comment.text) == ("live", "b")


def test_an_empty_batch_and_a_status_said_again_are_heartbeats(desk):
    for beat in (said(), '{"kind":"status","state":"live","source":"x"}'):
        one = Desk()
        one.post(beat)
        one.post(beat)
        one.wait(20)
        assert one.states() == ["live", "stalled"], beat


def test_a_script_that_posts_only_comments_is_given_more_time_and_told_of_no_gap(desk):
    desk.post(script("comment", "小鹿", "a"))
    desk.wait(80)
    assert desk.states() == ["live", "quiet"]
    desk.wait(20)
    desk.post(script("comment", "小鹿", "b"))
    assert [type(event).__name__ for event in desk.take()] == [
        "SourceState", "SourceState", "Comment",
    ]  # fmt: skip


def test_an_open_socket_that_answers_pings_is_alive(desk):
    talk = desk.socket()
    desk.say(talk, said("a"))
    for _ in range(5):
        desk.wait(8)
        desk.heard += talk.answered(desk.now_ms)
    assert desk.states() == ["live"]
    desk.wait(19)
    assert desk.states() == ["stalled"]


def test_a_browser_that_answers_pings_says_nothing_about_a_page_that_is_silent(desk):
    talk = desk.socket()
    desk.say(talk, HEARTBEAT)
    for _ in range(3):
        desk.wait(8)
        desk.heard += talk.answered(desk.now_ms)
    assert desk.states() == ["live", "stalled"]


def test_a_socket_that_goes_is_missed_and_its_return_tells_the_gap(desk):
    talk = desk.socket()
    desk.say(talk, said("a"))
    left_ms = desk.now_ms
    desk.heard += talk.closed(desk.now_ms)
    desk.wait(30)
    _, gone = desk.take(SourceState)
    assert (gone.state, gone.error_code) == ("reconnecting", "inbox_bridge_gone")
    desk.say(desk.socket(), said("b"))
    gap, _, _ = desk.take()
    assert (gap.at_ms, gap.until_ms) == (left_ms, desk.now_ms)


def test_while_a_second_socket_holds_it_the_first_is_not_missed(desk):
    first, second = desk.socket(), desk.socket()
    desk.say(first, said("a"))
    desk.say(second, said("b"))
    desk.heard += first.closed(desk.now_ms)
    assert desk.states() == ["live"]


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        ("covered", "covered", ""),
        ("page_changed", "refused", "inbox_page_changed"),
        ("logged_out", "logged_out", "inbox_logged_out"),
        ("reconnecting", "reconnecting", "inbox_bridge_away"),
        ("ended", "ended", ""),
    ],
)
def test_what_a_bridge_says_of_its_page_stands_until_it_says_otherwise(desk, status, state, code):
    desk.post(said("a"))
    desk.take()
    desk.post(json.dumps({"kind": "status", "state": status, "source": "x"}))
    for _ in range(4):
        desk.wait(8)
        desk.post(HEARTBEAT)
    [told] = desk.take(SourceState)
    assert (told.state, told.error_code) == (state, code)
    desk.post('{"kind":"status","state":"live","source":"x"}')
    assert desk.states() == ["live"]


def test_a_bridge_says_more_of_its_page_and_takes_it_back(desk):
    def status(**more):
        desk.post(json.dumps({"kind": "status", "source": "x", **more}))
        desk.wait(1)
        return [(told.state, told.params) for told in desk.take(SourceState)]

    desk.post(said("a"))
    desk.take()
    assert status(state="covered", reason="covered") == [("covered", {})]
    hidden = [("covered", {"page": "list_hidden"})]
    assert status(state="covered", reason="list_hidden") == hidden
    assert status(state="live", reason="by_shape") == [("live", {"page": "by_shape"})]
    assert status(state="live", reason="by_shape") == []
    assert status(state="live", reason="<b>anything</b>") == [("live", {})]
    assert status(state="page_changed", reason="list_hidden") == [("refused", {})]


def test_masked_names_are_told_by_the_bridge_or_seen_in_a_row(desk):
    desk.post('{"kind":"status","masked":true,"source":"x"}')
    assert [event.masked for event in desk.take(SourceState)] == [False, True]
    desk.post(batch(*({"text": "a", "author_name": "某***"} for _ in range(5)), source="y"))
    assert [event.masked for event in desk.take(SourceState)] == [False, True]
    desk.post(batch(*({"text": "a", "author_name": "小鹿"} for _ in range(5)), source="y"))
    assert [event.masked for event in desk.take(SourceState)] == [False]


def test_an_anonymous_viewer_among_others_is_no_masked_room(desk):
    names = ["某***", "小鹿"] * 20
    desk.post(batch(*({"text": "a", "author_name": name} for name in names), source="y"))
    assert [event.masked for event in desk.take(SourceState)] == [False]


def test_rubbish_is_told_in_words_while_other_feeds_go_on(desk):
    desk.post(said("a"))
    sender = Sender(source="broken")
    for _ in range(MAX_ODD):
        assert desk.post(b"\xff\xfe rubbish", sender).status == 400
    assert desk.take(SourceState)[-1].error_code == "inbox_rubbish"
    desk.post(said("b"))
    assert [event.text for event in desk.take(Comment)] == ["b"]
    desk.post('{"text":"mended"}', sender)
    assert desk.states() == ["live"]


def test_there_is_room_for_many_feeds_but_not_without_end(desk):
    sockets = [desk.socket() for _ in range(MAX_FEEDS)]
    for number, talk in enumerate(sockets):
        desk.say(talk, batch({"text": "a"}, source=f"s{number}"))
    assert desk.post(batch({"text": "a"}, source="one more")).body.skipped == 1
    desk.heard += sockets[3].closed(desk.now_ms)
    assert desk.post(batch({"text": "a"}, source="one more")).body.taken == 1
    assert len(list(desk.feeds)) == MAX_FEEDS


# ------------------------------------------------------------------------ conversation


def test_the_first_message_may_show_the_token(desk):
    talk = desk.socket(has_token=False)
    [welcome] = desk.say(talk, '{"token":"right","source":"x","platform":"kick","room":"r"}')
    assert (welcome["kind"], welcome["max_items"]) == ("welcome", 2_000)
    [taken] = desk.say(talk, '{"text":"a","kind":"comment"}')
    assert taken == {"kind": "taken", "batch": "", "taken": 1, "repeated": 0, "skipped": 0}
    [comment] = desk.take(Comment)
    assert (comment.source_id, comment.platform) == ("inbox:x/r", "kick")


def test_a_batch_may_show_the_token_itself(desk):
    talk = desk.socket(has_token=False)
    [taken] = desk.say(talk, batch({"text": "a"}, token="right", batch=3))
    assert (taken["taken"], taken["batch"]) == (1, "3")


@pytest.mark.parametrize("frame", ['{"token":"wrong"}', '{"text":"a"}', "ping", "", b"\xff",
                                   '{"token":null}', '{"token":["right"]}'])  # fmt: skip
def test_without_the_token_nothing_is_taken_and_the_socket_is_closed(desk, frame):
    told, close = desk.say(desk.socket(has_token=False), frame)
    assert (told["kind"], told["why"], close.code) == ("refused", "token", 4401)
    assert desk.take() == []


def test_rubbish_in_a_row_closes_the_socket(desk):
    talk = desk.socket(sender=Sender(source="x"))
    told = [desk.say(talk, "rubbish") for _ in range(MAX_ODD)]
    assert all(answers[0]["why"] == "unreadable" for answers in told)
    assert [len(answers) for answers in told] == [1] * (MAX_ODD - 1) + [2]
    assert told[-1][1].code == 4400
    assert desk.states()[-1] == "reconnecting"


def test_other_programs_get_no_answer_that_they_would_not_understand(desk):
    talk = desk.socket()
    for frame in (grab(1, Content="a"), script("comment", "n", "a"), wx_push(wx_event())):
        assert desk.say(talk, frame) == []
    assert desk.say(talk, "ping") == ["pong"]
    assert len(desk.take(Comment)) == 3


def test_an_address_names_the_feed_of_a_program_that_cannot(desk):
    talk = desk.socket(sender=Sender(source="快手", platform="kuaishou"))
    desk.say(talk, script("comment", "n", "a"))
    [comment] = desk.take(Comment)
    assert (comment.source_id, comment.platform) == ("inbox:快手", "kuaishou")


@given(st.lists(st.text() | st.binary() | st.sampled_from(VALID), max_size=12))
def test_whatever_comes_the_conversation_stands_and_memory_is_bounded(frames):
    desk = Desk()
    talk = desk.socket()
    for frame in frames:
        desk.say(talk, frame)
        desk.wait(1)
    desk.heard += talk.closed(desk.now_ms)
    assert len(list(desk.feeds)) <= MAX_FEEDS
    assert not [gap for gap in desk.take(Gap) if gap.until_ms < gap.at_ms]
