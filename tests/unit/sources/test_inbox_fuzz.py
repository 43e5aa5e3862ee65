"""The fuzz target of the inbox, driven by hypothesis."""

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.fuzz_inbox import take
from tests.unit.sources.inbox_samples import VALID

HTTP = (b"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n", b"Authorization: Bearer ",
        b"Content-Encoding: gzip\r\n", b"Transfer-Encoding: chunked\r\n\r\n5\r\n")  # fmt: skip
pieces = st.binary() | st.sampled_from([*(text.encode() for text in VALID), *HTTP, b"\n", b"}"])


@given(st.lists(pieces, max_size=8).map(b"".join))
def test_whatever_comes(data):
    take(data)


@given(st.sampled_from(VALID), st.data())
def test_whatever_is_left_of_a_message(message, data):
    raw = bytearray(message.encode())
    for _ in range(data.draw(st.integers(0, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    take(bytes(raw))
