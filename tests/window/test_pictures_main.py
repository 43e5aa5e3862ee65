import subprocess
import sys

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from hostdesk import pictures_main
from hostdesk.broadcast.pictures_protocol import (
    Compare,
    Compared,
    Compose,
    Composed,
    Failed,
    Hash,
    Hashed,
    Paint,
    Painted,
    SafeArea,
    Unframer,
    pack,
    read_reply,
)

pytestmark = pytest.mark.window

TEXT = "画面刚才卡住了，抱歉。👏"


def paint(path, request_id=1, canvas=(1920, 1080)):
    return Paint(
        request_id=request_id,
        notice_kind="apology",
        text=TEXT,
        locale="zh",
        canvas_width=canvas[0],
        canvas_height=canvas[1],
        safe=SafeArea(),
        path=str(path),
    )


def compose(painted, path, moving=1):
    return Compose(
        request_id=2,
        painted_path=painted.path if painted else "",
        x=painted.x if painted else 0,
        y=painted.y if painted else 0,
        width=painted.width if painted else 0,
        height=painted.height if painted else 0,
        canvas_width=1920,
        canvas_height=1080,
        moving=moving,
        path=str(path),
    )


def compare(painted, screenshot):
    return Compare(
        request_id=3,
        screenshot=screenshot,
        painted_path=painted.path,
        x=painted.x,
        y=painted.y,
        width=painted.width,
        height=painted.height,
        canvas_width=1920,
        canvas_height=1080,
    )


def test_a_rehearsal_sees_its_notice_in_the_stand_in_and_not_without_it(qapp, tmp_path):
    painted = pictures_main.answer(paint(tmp_path / "n.png"))
    assert isinstance(painted, Painted)
    with_it, without = tmp_path / "with.png", tmp_path / "without.png"
    assert isinstance(pictures_main.answer(compose(painted, with_it)), Composed)
    assert isinstance(pictures_main.answer(compose(None, without, 9)), Composed)
    found = pictures_main.answer(compare(painted, with_it.read_bytes()))
    gone = pictures_main.answer(compare(painted, without.read_bytes()))
    assert isinstance(found, Compared)
    assert found.seen
    assert found.similarity > 0.86
    assert not gone.seen
    assert not gone.black


def test_two_frames_of_the_stand_in_differ(qapp, tmp_path):
    for moving in (1, 2):
        pictures_main.answer(compose(None, tmp_path / f"{moving}.png", moving))
    assert QImage(str(tmp_path / "1.png")) != QImage(str(tmp_path / "2.png"))


@pytest.mark.parametrize(
    ("why", "change"),
    [
        ("no canvas", {"canvas_width": 0}),
        ("a canvas beyond all broadcasts", {"canvas_height": 1 << 20}),
        ("a folder that is not there", {"path": "/no/such/folder/n.png"}),
    ],
)
def test_what_cannot_be_painted_is_said(qapp, tmp_path, why, change):
    reply = pictures_main.answer(msgspec.structs.replace(paint(tmp_path / "n.png"), **change))
    assert isinstance(reply, Failed), why


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_whatever_the_screenshot_is_there_is_an_answer(qapp, data):
    assert isinstance(pictures_main.answer(Hash(request_id=1, screenshot=data)), Failed | Hashed)


def test_nothing_is_left_of_a_half_written_picture(qapp, tmp_path):
    pictures_main.answer(paint(tmp_path / "n.png"))
    assert [file.name for file in tmp_path.iterdir()] == ["n.png"]


def test_the_process_answers_in_order_and_ends_with_its_stdin(tmp_path):
    requests = [paint(tmp_path / f"{n}.png", n) for n in (1, 2, 3)]
    garbage = (5).to_bytes(4, "big") + b"\xc1junk"
    fed = b"".join(map(pack, requests)) + garbage + pack(Hash(request_id=9, screenshot=b"x"))
    ended = subprocess.run(
        [sys.executable, "-m", "hostdesk.pictures_main"],
        input=fed,
        capture_output=True,
        timeout=60,
        check=True,
    )
    replies = [read_reply(body) for body in Unframer().receive(ended.stdout)]
    assert [reply.request_id for reply in replies] == [1, 2, 3, 0, 9]
    assert all(isinstance(reply, Painted) for reply in replies[:3])
    assert all(isinstance(reply, Failed) for reply in replies[3:])
    assert ended.stderr == b""
