"""HTTP of the inbox, byte by byte."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.inbox_door import Door
from hostdesk.sources.inbox_http import MAX_HEAD, HttpTalk, Push
from hostdesk.sources.inbox_schema import MAX_MESSAGE, Taken

PAGE = "https://live.kuaishou.com"


def talk():
    return HttpTalk(Door("right", (PAGE,)), lambda: {"name": "hostdesk", "feeds": []})


def request(method="POST", target="/v1/comments", body=b"", token="right", **headers):
    told = {"Host": "127.0.0.1:8765", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if token:
        told["Authorization"] = f"Bearer {token}"
    if body or method == "POST":
        told.setdefault("Content-Length", str(len(body)))
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value is not None)
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def steps(http, data):
    http.receive(data)
    found = []
    while (step := http.step()) is not None:
        found.append(step)
    return found


def status(data, http=None):
    [out] = steps(http or talk(), data)
    return int(out.split(b" ", 2)[1])


def test_a_post_is_handed_out_whole_and_then_answered():
    http = talk()
    data = request(body=b'{"text":"a"}')
    for place in range(len(data) - 1):
        assert steps(http, data[place : place + 1]) == []
    [push] = steps(http, data[-1:])
    assert isinstance(push, Push)
    assert push.body == b'{"text":"a"}'
    assert http.answer(200, Taken(taken=1)).startswith(b"HTTP/1.1 200")


def test_requests_on_one_connection_are_answered_one_after_the_other():
    http = talk()
    [push] = steps(http, request(body=b"1") + request(body=b"2"))
    assert push.body == b"1"
    assert http.is_waiting
    assert b"200" in http.answer(200, Taken(taken=1))
    second = http.step()
    assert isinstance(second, Push)
    assert second.body == b"2"
    assert not http.is_over


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (request(token=""), 401),
        (request(token="wrong"), 401),
        (request(Origin="https://evil.example"), 403),
        (request(Host="evil.example"), 403),
        (request(target="/"), 404),
        (request(target="/v1/commands"), 404),
        (request("PUT"), 405),
        (request("DELETE", "/v1/health"), 405),
        (request(body=b"x", Content_Encoding="br"), 415),
        (request(body=b"x", Content_Encoding="gzip"), 400),
        (request(Content_Length=str(MAX_MESSAGE + 1)), 413),
        (request(Content_Length="5x"), 400),
        (request(body=gzip.compress(b"a" * (MAX_MESSAGE + 1)), Content_Encoding="gzip"), 413),
        (b"rubbish\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (request("GET", "/v1/health", token="wrong"), 401),
        (request("GET", "/v1/health", body=b"a body"), 413),
        (b"POST /v1/comments HTTP/1.1\r\nX: " + b"a" * MAX_HEAD, 400),
    ],
)
def test_what_is_refused_is_told_why_and_the_connection_ends(data, wanted):
    http = talk()
    [out] = steps(http, data)
    head, _, body = out.partition(b"\r\n\r\n")
    assert int(head.split(b" ", 2)[1]) == wanted
    assert json.loads(body)["kind"] == "refused"
    assert http.is_over
    assert b"right" not in out


def test_who_has_no_token_sends_no_body():
    [out] = steps(talk(), request(token="", body=b"")[:-2] + b"Content-Type: x\r\n\r\n")
    assert b" 401 " in out
    assert b"WWW-Authenticate: Bearer" in out


def test_a_body_in_chunks_is_bounded_too():
    head = request(Content_Length=None, Transfer_Encoding="chunked")
    chunk = b"40000\r\n" + b"a" * 0x40000 + b"\r\n"
    http = talk()
    assert steps(http, head + chunk * 4) == []
    [out] = steps(http, chunk)
    assert b" 413 " in out


def test_gzip_is_unpacked():
    packed = gzip.compress(b'{"text":"a"}')
    [push] = steps(talk(), request(body=packed, Content_Encoding="gzip"))
    assert push.body == b'{"text":"a"}'
    assert status(request(body=packed[:-9], Content_Encoding="gzip")) == 400


def test_a_client_that_asks_first_is_told_to_go_on_or_not():
    [out] = steps(talk(), request(Content_Length="5", Expect="100-continue"))
    assert out.startswith(b"HTTP/1.1 100")
    assert status(request(Content_Length="5000000", Expect="100-continue")) == 413


def test_a_page_that_is_allowed_may_ask_and_read_and_no_other():
    data = request("OPTIONS", token="", Origin=PAGE, Access_Control_Request_Method="POST")
    [out] = steps(talk(), data)
    assert out.startswith(b"HTTP/1.1 204")
    for line in (f"Access-Control-Allow-Origin: {PAGE}", "Access-Control-Allow-Methods: POST",
                 "authorization", "Vary: Origin"):  # fmt: skip
        assert line.encode() in out, line
    other = request("OPTIONS", token="", Origin="https://evil.example")
    [out] = steps(talk(), other)
    assert b" 403 " in out
    assert b"Access-Control-Allow" not in out


def test_health_tells_a_stranger_nothing_but_the_name():
    [out] = steps(talk(), request("GET", "/v1/health", token=""))
    assert json.loads(out.partition(b"\r\n\r\n")[2]) == {"name": "hostdesk"}
    [out] = steps(talk(), request("GET", "/v1/health"))
    assert json.loads(out.partition(b"\r\n\r\n")[2]) == {"name": "hostdesk", "feeds": []}


def test_a_connection_that_is_too_many_is_told_so():
    http = talk()
    out = http.refuse(503, "busy")
    assert out.startswith(b"HTTP/1.1 503")
    assert http.is_over


@given(st.lists(st.binary() | st.sampled_from([
    request(body=b"{}"), request()[:40], b"\r\n\r\n", b"GET / HTTP/1.1\r\n", b"0\r\n\r\n",
    request(Transfer_Encoding="chunked", Content_Length=None), b""])))  # fmt: skip
def test_whatever_comes_is_answered_or_waited_for(pieces):
    http = talk()
    for piece in pieces:
        for step in steps(http, piece):
            if isinstance(step, Push):
                http.answer(200, Taken())
