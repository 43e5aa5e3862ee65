"""A checkpoint beside the loop: whole, or none at all."""

import os
import time

import pytest

from hostdesk import snapshots
from hostdesk.snapshots import Snapshots

LIMIT_S = 30


def until_ready(shots):
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        if (done := shots.ready()) is not None:
            return done
        time.sleep(0.005)
    raise AssertionError("never ready")


@pytest.fixture(params=[True, False], ids=["fork", "inline"])
def way(request, monkeypatch):
    monkeypatch.setattr(snapshots, "CAN_FORK", request.param)
    return request.param


def test_it_is_the_state_of_the_moment_it_began(way):
    state = ["before"]
    shots = Snapshots(lambda each: "".join(each).encode())
    shots.begin(7, state)
    state.append(" after")
    assert until_ready(shots) == (7, b"before")
    assert shots.ready() is None, "given once"


def test_one_at_a_time(way):
    shots = Snapshots(lambda each: each)
    shots.begin(1, b"one")
    if way:
        shots.begin(2, b"two")
    assert until_ready(shots) == (1, b"one")


@pytest.mark.expects_log
def test_a_child_that_fails_is_forgotten_and_the_next_one_works():
    def save(each):
        if each == b"bad":
            raise ZeroDivisionError
        return each

    shots = Snapshots(save)
    shots.begin(1, b"bad")
    end = time.monotonic() + LIMIT_S
    while shots._child and time.monotonic() < end:
        assert shots.ready() is None
    shots.begin(2, b"good")
    assert until_ready(shots) == (2, b"good")


def test_dropping_ends_the_child_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots.tempfile, "tempdir", str(tmp_path))
    shots = Snapshots(lambda each: time.sleep(LIMIT_S) or b"")
    shots.begin(1, None)
    child = shots._child
    shots.drop()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert shots.ready() is None


@pytest.mark.expects_log
@pytest.mark.parametrize("broken", ["mkstemp", "fork"])
def test_without_room_there_is_no_checkpoint_and_nothing_breaks(monkeypatch, broken):
    def refuses(*_, **__):
        raise OSError

    where = snapshots.tempfile if broken == "mkstemp" else snapshots.os
    monkeypatch.setattr(where, broken, refuses)
    shots = Snapshots(lambda each: each)
    shots.begin(1, b"one")
    assert shots.ready() is None


def test_the_child_holds_nothing_of_the_parent(tmp_path):
    held = (tmp_path / "lock").open("w")
    number = held.fileno()

    def save(_):
        try:
            os.fstat(number)
        except OSError:
            return b"let go"
        return b"held"

    shots = Snapshots(save)
    shots.begin(1, None)
    assert until_ready(shots) == (1, b"let go")
    held.close()
