"""What goes wrong on the way to a platform has a name, and words in both languages."""

import socket
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.frames import Close
from websockets.http11 import Response

from hostdesk.sources.faults import LONGEST_RETRY_S, fault_of, refused, retry_after_s
from hostdesk.sources.http_faults import fault_behind
from hostdesk.text import words

NOW_MS = 1_700_000_000_000


def status(code, **headers):
    named = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return InvalidStatus(Response(code, "", named))


CASES = [
    (socket.gaierror(-2, "Name or service not known"), "source_dns"),
    (ssl.SSLError(1, "bad"), "source_tls"),
    (ConnectionRefusedError(), "source_unreachable"),
    (TimeoutError(), "source_timeout"),
    (InvalidHandshake(), "source_protocol"),
    (ConnectionClosedError(None, None), "source_closed"),
    (ConnectionClosedError(Close(1001, "away"), None), "source_closed"),
    (ConnectionClosedError(None, Close(1009, "too big")), "source_too_big"),
    (status(401), "source_logged_out"),
    (status(403), "source_forbidden"),
    (status(429, Retry_After="7"), "source_too_many"),
    (status(502), "source_status"),
    (status(200), "source_protocol"),
]


@pytest.mark.parametrize(("error", "code"), CASES)
def test_each_has_a_code_and_words(error, code):
    fault = fault_of(error, NOW_MS)
    assert fault.code == code
    for locale in ("zh", "en"):
        message, hint = words(locale).error(fault.code, fault.params)
        assert message
        assert hint
        assert "{" not in message + hint


def test_a_platform_that_asks_to_wait_is_waited_for_within_bounds():
    assert refused(429, "7", NOW_MS).retry_s == 7
    assert refused(429, "99999999", NOW_MS).retry_s == LONGEST_RETRY_S
    assert refused(429, "", NOW_MS).retry_s == 0
    date = "Tue, 14 Nov 2023 22:13:50 GMT"  # 30 s after NOW_MS
    assert retry_after_s(date, NOW_MS) == 30


@given(st.text(max_size=60))
def test_whatever_the_header_says_the_wait_is_bounded(header):
    assert 0 <= retry_after_s(header, NOW_MS) <= LONGEST_RETRY_S


def behind(error, cause=None):
    error.__cause__ = cause
    return fault_behind(error, NOW_MS).code


def test_what_is_beneath_an_http_call_is_told_by_its_true_cause():
    assert behind(httpx.ConnectError("x"), socket.gaierror(-2, "unknown")) == "source_dns"
    assert behind(httpx.ConnectError("x"), ssl.SSLError(1, "bad")) == "source_tls"
    assert behind(httpx.ConnectError("x"), ConnectionRefusedError()) == "source_unreachable"
    assert behind(httpx.ReadTimeout("x"), OSError()) == "source_timeout"
    assert behind(TimeoutError()) == "source_timeout"
    assert behind(httpx.RemoteProtocolError("220 mail")) == "source_protocol"
    assert behind(httpx.InvalidURL("x")) == "source_unreachable"
