"""The main thing, end to end: the real window, a real engine, a real OBS that really streams."""

import asyncio
import time

import pytest
from PySide6.QtGui import QImage

from hostdesk.broadcast.obs_answers import StreamStatus
from hostdesk.events import NoticeAsked, NoticeDownAsked, StartShowAsked
from hostdesk.settings import Settings
from hostdesk.settings_file import save
from hostdesk.text import words
from tests.e2e.engine_process import EngineProcess, until
from tests.e2e.real_obs import PASSWORD, SCENE, RtmpServer, moving_video, running_obs
from tests.e2e.real_window import RealWindow
from tests.e2e.test_obs_notice import alike, our_item, show_film, user_of

pytestmark = pytest.mark.e2e
TEXT = "画面卡了 3 分钟，抱歉 🙏 9号 链接重讲一遍"
CANVAS = (1920, 1080)


@pytest.fixture
def streaming_obs(tmp_path):
    """An OBS with a moving picture that streams to a real RTMP server."""
    with running_obs(tmp_path / "obs") as obs:
        server = RtmpServer(tmp_path / "rtmp", obs.rtmp_port)
        server.start()
        try:
            asyncio.run(_go_live(obs, moving_video(tmp_path / "film.mp4")))
            yield obs, server
        finally:
            server.stop()


@pytest.fixture
def desk(streaming_obs, tmp_path):
    """The engine of a real show, beside that OBS."""
    obs, _ = streaming_obs
    data = tmp_path / "data"
    data.mkdir()
    save(data, Settings(obs_port=obs.port))
    engine = EngineProcess(
        data,
        "--stay",
        environment={"HOSTDESK_OBS_PASSWORD": PASSWORD},
        home=data,
    )
    engine.start()
    yield engine
    engine.stop()


async def _go_live(obs, film):
    async with user_of(obs) as user:
        await show_film(user, film)
        await user.tell("StartStream")
        while not (await user.ask("GetStreamStatus", StreamStatus)).output_active:
            await asyncio.sleep(0.1)


def picture_of(obs):
    """What OBS itself shows now, whether our item is in the scene, and where."""

    async def look():
        async with user_of(obs) as user:
            shot = await user.screenshot(SCENE, CANVAS, "png")
            listing = await user.ask("GetSceneItemList", dict, sceneName=SCENE)
            names = [item["sourceName"] for item in listing["sceneItems"]]
            ours = None
            if any(name.startswith("hostdesk-") for name in names):
                item = await our_item(user)
                told = await user.ask("GetInputSettings", dict, inputName=item["sourceName"])
                ours = (item["sceneItemTransform"], told["inputSettings"]["file"])
            return QImage.fromData(shot), names, ours

    return asyncio.run(look())


def test_up_is_seen_in_obs_and_down_is_gone(streaming_obs, desk, record_property, tmp_path):
    obs, server = streaming_obs
    window = RealWindow(desk.data, obs.display, "--size", "1180x760")
    try:
        window.until(lambda state: not state["away"], "the link to the engine")
        with desk.seat() as seat:
            seat.until(
                lambda: seat.panels["status"].stream == "started" if seat.panels else False,
                what="the engine to know that OBS streams",
            )
        _, before, ours = picture_of(obs)
        assert ours is None
        pressed = time.monotonic()
        window.put_up(TEXT)
        record_property("press_to_seen_s", round(time.monotonic() - pressed, 2))
        shot, _, (place, file) = picture_of(obs)
        at = (round(place["positionX"]), round(place["positionY"]))
        assert alike(shot, QImage(file), at) > 0.98, "OBS's own picture holds what was painted"
        assert window.do("grab", str(tmp_path / "window.png"))

        server.kill()
        state = window.until(lambda state: state["phase"] == "no_uplink", "the uplink to be down")
        assert "看不到" in state["line"]
        server.start()
        window.until(lambda state: state["phase"] == "seen", "the uplink to be back")

        window.do("press_down")
        window.until(lambda state: state["phase"] == "none", "撤下")
        shot, after, ours = picture_of(obs)
        assert ours is None
        assert after == before, "the user's scene is as it was"
    finally:
        window.close()


def test_a_killed_window_ends_nothing_and_a_new_one_shows_the_show_as_it_stands(
    streaming_obs, desk
):
    obs, _ = streaming_obs
    first = RealWindow(desk.data, obs.display)
    first.until(lambda state: not state["away"])
    first.put_up(TEXT, ("seen", "placed", "no_uplink"))
    first.kill()
    assert desk.is_up()
    second = RealWindow(desk.data, obs.display)
    try:
        second.until(lambda state: state["phase"] == "seen", "the notice that still stands")
    finally:
        second.close()


def test_the_notice_is_gone_from_obs_when_the_engine_ends(streaming_obs, desk):
    obs, _ = streaming_obs
    window = RealWindow(desk.data, obs.display)
    try:
        window.until(lambda state: not state["away"])
        window.put_up(TEXT)
        desk.stop()
        window.until(lambda state: state["away"], "the window to say that the engine is away")
    finally:
        window.close()
    _, _, ours = picture_of(obs)
    assert ours is None
    [show] = desk.shows()
    assert show.closed


def test_obs_gone_and_back_is_said_and_mended(streaming_obs, desk):
    obs, _ = streaming_obs
    with desk.seat() as seat:
        seat.until(lambda: "status" in seat.panels and seat.panels["status"].obs_linked)
        obs.kill()
        seat.until(lambda: not seat.panels["status"].obs_linked, what="OBS to be missed")
        assert seat.panels["status"].obs_error == "obs_unreachable"
        obs.start()
        seat.until(lambda: seat.panels["status"].obs_linked, what="OBS to be found again")
    until(desk.is_up)


@pytest.mark.expects_log
def test_a_killed_engine_comes_back_with_its_notice_still_up(streaming_obs, desk):
    obs, _ = streaming_obs
    with desk.seat() as seat:
        seat.until(lambda: "status" in seat.panels and seat.panels["status"].obs_linked)
        seat.put_up(TEXT)
        desk.kill()
    assert picture_of(obs)[2] is not None, "OBS still shows it while nobody is at the desk"
    desk.start()
    with desk.seat() as seat:
        seat.until(
            lambda: seat.panels.get("notice") and seat.panels["notice"].phase == "seen",
            what="the notice to be put up again",
        )
        assert seat.panels["notice"].text == TEXT
        assert seat.ask(NoticeDownAsked).ok
        seat.until(lambda: seat.panels["notice"].phase == "none", what="撤下")
    assert picture_of(obs)[2] is None
    assert len(desk.shows()) == 1


def test_a_wrong_password_is_said_with_what_to_do(streaming_obs, tmp_path):
    obs, _ = streaming_obs
    data = tmp_path / "other"
    data.mkdir()
    save(data, Settings(obs_port=obs.port))
    desk = EngineProcess(data, "--stay", environment={"HOSTDESK_OBS_PASSWORD": "wrong"}, home=data)
    desk.start()
    try:
        with desk.seat() as seat:
            seat.until(
                lambda: "status" in seat.panels and seat.panels["status"].obs_error,
                what="the password to be refused",
            )
            assert seat.panels["status"].obs_error == "obs_password"
            assert seat.ask(StartShowAsked, title="今晚").ok
            assert seat.ask(NoticeAsked, text=TEXT).ok
            seat.until(lambda: seat.panels["notice"].phase == "failed", what="the refusal")
            assert seat.panels["notice"].error_code == "obs_password"
    finally:
        desk.stop()
    message, hint = words("zh").error("obs_password", {})
    assert "密码" in message
    assert "WebSocket" in hint
