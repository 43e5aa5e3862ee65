"""A rehearsal without OBS: the notice is really painted, placed and looked for."""

import asyncio
import contextlib

import pytest

from hostdesk.broadcast.rehearsal_stage import RehearsalStage
from hostdesk.errors import PicturesError
from hostdesk.events import Health, NoticeProof, ObsState
from tests.fakes.fake_pictures import FakePictures
from tests.fakes.posts import Posts
from tests.unit.broadcast.conftest import LANDSCAPE, PORTRAIT, hide, now_ms, show


@contextlib.asynccontextmanager
async def stage(tmp_path, **options):
    pictures, posts = FakePictures(), Posts()
    made = RehearsalStage(
        pictures, tmp_path / "p", lambda _p: (LANDSCAPE, PORTRAIT), now_ms, **options
    )
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(made.run(posts))
        try:
            yield made, pictures, posts
        finally:
            run.cancel()


def proof(reason):
    return lambda e: isinstance(e, NoticeProof) and e.reason == reason


async def test_it_stands_in_for_obs(tmp_path):
    async with stage(tmp_path) as (made, _pictures, posts):
        state = await posts.until(lambda e: isinstance(e, ObsState))
        assert (state.linked, state.obs_version) == (True, "rehearsal")
        await made.perform(show())
        seen = await posts.until(proof("seen"))
        assert seen.notice_id == "notice-1"
        assert made.picture.exists()
        await made.perform(hide())
        assert list((tmp_path / "p").glob("notice-*")) == []


async def test_the_recordings_uplink_is_followed(tmp_path):
    async with stage(tmp_path) as (made, _pictures, posts):
        for state, streaming in (("started", True), ("reconnecting", True), ("stopped", False)):
            mark = posts.mark()
            made.note_stream(state)
            told = await posts.until(lambda e: isinstance(e, ObsState), after=mark)
            assert told.streaming is streaming, state


async def test_health_is_calm_while_the_recording_says_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr("hostdesk.broadcast.rehearsal_stage.HEALTH_EVERY_S", 0.02)
    async with stage(tmp_path) as (made, _pictures, posts):
        made.note_stream("started")
        health = await posts.until(lambda e: isinstance(e, Health))
        assert (health.fps, health.picture) == (30.0, "ok")


async def test_a_recording_with_its_own_health_is_not_contradicted(tmp_path):
    async with stage(tmp_path, health=False) as (made, _pictures, posts):
        made.note_stream("started")
        await made.perform(show())
        await posts.until(proof("seen"))
        assert posts.of(Health) == []


async def test_a_portrait_stage_uses_the_portrait_safe_area(tmp_path):
    async with stage(tmp_path, canvas=(1080, 1920)) as (made, pictures, posts):
        await made.perform(show())
        await posts.until(proof("seen"))
        assert pictures.safe == [PORTRAIT]


@pytest.mark.expects_log
async def test_a_painter_that_fails_is_said_and_one_that_fails_later_is_no_picture(tmp_path):
    async with stage(tmp_path) as (made, pictures, posts):
        await made.perform(show())
        await posts.until(proof("seen"))
        pictures.broken = True
        await posts.until(proof("no_picture"))
        with pytest.raises(PicturesError):
            await made.perform(show(2))


async def test_the_end_leaves_no_picture(tmp_path):
    async with stage(tmp_path) as (made, _pictures, posts):
        await made.perform(show())
        await posts.until(proof("seen"))
        await made.close()
        assert list((tmp_path / "p").iterdir()) == []
