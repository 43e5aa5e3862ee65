"""The notice in OBS: up when asked, proven, along with the programme, and gone without a trace."""

import asyncio

import pytest

from hostdesk import text
from hostdesk.broadcast.obs_errors import ObsStudioModeError
from hostdesk.errors import ObsOnAirError, ObsRefusedError, ObsSilentError, PicturesError
from hostdesk.events import NoticeProof
from tests.fakes.fake_obs import FakeObs, RefusalError
from tests.fakes.posts import Posts
from tests.unit.broadcast.conftest import LANDSCAPE, PORTRAIT, desk_of, hide, running, show


def ours(fake, scene=None):
    return [name for name in fake.items(scene) if name.startswith("hostdesk-")]


async def put_up(desk, number=1, **kwargs):
    await desk.obs.perform(show(number, **kwargs))
    await desk.until_proof("seen", number)


async def test_a_notice_goes_up_is_seen_and_comes_down(desk, tmp_path):
    desk.fake.scenes["Live"] = []
    await put_up(desk)
    (item,) = desk.fake.scenes["Live"]
    assert item.enabled
    assert item.locked
    assert (item.transform["positionX"], item.transform["positionY"]) == (100.0, 200.0)
    assert desk.fake.inputs[item.source]["kind"] == "image_source"

    await desk.obs.perform(hide())
    assert desk.fake.items() == []
    assert list((tmp_path / "pictures").glob("*.png")) == []


async def test_it_lies_above_everything_and_leaves_the_users_items_alone(desk):
    desk.fake.inputs["camera"] = {"kind": "ffmpeg_source", "settings": {}}
    await desk.fake._on_CreateSceneItem("Live", "camera")
    before = desk.fake.items()
    await put_up(desk)
    assert desk.fake.items()[:-1] == before
    await desk.obs.perform(hide())
    assert desk.fake.items() == before


@pytest.mark.parametrize(("canvas", "safe"), [((1920, 1080), LANDSCAPE), ((1080, 1920), PORTRAIT)])
async def test_it_is_painted_for_the_canvas_and_the_platforms_safe_area(desk, canvas, safe):
    desk.fake.canvas = canvas
    await put_up(desk)
    assert desk.pictures.canvases == [canvas]
    assert desk.pictures.safe == [safe]


async def test_a_new_notice_replaces_the_old_one(desk):
    await put_up(desk, 1)
    await put_up(desk, 2, text="已经恢复")
    assert len(ours(desk.fake)) == 1
    mark = desk.posts.mark()
    await desk.until_proof("seen", 2, after=mark)
    assert {e.notice_id for e in desk.posts.events[mark:] if isinstance(e, NoticeProof)} == {
        "notice-2"
    }


async def test_what_is_so_is_said_again_and_again(desk):
    await put_up(desk)
    for _ in range(3):
        mark = desk.posts.mark()
        await desk.until_proof("seen", after=mark)


@pytest.mark.parametrize(
    ("why", "act", "reason"),
    [
        ("the eye was clicked", lambda f, n: f.set_enabled(n, False), "hidden"),
        ("something was put above it", lambda f, _n: f.cover(), "differs"),
    ],
)
async def test_a_notice_that_cannot_be_seen_is_never_called_seen(desk, why, act, reason):
    await put_up(desk)
    mark = desk.posts.mark()
    await act(desk.fake, ours(desk.fake)[0])
    proof = await desk.until_proof(reason, after=mark)
    assert not proof.seen, why


async def test_moved_elsewhere_or_black_is_not_seen(desk):
    await put_up(desk)
    desk.fake.scenes["Live"][0].transform["positionX"] = 900.0
    await desk.until_proof("differs", after=desk.posts.mark())
    desk.fake.scenes["Live"][0].transform["positionX"] = 100.0
    await desk.until_proof("seen", after=desk.posts.mark())
    desk.fake.black = True
    await desk.until_proof("no_picture", after=desk.posts.mark())


async def test_it_follows_the_programme_into_another_scene(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    await desk.fake.switch("Products")
    await desk.until_proof("seen", after=mark)
    assert ours(desk.fake, "Live") == []
    assert len(ours(desk.fake, "Products")) == 1


async def test_a_scene_deleted_under_it_makes_it_anew_in_the_next(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    for name in ours(desk.fake):
        del desk.fake.inputs[name]
    del desk.fake.scenes["Live"]
    await desk.fake.switch("Products")
    await desk.until_proof("seen", after=mark)
    assert len(ours(desk.fake, "Products")) == 1


async def test_an_item_deleted_once_is_said_and_restored_twice_is_respected(desk):
    await put_up(desk)
    for once in (True, False):
        mark = desk.posts.mark()
        await desk.fake.delete_item(ours(desk.fake)[0])
        await desk.until_proof("hidden", after=mark)
        if once:
            await desk.until_proof("seen", after=mark)
    assert ours(desk.fake) == []


async def test_an_obs_that_is_closing_did_not_lose_our_item(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    desk.fake.refuses["CreateInput"] = RefusalError(207, "closing")
    await desk.fake.delete_item(ours(desk.fake)[0])
    await desk.fake.tell("ExitStarted", 1)
    await desk.fake.stop()
    await desk.until_proof("no_picture", after=mark)
    desk.fake.refuses.clear()
    await desk.fake.start()
    await desk.until_proof("seen", after=mark)


async def test_after_a_restart_of_obs_the_notice_stands_again(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    await desk.fake.stop()
    proof = await desk.until_proof("no_picture", after=mark)
    assert not proof.seen
    await desk.fake.start()
    await desk.until_proof("seen", after=mark)
    assert len(ours(desk.fake)) == 1


async def test_what_was_taken_down_while_obs_was_away_does_not_come_back(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    await desk.fake.stop()
    await desk.until_linked(linked=False, after=mark)
    with pytest.raises(Exception, match="obs_unreachable"):
        await desk.obs.perform(hide())
    await desk.fake.start()
    await desk.until_linked(after=mark)
    assert ours(desk.fake) == []


async def test_another_scene_collection_gets_the_notice_too(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    await desk.fake.tell("CurrentSceneCollectionChanging", 2)
    desk.fake.scenes, desk.fake.inputs, desk.fake.program = {"Other": []}, {}, "Other"
    await desk.fake.tell("CurrentSceneCollectionChanged", 2)
    await desk.until_proof("seen", after=mark)
    assert len(ours(desk.fake, "Other")) == 1


async def test_leftovers_of_a_crashed_run_are_removed(tmp_path):
    async with FakeObs() as fake:
        for name in ("hostdesk-notice-1", "hostdesk-rehearsal-7", "my hostdesk logo"):
            await fake._on_CreateInput("Live", name, "image_source", {"file": "x"})
        async with running(desk_of(fake, tmp_path)) as desk:
            await desk.until_linked()
            await put_up(desk)
            assert fake.items()[0] == "my hostdesk logo"
            assert len(fake.items()) == 2


async def test_leftovers_in_a_scene_that_is_not_on_air_are_removed_too(tmp_path):
    async with FakeObs() as fake:
        fake.scenes["Pause"] = []
        await fake._on_CreateInput("Pause", "hostdesk-notice-1", "image_source", {"file": "x"})
        async with running(desk_of(fake, tmp_path)) as desk:
            await desk.until_linked()
            assert fake.items("Pause") == []


@pytest.mark.expects_log
async def test_a_leftover_that_obs_keeps_does_not_stop_the_show(tmp_path):
    async with FakeObs() as fake:
        await fake._on_CreateInput("Live", "hostdesk-notice-1", "image_source", {"file": "x"})
        fake.refuses["RemoveInput"] = RefusalError(205, "no")
        async with running(desk_of(fake, tmp_path)) as desk:
            await desk.until_linked()
            with pytest.raises(ObsRefusedError):
                await desk.obs.perform(hide())


async def test_a_show_that_goes_on_after_a_crash_keeps_its_notice(tmp_path):
    async with FakeObs() as fake:
        async with running(desk_of(fake, tmp_path)) as before:
            await before.until_linked()
            await put_up(before)
        assert ours(fake) == ["hostdesk-notice-1"], "the engine died: nobody took it down"
        again = desk_of(fake, tmp_path)
        again.obs.expect(show())
        async with running(again):
            await again.until_proof("seen")
            assert len(ours(fake)) == 1


@pytest.mark.expects_log
async def test_a_notice_of_before_a_crash_is_tried_again_where_obs_does_not_answer(tmp_path):
    """What a person asks now fails once OBS is silent; what stood is not given up for that."""
    async with FakeObs() as fake:
        again = desk_of(fake, tmp_path)
        again.obs.expect(show())
        async with running(again):
            await again.until_linked()
            fake.hangs.set()
            with pytest.raises(ObsSilentError):
                await again.obs.perform(show(2))
            await again.until_linked(linked=False)
            restoring = asyncio.create_task(again.obs.perform(show()))
            await asyncio.sleep(0)
            fake.hangs.clear()
            await restoring
            await again.until_proof("seen")
            assert len(ours(fake)) == 1


async def test_when_the_show_ends_the_item_is_gone(desk):
    await put_up(desk)
    await desk.obs.close()
    assert ours(desk.fake) == []


async def test_closing_without_obs_does_not_fail(desk):
    await desk.fake.stop()
    await desk.until_linked(linked=False)
    await desk.obs.close()


@pytest.mark.parametrize("request_name", ["CreateInput", "SetSceneItemTransform"])
async def test_a_refusal_leaves_nothing_behind(desk, request_name):
    desk.fake.refuses[request_name] = RefusalError(205, "no")
    with pytest.raises(ObsRefusedError):
        await desk.obs.perform(show())
    assert ours(desk.fake) == []
    assert desk.posts.of(NoticeProof) == []


async def test_a_painter_that_fails_is_said(desk):
    desk.pictures.broken = True
    with pytest.raises(PicturesError):
        await desk.obs.perform(show())
    assert ours(desk.fake) == []


async def test_a_name_that_is_still_taken_is_stepped_over(desk):
    desk.fake.inputs["hostdesk-notice-1"] = {"kind": "color_source_v3", "settings": {}}
    await put_up(desk)
    assert ours(desk.fake) == ["hostdesk-notice-2"]


async def test_a_renamed_item_is_ours_all_the_same(desk):
    await put_up(desk)
    (name,) = ours(desk.fake)
    desk.fake.inputs["公告"] = desk.fake.inputs.pop(name)
    desk.fake.scenes["Live"][0].source = "公告"
    await desk.fake.tell("InputNameChanged", 8, oldInputName=name, inputName="公告")
    await desk.until_proof("seen", after=desk.posts.mark())
    await desk.obs.perform(hide())
    assert desk.fake.items() == []


async def test_in_studio_mode_viewers_see_a_copy_so_it_is_refused_with_a_hint(desk):
    await put_up(desk)
    mark = desk.posts.mark()
    desk.fake.studio = True
    await desk.fake.tell("StudioModeStateChanged", 1024, studioModeEnabled=True)
    await desk.until_proof("no_picture", after=mark)
    with pytest.raises(ObsStudioModeError) as refusal:
        await desk.obs.perform(show(2))
    for locale in text.LOCALES:
        assert "OBS" in text.words(locale).error(refusal.value.code, refusal.value.params)[0]


@pytest.mark.parametrize("output", ["streaming", "recording", "virtual_cam"])
async def test_a_rehearsal_does_not_touch_an_obs_that_is_on_air(tmp_path, output):
    async with FakeObs() as fake:
        setattr(fake, output, True)
        async with running(desk_of(fake, tmp_path, rehearsal=True)) as desk:
            await desk.until_linked()
            with pytest.raises(ObsOnAirError):
                await desk.obs.perform(show())
            assert fake.items() == []


async def test_a_rehearsal_leaves_the_picture_when_obs_goes_on_air(tmp_path):
    async with FakeObs() as fake, running(desk_of(fake, tmp_path, rehearsal=True)) as desk:
        await desk.until_linked()
        await put_up(desk)
        assert ours(fake) == ["hostdesk-rehearsal-1"]
        mark = desk.posts.mark()
        await fake.stream("STARTING")
        await desk.until_proof("hidden", after=mark)
        assert fake.items() == []


async def test_a_rehearsal_keeps_its_hands_off_the_notice_of_a_real_show(desk, tmp_path):
    await put_up(desk)
    async with running(desk_of(desk.fake, tmp_path / "r", rehearsal=True)) as rehearsal:
        await rehearsal.until_linked()
        await rehearsal.obs.perform(hide())
    assert ours(desk.fake) == ["hostdesk-notice-1"]
    assert isinstance(rehearsal.posts, Posts)
