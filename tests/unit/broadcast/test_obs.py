"""The kept connection: it comes back from everything, and says what is wrong meanwhile."""

import asyncio

import pytest

from hostdesk import text
from hostdesk.broadcast import obs as obs_module
from hostdesk.broadcast.obs import pause_s
from hostdesk.broadcast.obs_errors import ObsRemoteError
from hostdesk.broadcast.obs_link import ObsAddress
from hostdesk.errors import (
    ObsKickedError,
    ObsPasswordError,
    ObsSilentError,
    ObsUnreachableError,
)
from hostdesk.events import Health, ObsState, Stream
from tests.fakes.fake_obs import FakeObs
from tests.unit.broadcast.conftest import desk_of, hide, running, show


async def test_the_first_contact_tells_how_obs_stands(desk):
    state = await desk.until_linked()
    assert (state.obs_version, state.scene) == ("29.0.2", "Live")
    assert (state.streaming, state.recording) == (False, False)
    stream = await desk.posts.until(lambda e: isinstance(e, Stream))
    assert (stream.state, stream.reason) == ("stopped", "idle")
    health = await desk.posts.until(lambda e: isinstance(e, Health))
    assert (health.fps, health.picture, health.skipped_ratio) == (30.0, "ok", None)


async def test_the_uplink_is_told_as_it_changes(desk):
    mark = desk.posts.mark()
    for state in ("STARTING", "STARTED", "RECONNECTING", "RECONNECTING", "RECONNECTED"):
        await desk.fake.stream(state)
    await desk.posts.until(lambda e: isinstance(e, Stream) and e.state == "reconnected", after=mark)
    told = [e.state for e in desk.posts.events[mark:] if isinstance(e, Stream)]
    assert told == ["started", "reconnecting", "reconnected"]
    assert desk.posts.of(ObsState)[-1].streaming


async def test_meters_become_the_microphones_level(desk):
    mark = desk.posts.mark()
    meter = {"inputName": "mic", "inputLevelsMul": [[0.05, 0.1, 0.1]]}
    await desk.fake.tell("InputVolumeMeters", 1 << 16, inputs=[meter])
    heard = await desk.posts.until(
        lambda e: isinstance(e, Health) and e.mic_peak_db is not None, after=mark
    )
    assert heard.mic_peak_db == -20.0


async def test_an_obs_that_is_not_there_yet_is_waited_for(tmp_path):
    fake = FakeObs()
    await fake.start()
    await fake.stop()
    async with running(desk_of(fake, tmp_path)) as desk:
        state = await desk.until_linked(linked=False)
        assert state.error_code == "obs_unreachable"
        assert state.params == {"host": "127.0.0.1", "port": fake.port}
        with pytest.raises(ObsUnreachableError):
            await desk.obs.perform(show())
        await fake.start()
        await desk.until_linked()
        assert len(desk.posts.of(ObsState)) == 2, "the same trouble is told once"
        await fake.stop()
        lost = await desk.until_linked(linked=False, after=desk.posts.mark() - 1)
        assert lost.error_code == "obs_unreachable"


async def test_a_wrong_password_is_said_and_the_right_one_used_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(obs_module, "LONGEST_PAUSE_S", 600)
    async with FakeObs() as fake, running(desk_of(fake, tmp_path, password="no")) as desk:
        state = await desk.until_linked(linked=False)
        assert state.error_code == "obs_password"
        with pytest.raises(ObsPasswordError):
            await desk.obs.perform(hide())
        desk.obs.use(ObsAddress("127.0.0.1", fake.port, fake.password))
        await desk.until_linked()


async def test_a_hung_obs_is_told_and_found_again(desk):
    desk.fake.hangs.set()
    mark = desk.posts.mark()
    with pytest.raises(ObsSilentError):
        await desk.obs.perform(show())
    state = await desk.until_linked(linked=False, after=mark)
    assert state.error_code == "obs_silent"
    desk.fake.hangs.clear()
    await desk.until_linked(after=mark)


async def test_being_kicked_is_told_and_we_come_back(desk):
    mark = desk.posts.mark()
    await desk.fake.kick(4011)
    state = await desk.until_linked(linked=False, after=mark)
    assert (state.error_code, state.params) == ("obs_kicked", {"close_code": 4011})
    await desk.until_linked(after=mark)


async def test_an_obs_elsewhere_cannot_read_our_pictures_and_that_is_said(desk):
    desk.obs.use(ObsAddress("192.0.2.1", 4455))
    with pytest.raises(ObsRemoteError) as refusal:
        await desk.obs.perform(show())
    for locale in text.LOCALES:
        message, hint = text.words(locale).error(refusal.value.code, refusal.value.params)
        assert "192.0.2.1" in message
        assert hint


async def test_a_stopped_edge_leaves_no_task_behind(tmp_path):
    before = len(asyncio.all_tasks())
    async with FakeObs() as fake, running(desk_of(fake, tmp_path)) as desk:
        await desk.until_linked()
    assert len(asyncio.all_tasks()) == before


async def test_a_cancel_that_comes_with_a_lost_link_is_heeded(desk):
    """On Python 3.11 the TaskGroup reports the error and forgets the cancel."""
    desk.obs.use(ObsAddress("127.0.0.1", 1))  # the fixture cancels in the same turn


@pytest.mark.parametrize(
    ("why", "trouble", "attempts", "expected"),
    [
        (
            "doubles up to ten seconds",
            ObsUnreachableError(host="", port=1),
            range(7),
            [0.5, 0.5, 1, 2, 4, 8, 10],
        ),
        ("a person must act first", ObsPasswordError(), range(2), [10, 10]),
        ("thrown out on purpose", ObsKickedError(close_code=4011), range(2), [10, 10]),
    ],
)
def test_pauses_between_attempts(monkeypatch, why, trouble, attempts, expected):
    monkeypatch.setattr(obs_module, "FIRST_PAUSE_S", 0.5)
    monkeypatch.setattr(obs_module, "LONGEST_PAUSE_S", 10.0)
    assert [pause_s(trouble, n, 0.5) for n in attempts] == pytest.approx(expected), why
    assert pause_s(trouble, 10**6, 1.0) <= 12.1
