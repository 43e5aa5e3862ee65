"""The obs-websocket conversation, without a socket."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.broadcast.obs_protocol import (
    WANTED,
    Identified,
    ObsEvent,
    ObsProtocol,
    ObsReply,
    Subscription,
    sign,
)
from hostdesk.errors import ObsProtocolError


def frame(op, **d):
    return json.dumps({"op": op, "d": d})


def identified(password=""):
    talk = ObsProtocol(password)
    talk.receive(frame(0, rpcVersion=1))
    talk.receive(frame(2, negotiatedRpcVersion=1))
    talk.to_send()
    return talk


@pytest.mark.parametrize(
    ("why", "password", "salt", "challenge", "answer"),
    [
        (
            "the words of the protocol document",
            "supersecretpassword",
            "lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=",
            "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY=",
            "1Ct943GAT+6YQUUX47Ia/ncufilbe6+oD6lY+5kaCu4=",
        ),
        (
            "a Chinese password is hashed as UTF-8",
            "测试",
            "c2FsdA==",
            "Y2hhbA==",
            "3CxGMVSH9Zf4h1s97MBjEY/7XTBlMYCVFe4dnBJBEjE=",
        ),
    ],
)
def test_the_challenge_is_answered_as_obs_expects(why, password, salt, challenge, answer):
    assert sign(password, salt, challenge) == answer, why


def test_a_request_waits_until_obs_let_us_in():
    talk = ObsProtocol("测试")
    talk.request("1", "GetStats")
    assert talk.to_send() == []

    talk.receive(
        frame(0, rpcVersion=1, authentication={"salt": "c2FsdA==", "challenge": "Y2hhbA=="})
    )
    (hello,) = map(json.loads, talk.to_send())
    assert hello["op"] == 1
    assert hello["d"]["authentication"] == "3CxGMVSH9Zf4h1s97MBjEY/7XTBlMYCVFe4dnBJBEjE="
    assert hello["d"]["eventSubscriptions"] == WANTED

    assert talk.receive(frame(2, negotiatedRpcVersion=1)) == [Identified(1)]
    (request,) = map(json.loads, talk.to_send())
    assert request == {"op": 6, "d": {"requestType": "GetStats", "requestId": "1"}}
    assert talk.to_send() == []


def test_an_obs_without_a_password_is_answered_without_one():
    talk = ObsProtocol("not needed")
    talk.receive(frame(0, rpcVersion=1))
    assert "authentication" not in json.loads(talk.to_send()[0])["d"]


def test_answers_and_events_come_out_as_values():
    talk = identified()
    status = {"result": False, "code": 600, "comment": "No source was found."}
    said = talk.receive(frame(7, requestType="RemoveInput", requestId="7", requestStatus=status))
    assert said == [
        ObsReply(
            request_id="7",
            request="RemoveInput",
            ok=False,
            status=600,
            comment="No source was found.",
        )
    ]
    assert talk.receive(frame(5, eventType="ExitStarted", eventIntent=1)) == [
        ObsEvent(name="ExitStarted")
    ]


def test_a_comment_may_be_null_as_obs_29_sends_it():
    status = {"result": False, "code": 501, "comment": None}
    said = identified().receive(
        frame(7, requestType="StopStream", requestId="1", requestStatus=status)
    )
    assert said[0].comment == ""


def test_what_a_newer_obs_says_beyond_our_knowledge_is_passed_over():
    assert identified().receive(frame(99, anything=1)) == []


@pytest.mark.parametrize(
    ("why", "text"),
    [
        ("not JSON", "HTTP/1.1 200 OK"),
        ("not an object", "[]"),
        ("no op", '{"d": {}}'),
        ("op is no number", '{"op": "5", "d": {}}'),
        ("an event without a name", frame(5, eventIntent=1)),
        ("an answer without a status", frame(7, requestType="X", requestId="1")),
        ("half a frame", '{"op": 5, "d": {"eventType": "Ex'),
        ("an RPC version that we do not speak", frame(0, rpcVersion=0)),
        ("half a surrogate pair", '{"op": 0, "d": {"rpcVersion": "\ud800"}}'),
        ("nested without end", '{"op": 5, "d": ' + "[" * 200_000),
    ],
)
def test_a_frame_that_is_not_obs_is_our_own_error(why, text):
    with pytest.raises(ObsProtocolError):
        ObsProtocol().receive(text)


def test_obs_greets_once():
    with pytest.raises(ObsProtocolError):
        identified().receive(frame(0, rpcVersion=1))


def test_everything_that_the_desk_needs_is_subscribed():
    for bit in (
        Subscription.SCENE_ITEMS,
        Subscription.OUTPUTS,
        Subscription.INPUT_VOLUME_METERS,
        Subscription.UI,
    ):
        assert WANTED & bit


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
_names = st.sampled_from(
    [
        "rpcVersion",
        "authentication",
        "eventType",
        "eventData",
        "requestType",
        "requestId",
        "requestStatus",
        "responseData",
        "negotiatedRpcVersion",
    ]
)
_frames = st.builds(
    lambda op, d: json.dumps({"op": op, "d": d}),
    st.integers(-1, 10) | _values,
    st.dictionaries(_names | st.text(), _values) | _values,
)


@given(st.lists(st.text() | _frames, max_size=4))
def test_whatever_comes_we_raise_only_our_own_error(frames):
    talk = ObsProtocol("x")
    for text in frames:
        with contextlib.suppress(ObsProtocolError):
            talk.receive(text)
    talk.to_send()
