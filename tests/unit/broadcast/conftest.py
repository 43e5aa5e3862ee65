"""A kept connection to a fake OBS, running."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

import pytest

from hostdesk.broadcast import notice_keeper, obs, obs_link, proof
from hostdesk.broadcast.obs import Obs
from hostdesk.broadcast.obs_link import ObsAddress
from hostdesk.broadcast.pictures_protocol import SafeArea
from hostdesk.commands import HideNotice, ShowNotice
from hostdesk.events import CommandId, NoticeProof, ObsState
from tests.fakes.fake_obs import FakeObs
from tests.fakes.fake_pictures import FakePictures
from tests.fakes.posts import Posts

LANDSCAPE, PORTRAIT = SafeArea(left=0.1), SafeArea(left=0.2)


def now_ms():
    return time.monotonic_ns() // 1_000_000


def show(number=1, text="画面卡了，马上好"):
    return ShowNotice(
        command_id=CommandId(f"show-{number}"),
        notice_id=f"notice-{number}",
        notice_kind="progress",
        text=text,
        locale="zh",
        platform="douyin",
    )


def hide(number=1):
    return HideNotice(command_id=CommandId(f"hide-{number}"), notice_id=f"notice-{number}")


@dataclass
class Desk:
    """A fake OBS, our edge to it, and what the edge posts."""

    fake: FakeObs
    obs: Obs
    pictures: FakePictures
    posts: Posts = field(default_factory=Posts)

    async def until_linked(self, linked=True, after=0):
        return await self.posts.until(
            lambda e: isinstance(e, ObsState) and e.linked is linked, after=after
        )

    async def until_proof(self, reason, number=1, after=0):
        return await self.posts.until(
            lambda e: (
                isinstance(e, NoticeProof)
                and e.reason == reason
                and e.notice_id == f"notice-{number}"
            ),
            after=after,
        )


def desk_of(fake, folder, *, rehearsal=False, password=None):
    pictures = FakePictures()
    address = ObsAddress("127.0.0.1", fake.port, fake.password if password is None else password)
    edge = Obs(address, pictures, now_ms, folder, lambda _p: (LANDSCAPE, PORTRAIT), rehearsal)
    return Desk(fake, edge, pictures)


@contextlib.asynccontextmanager
async def running(desk):
    async with asyncio.TaskGroup() as tasks:
        run = tasks.create_task(desk.obs.run(desk.posts))
        try:
            yield desk
        finally:
            run.cancel()


@pytest.fixture(autouse=True)
def _brisk(monkeypatch):
    """The same behaviour in a tenth of the time."""
    monkeypatch.setattr(obs_link, "ANSWER_TIMEOUT_S", 0.5)
    monkeypatch.setattr(notice_keeper, "CLOSING_S", 0.05)
    monkeypatch.setattr(obs, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(obs, "LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(proof, "FIRST_LOOK_S", 0.02)
    monkeypatch.setattr(proof, "SOON_S", 0.05)
    monkeypatch.setattr(proof, "CALM_S", 0.2)
    monkeypatch.setattr(proof, "AGAIN_S", 0.02)
    monkeypatch.setattr(proof, "REPEAT_MS", 500)


@pytest.fixture
async def desk(tmp_path):
    async with FakeObs() as fake, running(desk_of(fake, tmp_path / "pictures")) as started:
        await started.until_linked()
        yield started
