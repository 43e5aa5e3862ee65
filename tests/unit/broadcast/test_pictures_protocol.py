"""Frames between the engine and the pictures process."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.broadcast.pictures_protocol import (
    Compare,
    Failed,
    Hash,
    Painted,
    Unframer,
    pack,
    read_reply,
    read_request,
)
from hostdesk.errors import PicturesError

MESSAGES = [
    Hash(request_id=1, screenshot=b"\x00\xff" * 100),
    Compare(
        request_id=2,
        screenshot=b"jpg",
        painted_path="/tmp/公告.png",
        x=1,
        y=2,
        width=3,
        height=4,
        canvas_width=1920,
        canvas_height=1080,
    ),
]


@given(st.lists(st.sampled_from(MESSAGES), max_size=5), st.integers(1, 50))
def test_frames_arrive_whole_however_the_pipe_cuts_them(messages, step):
    stream = b"".join(pack(message) for message in messages)
    unframer, got = Unframer(), []
    for start in range(0, len(stream), step):
        got += [read_request(body) for body in unframer.receive(stream[start : start + step])]
    assert got == messages


@pytest.mark.parametrize(
    "reply",
    [
        Painted(request_id=3, path="/a.png", x=0, y=0, width=10, height=10),
        Failed(request_id=4, detail="disk"),
    ],
)
def test_a_reply_comes_back_as_it_was(reply):
    (body,) = Unframer().receive(pack(reply))
    assert read_reply(body) == reply


@given(st.binary())
def test_whatever_comes_we_raise_only_our_own_error(data):
    for read in (read_reply, read_request, Unframer().receive):
        with contextlib.suppress(PicturesError):
            read(data)


def test_an_endless_frame_is_refused_before_it_fills_the_memory():
    with pytest.raises(PicturesError):
        Unframer().receive(b"\xff\xff\xff\xff")
