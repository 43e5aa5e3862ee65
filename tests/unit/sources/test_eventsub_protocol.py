"""The EventSub conversation: what is told of each frame, and that no frame upsets it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk.events import Comment, Gift, Join, Member, Removed
from hostdesk.sources import eventsub_protocol
from hostdesk.sources.eventsub_events import KNOWN_GIFTS, EventSubReader
from hostdesk.sources.eventsub_protocol import (
    KNOWN_MESSAGES,
    MOVED,
    OLDEST_MS,
    EventSubProtocol,
    SeenMessages,
)
from hostdesk.sources.steps import Fault
from hostdesk.text import words
from tests.fuzz.fuzz_eventsub import take

NOW_MS = 1_699_294_307_492
STAMP = "2023-11-06T18:11:47.492253549Z"
"""The same moment as Twitch writes it, with nanoseconds."""


def frame(kind, payload, **metadata):
    about = {"message_id": "m-1", "message_type": kind, "message_timestamp": STAMP}
    return json.dumps({"metadata": about | metadata, "payload": payload}, ensure_ascii=False)


def welcome(session_id="s-1", **metadata):
    session = {"id": session_id, "status": "connected", "keepalive_timeout_seconds": 10}
    return frame("session_welcome", {"session": session}, message_id="w", **metadata)


def notification(kind, event, message_id="m-1", **metadata):
    payload = {"subscription": {"id": "f1", "type": kind, "version": "1"}, "event": event}
    about = {"message_id": message_id, "subscription_type": kind, "subscription_version": "1"}
    return frame("notification", payload, **about | metadata)


def message(**changes):
    event = {
        "broadcaster_user_id": "1971641",
        "broadcaster_user_login": "streamer",
        "broadcaster_user_name": "streamer",
        "chatter_user_id": "4145994",
        "chatter_user_login": "viewer32",
        "chatter_user_name": "viewer32",
        "message_id": "cc106a89-1814-919d-454c-f4f2f970aae7",
        "message": {
            "text": "这件有大码吗",
            "fragments": [{"type": "text", "text": "这件有大码吗", "cheermote": None}],
        },
        "color": "#00FF7F",
        "badges": [
            {"set_id": "moderator", "id": "1", "info": ""},
            {"set_id": "subscriber", "id": "12", "info": "16"},
        ],
        "message_type": "text",
        "cheer": None,
        "reply": None,
        "channel_points_custom_reward_id": None,
        "source_broadcaster_user_id": None,
    }
    return event | changes


class Session:
    """A protocol, and what it told its shell."""

    def __init__(self, *, welcomed=True, **more):
        self.welcomed = []
        self.seen = SeenMessages()
        self.protocol = EventSubProtocol(
            EventSubReader("room-1"), self.seen, self.welcomed.append, **more
        )
        if welcomed:
            self.hear(welcome())

    def hear(self, text, now_ms=NOW_MS):
        return self.protocol.received(text, now_ms)

    def events(self, kind, event, **more):
        step = self.hear(notification(kind, event, **more))
        assert step.skipped == 0
        return step.events

    def told(self, kind, **changes):
        return self.events("channel.chat.notification", message(notice_type=kind, **changes))


def test_the_welcome_asks_for_subscriptions_once_and_nothing_is_ever_sent():
    session = Session(welcomed=False)
    assert session.protocol.opened(NOW_MS).send == []
    step = session.hear(welcome("AgoQ"))
    assert session.welcomed == [session.protocol]
    assert session.protocol.session_id == "AgoQ"
    assert step.send == []
    assert not step.joined
    assert session.hear(welcome("other")).skipped == 1
    assert session.protocol.session_id == "AgoQ"
    assert len(session.welcomed) == 1


def test_joined_is_told_once_after_the_subscription_stands():
    session = Session()
    assert not session.protocol.passed(NOW_MS).joined
    session.protocol.subscribed()
    assert session.protocol.passed(NOW_MS).joined
    assert not session.protocol.passed(NOW_MS).joined


def test_a_refused_subscription_ends_the_connection_with_its_reason():
    session = Session()
    fault = Fault(code="twitch_not_allowed", state="refused")
    session.protocol.give_up(fault)
    assert session.protocol.passed(NOW_MS).fault == fault


def test_a_chat_message_is_a_comment():
    [comment] = Session().events("channel.chat.message", message())
    assert comment == Comment(
        at_ms=NOW_MS,
        comment_id="cc106a89-1814-919d-454c-f4f2f970aae7",
        author_id="4145994",
        author_name="viewer32",
        text="这件有大码吗",
        badges=("moderator", "subscriber"),
        platform="twitch",
        source_id="room-1",
        sent_ms=NOW_MS,
    )


@pytest.mark.parametrize(
    ("why", "changes", "name", "value"),
    [
        ("an answer names what it answers",
         {"reply": {"parent_message_id": "p-1", "thread_message_id": "p-0"}}, "reply_to", "p-1"),
        ("/me is no part of the words",
         {"message": {"text": "\x01ACTION 挥手\x01", "fragments": []}}, "text", "挥手"),
        ("a name of its own script", {"chatter_user_name": "小鹿"}, "author_name", "小鹿"),
        ("no display name", {"chatter_user_name": ""}, "author_name", "viewer32"),
        ("said in the other channel of a shared chat",
         {"source_broadcaster_user_id": "99", "badges": []}, "badges", ("shared-chat",)),
        ("said here while the chat is shared",
         {"source_broadcaster_user_id": "1971641", "badges": []}, "badges", ()),
        ("an id beyond 2^53 stays exact",
         {"chatter_user_id": "90071992547409931"}, "author_id", "90071992547409931"),
    ],
)  # fmt: skip
def test_a_chat_message_in_all_its_shapes(why, changes, name, value):
    [comment] = Session().events("channel.chat.message", message(**changes))
    assert getattr(comment, name) == value, why


def test_bits_are_a_gift_beside_the_words():
    comment, gift = Session().events("channel.chat.message", message(cheer={"bits": 100}))
    assert comment.text == "这件有大码吗"
    assert gift == Gift(
        at_ms=NOW_MS, author_id="4145994", author_name="viewer32", name="Bits", count=100,
        platform="twitch",
    )  # fmt: skip


def removed(**about):
    return [Removed(at_ms=NOW_MS, platform="twitch", source_id="room-1", **about)]


ROOM = {"broadcaster_user_id": "1971641", "broadcaster_user_login": "streamer"}


def test_what_twitch_takes_back_is_told():
    session = Session()
    about = ROOM | {"target_user_id": "7734", "target_user_login": "troll", "message_id": "c-1"}
    assert session.events("channel.chat.message_delete", about, message_id="1") == removed(
        comment_id="c-1"
    )
    assert session.events("channel.chat.clear_user_messages", about, message_id="2") == removed(
        author_id="7734"
    )
    assert session.events("channel.chat.clear", ROOM, message_id="3") == removed(reason="cleared")


@pytest.mark.parametrize(
    ("why", "kind", "event"),
    [
        ("without an id it would be the whole chat", "channel.chat.message_delete", ROOM),
        ("without a person too", "channel.chat.clear_user_messages", ROOM),
        ("an empty notice wipes nothing", "channel.chat.clear", {}),
        ("no words at all", "channel.chat.message", ROOM),
        ("a notice of no kind", "channel.chat.notification", ROOM),
    ],
)
def test_what_lacks_the_point_is_skipped_and_counted(why, kind, event):
    step = Session().hear(notification(kind, event))
    assert (step.events, step.skipped) == ([], 1), why


TIER = {"sub_tier": "1000", "is_prime": False, "duration_months": 1}


@pytest.mark.parametrize(
    ("kind", "changes", "name"),
    [
        ("sub", {"sub": TIER}, "Tier 1"),
        ("sub", {"sub": TIER | {"is_prime": True}}, "Prime"),
        ("resub", {"resub": TIER | {"sub_tier": "3000", "cumulative_months": 5}}, "Tier 3"),
        ("prime_paid_upgrade", {"prime_paid_upgrade": {"sub_tier": "2000"}}, "Tier 2"),
        ("gift_paid_upgrade", {"gift_paid_upgrade": {"gifter_user_id": "5"}}, ""),
        ("shared_chat_sub", {"shared_chat_sub": TIER}, "Tier 1"),
    ],
)
def test_a_subscription_is_a_membership(kind, changes, name):
    [member] = Session().told(kind, message={"text": "", "fragments": []}, **changes)
    assert member == Member(
        at_ms=NOW_MS, author_id="4145994", author_name="viewer32", name=name, platform="twitch"
    )


def test_the_words_of_a_resub_are_a_comment():
    member, comment = Session().told("resub", resub=TIER)
    assert isinstance(member, Member)
    assert comment.text == "这件有大码吗"


def test_gifts_to_many_are_counted_once():
    session = Session()
    quiet = {"message": {"text": "", "fragments": []}}
    many = {"id": "g-1", "total": 3, "sub_tier": "1000"}
    [gift] = session.told("community_sub_gift", community_sub_gift=many, **quiet)
    assert (gift.name, gift.count) == ("Gift Sub Tier 1", 3)
    for number in range(3):
        one = {"community_gift_id": "g-1", "sub_tier": "1000", "recipient_user_id": str(number)}
        step = session.hear(
            notification(
                "channel.chat.notification",
                message(notice_type="sub_gift", sub_gift=one, **quiet),
                message_id=f"one-{number}",
            )
        )
        assert (step.events, step.skipped) == ([], 0)
    alone = {"community_gift_id": None, "sub_tier": "2000", "recipient_user_id": "9"}
    event = message(notice_type="sub_gift", sub_gift=alone, chatter_is_anonymous=True, **quiet)
    [gift] = session.events("channel.chat.notification", event, message_id="alone")
    assert (gift.name, gift.count, gift.author_id) == ("Gift Sub Tier 2", 1, "")


def test_only_the_last_gifts_to_many_are_remembered():
    session = Session()
    for number in range(KNOWN_GIFTS * 2):
        session.events(
            "channel.chat.notification",
            message(notice_type="community_sub_gift", community_sub_gift={"id": f"g-{number}"}),
            message_id=str(number),
        )
    assert len(vars(session.protocol._reader)["_gifts"]) == KNOWN_GIFTS


def test_a_raid_is_many_who_come_in():
    raid = {"user_id": "55", "user_name": "邻居", "user_login": "n", "viewer_count": 120}
    [join] = Session().told("raid", raid=raid, message={"text": "", "fragments": []})
    assert join == Join(
        at_ms=NOW_MS, author_id="55", author_name="邻居", count=120, platform="twitch"
    )


def test_an_announcement_and_a_notice_of_an_unknown_kind_are_what_was_said():
    for number, kind in enumerate(("announcement", "something_new")):
        event = message(notice_type=kind)
        [comment] = Session().events("channel.chat.notification", event, message_id=str(number))
        assert comment.text == "这件有大码吗"


def test_a_notification_that_comes_twice_counts_once_also_on_the_next_connection():
    session = Session()
    first = notification("channel.chat.message", message())
    assert len(session.hear(first).events) == 1
    assert session.hear(first).events == []
    again = EventSubProtocol(EventSubReader("room-1"), session.seen, session.welcomed.append)
    assert again.received(first, NOW_MS).events == []


def test_notifications_are_remembered_within_bounds():
    seen = SeenMessages()
    for number in range(KNOWN_MESSAGES + 100):
        assert seen.is_new(str(number))
    assert len(seen) == KNOWN_MESSAGES
    assert seen.is_new("")
    assert seen.is_new("")


def test_an_old_notification_is_dropped():
    session = Session()
    late = notification("channel.chat.message", message())
    assert session.hear(late, NOW_MS + OLDEST_MS + 1).events == []
    assert len(session.hear(late, NOW_MS + OLDEST_MS).events) == 1


def test_a_wrong_clock_of_this_computer_drops_nothing():
    wrong_ms = NOW_MS + 86_400_000
    session = Session(welcomed=False)
    session.hear(welcome(), wrong_ms)
    step = session.hear(notification("channel.chat.message", message()), wrong_ms + 1_000)
    assert len(step.events) == 1


def test_a_keepalive_is_a_sign_of_life_and_no_more():
    step = Session().hear(frame("session_keepalive", {}))
    assert (step.events, step.skipped, step.fault) == ([], 0, None)


def test_the_line_counts_as_dead_before_20_s():
    assert eventsub_protocol.KEEPALIVE_S * 1000 < Session().protocol.stalled_ms <= 18_000


def test_twitch_moves_us_on():
    session = Session()
    url = "wss://cell-b.eventsub.wss.twitch.tv/ws?id=abc"
    told = {"id": "s-1", "status": "reconnecting", "reconnect_url": url}
    step = session.hear(frame("session_reconnect", {"session": told}))
    assert step.fault.code == MOVED
    assert step.fault.state == "reconnecting"
    assert session.protocol.reconnect_url == url
    assert session.protocol.passed(NOW_MS).fault is None, "until the new one stands"


def test_a_carried_session_is_joined_with_its_welcome():
    session = Session(welcomed=False, is_carried=True)
    assert session.hear(welcome()).joined
    assert session.welcomed == []


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        ("authorization_revoked", "channel.chat.message", "twitch_revoked"),
        ("authorization_revoked", "channel.chat.clear", "twitch_revoked"),
        ("user_removed", "channel.chat.message", "twitch_revoked"),
        ("version_removed", "channel.chat.message", "twitch_withdrawn"),
        ("version_removed", "channel.chat.clear", None),
    ],
)
def test_a_revoked_subscription_says_what_to_do(status, kind, code):
    step = Session().hear(frame("revocation", {"subscription": {"type": kind, "status": status}}))
    assert (step.fault.code if step.fault else None) == code
    if step.fault:
        assert step.fault.state == ("logged_out" if code == "twitch_revoked" else "refused")
        for locale in ("zh", "en"):
            assert all(words(locale).error(step.fault.code, step.fault.params))


@pytest.mark.parametrize(
    ("why", "text", "skipped"),
    [
        ("no JSON", "hello", 1),
        ("cut off", welcome()[:-9], 1),
        ("not an object", "[]", 1),
        ("nothing in it", "{}", 1),
        ("nested beyond reason", "[" * 100_000, 1),
        ("bytes that are no text", b"\xff\xfe", 1),
        ("a welcome without a session", frame("session_welcome", {}), 1),
        ("a kind of message of next year", frame("session_party", {}), 0),
        ("a kind of notification that nobody asked for",
         notification("channel.follow", {"user_id": "1"}), 0),
    ],
)  # fmt: skip
def test_rubbish_is_counted_and_the_rest_goes_on(why, text, skipped):
    session = Session(welcomed=False)
    step = session.hear(text)
    assert (step.events, step.skipped, step.fault) == ([], skipped, None), why
    session.hear(welcome())
    assert len(session.events("channel.chat.message", message(), message_id="next")) == 1


VALID = [
    welcome(),
    frame("session_keepalive", {}),
    frame("session_reconnect", {"session": {"id": "s", "reconnect_url": "ws://127.0.0.1/"}}),
    frame("revocation", {"subscription": {"type": "channel.chat.message", "status": "x"}}),
    notification("channel.chat.message", message(cheer={"bits": 5})),
    notification("channel.chat.message_delete", ROOM | {"message_id": "c"}),
    notification("channel.chat.notification", message(notice_type="raid", raid={"user_id": "1"})),
    notification("channel.chat.notification", message(notice_type="sub_gift", sub_gift=TIER)),
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
ANYTHING = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.text(max_size=5), LEAVES)


@st.composite
def bent(draw):
    """A valid frame in which some value is something else."""
    told = json.loads(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 3))):
        at = told
        while isinstance(at, dict) and at:
            name = draw(st.sampled_from(sorted(at)))
            if not isinstance(at[name], dict) or draw(st.booleans()):
                at[name] = draw(ANYTHING)
                break
            at = at[name]
    return json.dumps(told)


@given(st.lists(st.binary(max_size=200) | st.text(max_size=200) | bent(), max_size=3))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_nothing_is_raised(frames):
    protocol = EventSubProtocol(EventSubReader("room-1"), SeenMessages(), lambda _: None)
    for text in frames:
        step = protocol.received(text, NOW_MS)
        assert step.send == []
        assert len(step.events) <= 2
        assert 0 <= step.skipped <= 1


@given(st.binary(max_size=300) | st.sampled_from(VALID).map(str.encode))
@settings(deadline=None)
def test_the_fuzz_target_itself_holds(data):
    take(data)
