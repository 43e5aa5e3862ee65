"""Only programs of this machine that know the token, and no web page that was not allowed to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.inbox_door import Door

LOCAL = ("Host", "127.0.0.1:8765")
PAGE = "https://live.kuaishou.com"
FIREFOX = "moz-extension://0c0ffee0-0000-4000-8000-000000000000"
CHROME = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"


def looks(*headers, target="/v1/comments", token="right", allowed=()):
    return Door(token, allowed).looks(target, [LOCAL, *headers])


@pytest.mark.parametrize(
    ("why", "origin", "allowed", "refusal"),
    [
        ("no web page sends no origin", None, (), ""),
        ("any page can reach this port", PAGE, (), "origin"),
        ("this page may", PAGE, (PAGE,), ""),
        ("its neighbour may not", "https://live.kuaishou.com.evil.cn", (PAGE,), "origin"),
        ("another scheme", "http://live.kuaishou.com", (PAGE,), "origin"),
        ("a page of a file", "null", (PAGE,), "origin"),
        ("one extension", CHROME, (CHROME,), ""),
        ("another extension", CHROME, (FIREFOX,), "origin"),
        ("Firefox makes a new id for each user", FIREFOX, ("moz-extension://*",), ""),
        ("but not for Chrome", CHROME, ("moz-extension://*",), "origin"),
        ("no star for the web", PAGE, ("https://*",), "origin"),
        ("a star as origin", "*", ("*.com",), "origin"),
    ],
)
def test_origin(why, origin, allowed, refusal):
    headers = [("Origin", origin)] if origin is not None else []
    assert looks(*headers, allowed=allowed).refusal == refusal, why
    assert looks(*headers, allowed=lambda: allowed).refusal == refusal, why


@pytest.mark.parametrize(
    ("host", "refusal"),
    [
        ("127.0.0.1:8765", ""),
        ("localhost:1", ""),
        ("LOCALHOST", ""),
        ("[::1]:8765", ""),
        ("evil.example:8765", "host"),
        ("127.0.0.1.evil.example", "host"),
        ("127.0.0.1:8765@evil.example", "host"),
        ("", "host"),
    ],
)
def test_a_name_that_was_made_to_point_to_us_is_refused(host, refusal):
    assert Door("right").looks("/", [("Host", host)]).refusal == refusal


def test_a_head_that_says_two_things_is_refused():
    assert looks(LOCAL).refusal == "host"
    assert looks(("Origin", PAGE), ("origin", CHROME), allowed=(PAGE, CHROME)).refusal == "host"
    assert Door("right").looks("/", []).refusal == "host"


@pytest.mark.parametrize(
    ("headers", "target", "has", "shows"),
    [
        ([("Authorization", "Bearer right")], "/", True, True),
        ([("authorization", "bearer  right ")], "/", True, True),
        ([("Authorization", "Basic right")], "/", False, False),
        ([("Authorization", "Bearer wrong")], "/", False, True),
        ([], "/?token=right", True, True),
        ([], "/?token=wrong&token=right", True, True),
        ([("Authorization", "Bearer wrong")], "/?token=right", False, True),
        ([], "/?token=r%69ght", True, True),
        ([], "/", False, False),
        ([], "//[", False, False),
        ([("Authorization", "Bearer r\u00efght")], "/", False, True),
    ],
)
def test_token(headers, target, has, shows):
    visit = looks(*headers, target=target)
    assert (visit.has_token, visit.shows_token) == (has, shows)


def test_without_a_token_of_ours_nothing_opens():
    assert not looks(("Authorization", "Bearer "), token="").has_token
    assert not Door("").opens_with("")
    assert Door(lambda: "new").opens_with("new")


def test_an_address_can_name_the_feed():
    sender = looks(target="/?source=%E5%BF%AB%E6%89%8B&platform=kuaishou&room=1&x=2").sender
    assert (sender.source, sender.platform, sender.room) == ("快手", "kuaishou", "1")


def test_the_token_is_not_in_what_is_printed():
    visit = looks(target="/?token=right")
    assert "right" not in repr(visit)


@given(st.text(), st.lists(st.tuples(st.sampled_from(["Host", "Origin", "Authorization", "X"]),
                                     st.text())))  # fmt: skip
def test_whatever_comes_nobody_is_let_in_by_luck(target, headers):
    visit = Door("a-long-token-that-nobody-guesses").looks(target, headers)
    assert not visit.has_token
