"""The engine's side of the pictures process: a child that may die, hang or talk nonsense."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from hostdesk.broadcast import pictures as pictures_module
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import SafeArea
from hostdesk.errors import PicturesError

CHILD = Path(__file__).parents[2] / "fakes" / "pictures_child.py"


@contextlib.asynccontextmanager
async def child(tmp_path, manner):
    marks = tmp_path / "starts"
    pictures = Pictures([sys.executable, str(CHILD), str(marks), manner])
    try:
        yield pictures, lambda: len(marks.read_text().splitlines()) if marks.exists() else 0
    finally:
        await pictures.close()


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))


async def test_one_warm_child_answers_all_requests(tmp_path):
    async with child(tmp_path, "good") as (pictures, starts):
        assert starts() == 0, "nothing is started before it is needed"
        await pictures.warm()
        hashed = await asyncio.gather(*(pictures.hash(b"x" * n) for n in range(1, 9)))
        assert [answer.hash for answer in hashed] == list(range(1, 9))
        painted = await pictures.paint(
            "apology",
            "抱歉",
            locale="zh",
            canvas=(1920, 1080),
            safe=SafeArea(),
            path=str(tmp_path / "a.png"),
        )
        assert (painted.x, painted.y) == (1, 2)
        assert starts() == 1


@pytest.mark.expects_log
async def test_a_child_that_died_is_started_again(tmp_path):
    async with child(tmp_path, "dies-once") as (pictures, starts):
        assert (await pictures.hash(b"abc")).hash == 3
        assert starts() == 2


@pytest.mark.expects_log
async def test_a_child_that_was_killed_between_two_requests_is_started_again(tmp_path):
    async with child(tmp_path, "good") as (pictures, starts):
        await pictures.warm()
        os.kill(pictures.pid, signal.SIGKILL)
        assert (await pictures.hash(b"abc")).hash == 3
        assert starts() == 2


@pytest.mark.expects_log
async def test_a_child_that_always_dies_is_said_and_not_tried_for_ever(tmp_path):
    async with child(tmp_path, "dies") as (pictures, starts):
        with pytest.raises(PicturesError):
            await pictures.hash(b"abc")
        assert starts() == 2


async def test_a_child_that_hangs_is_ended_in_time(tmp_path, monkeypatch):
    monkeypatch.setattr(pictures_module, "START_TIMEOUT_S", 1.0)
    async with child(tmp_path, "hangs") as (pictures, _starts):
        with pytest.raises(PicturesError):
            await pictures.hash(b"abc")
        assert pictures.pid is None


@pytest.mark.parametrize("manner", ["odd", "babbles"])
async def test_nonsense_is_our_own_error(tmp_path, manner):
    async with child(tmp_path, manner) as (pictures, _starts):
        with pytest.raises(PicturesError):
            await pictures.hash(b"abc")


async def test_what_it_cannot_do_is_said_and_the_child_stays(tmp_path):
    async with child(tmp_path, "good") as (pictures, starts):
        with pytest.raises(PicturesError, match="cannot"):
            await pictures.hash(b"")
        await pictures.hash(b"abc")
        assert starts() == 1


async def test_a_request_given_up_halfway_does_not_mix_up_the_next(tmp_path, monkeypatch):
    async with child(tmp_path, "good") as (pictures, _starts):
        await pictures.warm()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await pictures.hash(b"abc")
        assert (await pictures.hash(b"abcd")).hash == 4


async def test_closing_ends_the_child(tmp_path):
    async with child(tmp_path, "good") as (pictures, _starts):
        await pictures.warm()
        pid = pictures.pid
        await pictures.close()
        assert not psutil.pid_exists(pid)


async def test_a_program_that_is_not_there_is_said():
    with pytest.raises(PicturesError):
        await Pictures(["/no/such/program"]).hash(b"x")
