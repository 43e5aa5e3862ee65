"""Reading a Twitch channel, without a socket."""

import gc
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostdesk.events import Comment, Gift, Join, Member, Removed
from hostdesk.sources.steps import MAX_FRAME, PROBE_MS, STALLED_MS
from hostdesk.sources.twitch_protocol import (
    CAPABILITIES,
    MAX_ANSWERS,
    TwitchProtocol,
    channel_of,
)
from hostdesk.text import LOCALES, words
from tests.fuzz import fuzz_irc

ACK = ":tmi.twitch.tv CAP * ACK :twitch.tv/tags twitch.tv/commands"
WELCOME = ":tmi.twitch.tv 001 justinfan777 :Welcome, GLHF!"
ROOM = "@emote-only=0;followers-only=-1;r9k=0;room-id=7;slow=0 :tmi.twitch.tv ROOMSTATE #host"
NAMES_END = ":justinfan777.tmi.twitch.tv 366 justinfan777 #host :End of /NAMES list"
SAID = (
    "@badge-info=;badges=moderator/1;color=#1E90FF;display-name=Ann;emotes=;first-msg=0;"
    "id=11111111-1111-4111-8111-111111111111;mod=1;room-id=7;subscriber=0;"
    "tmi-sent-ts=1700000000123;turbo=0;user-id=9;user-type=mod "
    ":ann!ann@ann.tmi.twitch.tv PRIVMSG #host :hello: world"
)
TIMED_OUT = (
    "@ban-duration=600;room-id=7;target-user-id=9;tmi-sent-ts=1700000000456 "
    ":tmi.twitch.tv CLEARCHAT #host :ann"
)


def protocol(**more):
    talk = TwitchProtocol("room-1", channel="host", digits=777, **more)
    talk.opened(0)
    return talk


def joined(**more):
    talk = protocol(**more)
    assert talk.received("\r\n".join([ACK, WELCOME, ROOM]) + "\r\n", 0).joined
    return talk


def said(text="hello", *, channel="#host", login="ann", **tags):
    tags = {"id": "1", "user-id": "9", "display-name": "Ann", "room-id": "7"} | {
        name.replace("_", "-"): value for name, value in tags.items()
    }
    head = ";".join(f"{name}={value}" for name, value in tags.items())
    return f"@{head} :{login}!{login}@{login}.tmi.twitch.tv PRIVMSG {channel} :{text}"


def noticed(kind, text=None, **tags):
    line = said(text or "", **({"msg_id": kind} | tags)).replace("PRIVMSG", "USERNOTICE")
    return line if text else line.removesuffix(" :")


def heard(*lines, talk=None, now_ms=5):
    step = (talk or joined()).received("\r\n".join(lines), now_ms)
    assert step.skipped == 0
    assert step.fault is None
    return step.events


def test_it_asks_for_tags_then_joins_when_it_is_welcome():
    talk = TwitchProtocol("room-1", channel="host", digits=777)
    assert talk.opened(0).send == [
        "CAP REQ :twitch.tv/tags twitch.tv/commands",
        "PASS SCHMOOPIIE",
        "NICK justinfan777",
    ]
    assert talk.received(ACK, 1).send == []
    assert talk.received(WELCOME, 2).send == ["JOIN #host"]
    assert not talk.received(":justinfan777!j@j JOIN #host", 3).joined
    assert not talk.received(NAMES_END, 3).joined, "Twitch says this of channels that are not there"
    assert talk.received(ROOM, 4).joined
    assert talk.room_id == "7"
    assert not talk.received(ROOM, 5).joined


def test_an_account_reads_with_its_token():
    talk = TwitchProtocol("r", channel="host", digits=1, token="oauth:abc", login="me")
    assert talk.opened(0).send[1:] == ["PASS oauth:abc", "NICK me"]
    for half in ({"token": "abc"}, {"login": "me"}):
        talk = TwitchProtocol("r", channel="host", digits=1, **half)
        assert talk.opened(0).send[2] == "NICK justinfan1", "one without the other is no login"


def test_a_token_with_a_line_break_never_reaches_the_wire():
    talk = TwitchProtocol("r", channel="host", digits=1, token="abc\r\nJOIN #x", login="me")
    step = talk.opened(0)
    assert step.send == []
    assert (step.fault.code, step.fault.state) == ("twitch_login", "logged_out")


def test_a_token_is_nowhere_to_be_read():
    talk = protocol(token="geheim", login="me")
    fault = talk.received(":tmi.twitch.tv NOTICE * :Login authentication failed", 1).fault
    assert "geheim" not in repr(talk) + str(talk) + repr(fault)


def test_a_server_without_twitchs_commands_is_joined_by_the_end_of_the_names():
    talk = protocol()
    talk.received(":irc CAP * NAK :twitch.tv/tags twitch.tv/commands", 1)
    talk.received(WELCOME, 1)
    assert talk.received(NAMES_END, 2).joined


def test_the_sample_of_the_fact_sheet_is_a_comment():
    assert heard(SAID) == [
        Comment(
            at_ms=5,
            comment_id="11111111-1111-4111-8111-111111111111",
            author_id="9",
            author_name="Ann",
            text="hello: world",
            badges=("moderator",),
            platform="twitch",
            source_id="room-1",
            sent_ms=1700000000123,
        )
    ]


@pytest.mark.parametrize(
    ("why", "line", "field", "value"),
    [
        ("/me", said("\x01ACTION 挥手\x01"), "text", "挥手"),
        ("/me without its end", said("\x01ACTION 挥手"), "text", "挥手"),
        ("control characters", said("a\x02b\u202ec"), "text", "ab\u202ec"),
        ("an id beyond 2^53", said(user_id="9007199254740993"), "author_id", "9007199254740993"),
        ("a name with a space", said(display_name=r"小\s鹿"), "author_name", "小 鹿"),
        ("no display name", said(display_name=""), "author_name", "ann"),
        ("badges", said(badges="subscriber/12,vip/1"), "badges", ("subscriber", "vip")),
        ("the first words", said(first_msg="1"), "badges", ("first-msg",)),
        ("no badges", said(badges=""), "badges", ()),
        ("another channel's", said(source_room_id="8"), "badges", ("shared-chat",)),
        ("shared, and from here", said(source_room_id="7"), "badges", ()),
        ("a reply", said(reply_parent_msg_id="0"), "reply_to", "0"),
        ("no reply", said(reply_parent_msg_id=""), "reply_to", None),
        ("no time", said(), "sent_ms", None),
        ("an odd time", said(tmi_sent_ts="-1e9"), "sent_ms", None),
        ("a time too large", said(tmi_sent_ts="9" * 99), "sent_ms", None),
        ("a server's own time", said(time="2026-11-22T12:00:00.5Z"), "sent_ms", 1795348800500),
        ("an endless text", said("长" * 4000), "text", "长" * 2000 + "…"),
        ("an endless name", said(display_name="名" * 400), "author_name", "名" * 64 + "…"),
        ("Chinese punctuation", said("起球！！　真的？"), "text", "起球！！　真的？"),
    ],
)
def test_what_a_comment_says(why, line, field, value):
    [comment] = heard(line)
    assert getattr(comment, field) == value, why


def test_badges_without_end_are_cut():
    [comment] = heard(said(badges=",".join(f"b{n}/1" for n in range(999))))
    assert len(comment.badges) == 16


def test_bits_are_a_gift_besides():
    comment, gift = heard(said("Cheer100 加油", bits="100"))
    assert comment.text == "Cheer100 加油"
    assert gift == Gift(
        at_ms=5, author_id="9", author_name="Ann", name="Bits", count=100, platform="twitch"
    )


def test_without_tags_a_comment_still_has_its_author():
    [comment] = heard(":ann!ann@x PRIVMSG #host :断流了吗")
    assert (comment.author_id, comment.author_name, comment.comment_id) == ("ann", "ann", "")


def test_hidden_names_are_told_once_and_again_when_they_are_shown():
    talk = joined()
    step = talk.received("\r\n".join([said(user_id="0"), said(user_id="0", id="2")]), 1)
    assert (step.masked, [c.author_id for c in step.events]) == (True, ["", ""])
    assert talk.received(said(display_name="***"), 2).masked is None
    assert talk.received(said(), 3).masked is False
    assert talk.received(said(), 4).masked is None


@pytest.mark.parametrize(
    ("why", "line", "expected"),
    [
        (
            "a time-out is one author's",
            TIMED_OUT,
            {"author_id": "9", "reason": "timed_out", "span_ms": 600_000},
        ),
        (
            "a ban has no end",
            "@room-id=7;target-user-id=9 :tmi.twitch.tv CLEARCHAT #host :ann",
            {"author_id": "9", "reason": "banned"},
        ),
        (
            "without tags the login has to do",
            ":tmi.twitch.tv CLEARCHAT #host :ann",
            {"author_id": "ann", "reason": "banned"},
        ),
        (
            "nobody named: the whole chat",
            "@room-id=7 :tmi.twitch.tv CLEARCHAT #host",
            {"reason": "cleared"},
        ),
        (
            "one comment",
            "@login=ann;room-id=;target-msg-id=abc :tmi.twitch.tv CLEARMSG #host :hello",
            {"comment_id": "abc", "reason": "deleted"},
        ),
    ],
)
def test_what_twitch_takes_back(why, line, expected):
    event = Removed(at_ms=5, platform="twitch", source_id="room-1", **expected)
    assert heard(line) == [event], why


def test_a_deletion_that_names_no_comment_removes_nothing():
    step = joined().received(":tmi.twitch.tv CLEARMSG #host :hello", 1)
    assert (step.events, step.skipped) == ([], 1)


BY_ANN = {"at_ms": 5, "author_id": "9", "author_name": "Ann", "platform": "twitch"}


@pytest.mark.parametrize(
    ("why", "line", "expected"),
    [
        (
            "a subscription",
            noticed("sub", msg_param_sub_plan="Prime"),
            [Member(name="Prime", **BY_ANN)],
        ),
        (
            "a plan that is not known",
            noticed("resub", msg_param_sub_plan="4000"),
            [Member(name="4000", **BY_ANN)],
        ),
        (
            "a gift to one",
            noticed("subgift", msg_param_sub_plan="1000"),
            [Gift(name="Gift Sub Tier 1", **BY_ANN)],
        ),
        (
            "viewers sent by another channel",
            noticed("raid", msg_param_viewerCount="250"),
            [Join(count=250, **BY_ANN)],
        ),
        ("something new without words", noticed("brandnew"), []),
    ],
)
def test_what_a_usernotice_tells(why, line, expected):
    assert heard(line) == expected, why


@pytest.mark.parametrize("kind", ["announcement", "ritual", "viewermilestone", "brandnew"])
def test_words_of_any_usernotice_are_a_comment(kind):
    [comment] = heard(noticed(kind, "9号链接 今晚加赠"))
    assert (comment.text, comment.author_id, comment.comment_id) == ("9号链接 今晚加赠", "9", "1")


def test_a_resubscription_with_words_is_both():
    member, comment = heard(noticed("resub", "第12个月了", msg_param_sub_plan="2000"))
    assert (member.name, comment.text) == ("Tier 2", "第12个月了")


@pytest.mark.parametrize("tag", ["msg_param_community_gift_id", "msg_param_origin_id"])
def test_gifts_to_many_are_counted_once(tag):
    many = {tag: "77", "msg_param_sub_plan": "1000"}
    events = heard(
        noticed("submysterygift", msg_param_mass_gift_count="3", **many),
        *(noticed("subgift", **many) for _ in range(3)),
        noticed("subgift", msg_param_sub_plan="1000", **{tag: "78"}),
    )
    assert [event.count for event in events] == [3, 1]


def test_an_anonymous_giver_has_no_identity():
    [gift] = heard(noticed("subgift", login="ananonymousgifter", user_id="274598607"))
    assert gift.author_id == ""


def test_a_ping_is_answered_with_its_own_words():
    assert joined().received("PING :tmi.twitch.tv", 1).send == ["PONG :tmi.twitch.tv"]


def test_a_flood_of_pings_gets_no_flood_back():
    assert len(joined().received("PING :x\r\n" * 5000, 1).send) == MAX_ANSWERS


def test_it_asks_for_a_sign_of_life_in_time_to_see_a_stall():
    talk = joined()
    sent = {now_ms: talk.passed(now_ms).send for now_ms in range(0, STALLED_MS + 1, 1000)}
    asked = [now_ms for now_ms, frames in sent.items() if frames]
    assert asked == [PROBE_MS, 2 * PROBE_MS]
    assert sent[PROBE_MS] == ["PING :hostdesk"]
    assert talk.stalled_ms == STALLED_MS
    talk.received(":tmi.twitch.tv PONG tmi.twitch.tv :hostdesk", 20_000)
    assert talk.passed(20_000 + PROBE_MS - 1).send == []


def test_before_the_welcome_nothing_is_asked():
    assert protocol().passed(60_000).send == []


@pytest.mark.parametrize(
    ("why", "line", "code", "state"),
    [
        ("the server says why", "ERROR :Closing link", "source_closed", "reconnecting"),
        (
            "no such channel",
            "@msg-id=msg_channel_suspended :tmi.twitch.tv NOTICE #host :This channel …",
            "twitch_no_channel",
            "reconnecting",
        ),
        (
            "banned",
            "@msg-id=msg_banned :tmi.twitch.tv NOTICE #host :You are …",
            "twitch_banned",
            "refused",
        ),
        ("put out", ":a!a@b KICK #host justinfan777 :bye", "twitch_left", "reconnecting"),
        ("left", ":justinfan777!j@j PART #host", "twitch_left", "reconnecting"),
    ],
)
def test_what_ends_a_connection(why, line, code, state):
    talk = joined()
    step = talk.received(f"{said()}\r\n{line}", 1)
    assert (step.fault.code, step.fault.state) == (code, state), why
    assert [event.text for event in step.events] == ["hello"], "what came before is kept"
    assert talk.passed(2).fault == step.fault, "it stays ended"


RECONNECT = ":tmi.twitch.tv RECONNECT"


def test_before_a_reconnect_what_is_on_its_way_is_heard():
    talk = joined()
    step = talk.received(RECONNECT, 1)
    assert (step.fault, step.send) == (None, ["PING :hostdesk-leaves"])
    assert talk.received(RECONNECT, 1).send == []
    step = talk.received(":tmi.twitch.tv PONG tmi.twitch.tv :hostdesk\r\n" + said(), 2)
    assert (step.fault, len(step.events)) == (None, 1)
    fault = talk.received(":tmi.twitch.tv PONG tmi.twitch.tv :hostdesk-leaves", 3).fault
    assert (fault.code, fault.state, fault.retry_s) == ("twitch_reconnect", "reconnecting", 0)
    assert talk.passed(4).fault == fault


def test_a_server_that_does_not_answer_any_more_is_left_within_a_second():
    talk = joined()
    talk.received(RECONNECT, 1)
    assert talk.passed(1_001).fault.code == "twitch_reconnect"


def test_nobody_else_can_make_us_leave():
    assert joined().received(":a!a@b PONG host :hostdesk-leaves", 1).fault is None


@pytest.mark.parametrize(
    "text",
    [
        "Login authentication failed",
        "Improperly formatted auth",
        "Login unsuccessful",
        "Invalid NICK",
    ],
)
def test_a_refused_login_waits_for_a_person_but_an_anonymous_one_tries_again(text):
    line = f":tmi.twitch.tv NOTICE * :{text}"
    fault = protocol(token="abc", login="me").received(line, 1).fault
    assert (fault.code, fault.state) == ("twitch_login", "logged_out")
    fault = protocol().received(line, 1).fault
    assert (fault.code, fault.state, fault.retry_s) == ("twitch_anonymous", "reconnecting", 60)


@pytest.mark.parametrize("number", ["403", "433", "465", "474"])
def test_a_refusal_of_the_server_is_told_in_its_own_words(number):
    fault = protocol().received(f":irc {number} * x :No, not today", 1).fault
    assert fault.code == "twitch_refused"
    assert fault.params == {"channel": "host", "detail": "No, not today"}


def test_what_other_people_do_ends_nothing():
    for line in (
        ":bob!b@b PART #host",
        ":a!a@b KICK #host bob :bye",
        ":justinfan777!j@j PART #elsewhere",
        "@msg-id=slow_on :tmi.twitch.tv NOTICE #host :slow",
        ":tmi.twitch.tv NOTICE #host :Login authentication failed",
        ":tmi.twitch.tv 421 justinfan777 WHO :Unknown command",
        ":tmi.twitch.tv 403 justinfan777 #x :No such channel",
        ":tmi.twitch.tv HOSTTARGET #host :x 5",
    ):
        assert heard(line) == []


def test_the_room_that_was_asked_for_is_read():
    assert joined(expected_room_id="7").room_id == "7"


def test_another_room_than_asked_is_refused_and_nothing_of_it_is_heard():
    talk = protocol(expected_room_id="8")
    step = talk.received("\r\n".join([ACK, WELCOME, said(), ROOM, said()]), 1)
    assert (step.joined, step.events) == (False, [])
    assert (step.fault.code, step.fault.state) == ("source_other_room", "refused")
    assert step.fault.params == {"asked": "8", "found": "7"}
    assert talk.received(said(), 2).events == []


def test_a_room_that_does_not_say_its_number_is_not_the_one_asked_for():
    talk = protocol(expected_room_id="8")
    step = talk.received("\r\n".join([WELCOME, NAMES_END, ":ann!a@a PRIVMSG #host :hi"]), 1)
    assert (step.joined, step.events, step.skipped) == (False, [], 1)


def test_a_room_that_becomes_another_one_is_refused():
    fault = joined().received(ROOM.replace("room-id=7", "room-id=8"), 1).fault
    assert fault.params == {"asked": "7", "found": "8"}


def test_another_channel_than_joined_is_refused():
    talk = protocol()
    talk.received(WELCOME, 1)
    fault = talk.received(ROOM.replace("#host", "#other"), 2).fault
    assert fault.params == {"asked": "host", "found": "other"}


def test_words_of_another_channel_are_not_ours():
    step = joined().received(said(channel="#other") + "\r\n" + said(channel="#HOST"), 1)
    assert (len(step.events), step.skipped) == (1, 1)


def test_a_comment_proves_that_the_room_is_joined():
    talk = protocol()
    step = talk.received("\r\n".join([ACK, WELCOME, said()]), 1)
    assert step.joined
    assert len(step.events) == 1


def test_broken_lines_are_counted_and_the_others_are_heard():
    frame = "\r\n".join(["@", ":", said(), "\x00\x01", "PRIVMSG", "PRIVMSG #host", "@=;;= X"])
    step = joined().received(frame, 1)
    assert [event.text for event in step.events] == ["hello"]
    assert step.skipped == 5


def test_a_frame_that_is_too_large_ends_the_connection_only():
    step = joined().received("x" * (MAX_FRAME + 1), 1)
    assert (step.fault.code, step.events) == ("source_too_big", [])


def test_bytes_are_read_like_text():
    assert heard(SAID) == joined().received(SAID.encode(), 5).events


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Host", "host"),
        (" #host_1 ", "host_1"),
        ("https://www.twitch.tv/Host", "host"),
        ("https://www.twitch.tv/host/", "host"),
        ("@host", "host"),
        ("小鹿", ""),
        ("host\r\nQUIT", ""),
        ("a" * 26, ""),
        ("", ""),
    ],
)
def test_a_channel_is_understood_as_a_person_writes_it(written, meant):
    assert channel_of(written) == meant


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "code",
    ["channel_name", "no_channel", "banned", "left", "login", "anonymous", "refused", "reconnect"],
)
def test_every_fault_has_words(locale, code):
    params = {"channel": "host", "detail": "no"}
    message, hint = words(locale).error(f"twitch_{code}", params)
    assert words(locale).has(f"error.twitch_{code}.message")
    assert "…" not in message + hint


SCRAPS = [
    *[ACK, WELCOME, ROOM, NAMES_END, SAID, TIMED_OUT, "PING :x", *CAPABILITIES],
    noticed("resub", "12"), noticed("submysterygift"), ":tmi.twitch.tv RECONNECT",
    *["\r\n", "\n", ";", "=", " :", " #host ", "@", "\\", "\x01ACTION ", "PRIVMSG", "CLEARCHAT"],
    *["user-id=0", "room-id=8", "bits=-1", "tmi-sent-ts=٣", "\x00", "\ud800", "🙏"],
]  # fmt: skip
mangled = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=12), max_size=30).map("".join)
whole = st.lists(st.sampled_from(SCRAPS), max_size=30).map("\r\n".join)


@given(st.lists(mangled | whole | st.binary(max_size=200), max_size=6))
def test_whatever_comes_nothing_is_raised(frames):
    talk = protocol()
    for number, frame in enumerate(frames):
        step = talk.received(frame, number)
        assert all(event.at_ms == number for event in step.events)
        talk.passed(number)


@given(st.binary() | (mangled | whole).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=200)
def test_whatever_comes_the_fuzz_target_holds(data):
    fuzz_irc.take(data)


def test_a_long_show_leaves_nothing_behind():
    talk = joined()

    def an_hour():
        for number in range(3000):
            talk.received(
                "\r\n".join(
                    [
                        said(f"{number}", id=str(number), badges=f"b{number}/1"),
                        noticed("submysterygift", msg_param_origin_id=f"g{number}"),
                        f"@bad{number} :x",
                    ]
                ),
                number,
            )

    an_hour()
    gc.collect()
    tracemalloc.start()
    an_hour()
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 200_000
