"""What we rely on OBS for, as one conversation. The fake and the real one must both pass it."""

import asyncio
from pathlib import Path

import pytest

from hostdesk.broadcast.obs_answers import (
    Canvas,
    InputList,
    OutputStatus,
    ProgramScene,
    SceneItemId,
    SceneItemList,
    SceneList,
    Stats,
    StreamStatus,
    StudioMode,
    Version,
)
from hostdesk.broadcast.obs_link import ObsLink
from hostdesk.errors import ObsRefusedError

NAME = "hostdesk-conversation"


async def converse(link: ObsLink, image: Path) -> None:
    """Ask all that hostdesk asks, in the order of a notice's life."""
    await _facts(link)
    scene = (await link.ask("GetCurrentProgramScene", ProgramScene)).current_program_scene_name
    before = await _sources(link, scene)
    item_id = await _create(link, scene, image)
    assert await _sources(link, scene) == [*before, NAME], "a new item is on top"
    await _place(link, scene, item_id)
    shot = await link.screenshot(scene, (320, 180), "jpg")
    assert shot
    await _move_along(link, scene, item_id)
    await link.tell("RemoveInput", inputName=NAME)
    assert NAME in await _inputs(link), "a scene that is not on air keeps hold of it"
    await link.tell("RemoveInput", inputName=NAME)
    await _take_out(link, "conversation 2")
    async with asyncio.timeout(3):
        while NAME in await _inputs(link):
            await asyncio.sleep(0.02)
    await _refused(600, link.tell("RemoveInput", inputName="never there"))
    assert await _sources(link, scene) == before


async def _facts(link: ObsLink) -> None:
    version = await link.ask("GetVersion", Version)
    assert {"GetSourceScreenshot", "CreateInput"} <= version.available_requests
    assert "jpg" in version.supported_image_formats
    assert (await link.ask("GetVideoSettings", Canvas)).base_width > 0
    assert not (await link.ask("GetStreamStatus", StreamStatus)).output_active
    assert not (await link.ask("GetRecordStatus", OutputStatus)).output_active
    assert not (await link.ask("GetStudioModeEnabled", StudioMode)).studio_mode_enabled
    assert (await link.ask("GetStats", Stats)).active_fps >= 0
    await link.ask("GetSpecialInputs", dict)
    await _refused(204, link.tell("NoSuchRequest"))
    await _refused(600, link.screenshot("no such scene", (320, 180), "jpg"))


async def _create(link: ObsLink, scene: str, image: Path) -> int:
    wanted = {
        "sceneName": scene,
        "inputName": NAME,
        "inputKind": "image_source",
        "inputSettings": {"file": str(image)},
        "sceneItemEnabled": False,
    }
    made = await link.ask("CreateInput", SceneItemId, **wanted)
    await _refused(601, link.tell("CreateInput", **wanted))
    odd = wanted | {"inputName": "odd", "inputKind": "no_such_kind"}
    await _refused(605, link.tell("CreateInput", **odd))
    return made.scene_item_id


async def _place(link: ObsLink, scene: str, item_id: int) -> None:
    item = {"sceneName": scene, "sceneItemId": item_id}
    transform = {"positionX": 10.0, "positionY": 20.0, "alignment": 5}
    await link.tell("SetSceneItemTransform", **item, sceneItemTransform=transform)
    await _refused(403, link.tell("SetSceneItemTransform", **item, sceneItemTransform={}))
    await link.tell("SetSceneItemLocked", **item, sceneItemLocked=True)
    await link.tell("SetSceneItemEnabled", **item, sceneItemEnabled=True)
    listing = await link.ask("GetSceneItemList", SceneItemList, sceneName=scene)
    assert listing.scene_items[-1].scene_item_enabled
    gone = {"sceneName": scene, "sceneItemId": 99_999, "sceneItemEnabled": True}
    await _refused(600, link.tell("SetSceneItemEnabled", **gone))


async def _move_along(link: ObsLink, scene: str, item_id: int) -> None:
    await link.tell("CreateScene", sceneName="conversation 2")
    await link.ask("CreateSceneItem", SceneItemId, sceneName="conversation 2", sourceName=NAME)
    await link.tell("RemoveSceneItem", sceneName=scene, sceneItemId=item_id)
    await _refused(600, link.tell("RemoveSceneItem", sceneName=scene, sceneItemId=item_id))
    assert await _sources(link, "conversation 2") == [NAME]


async def _take_out(link: ObsLink, scene: str) -> None:
    scenes = (await link.ask("GetSceneList", SceneList)).scenes
    assert scene in [entry.scene_name for entry in scenes]
    made = await link.ask("GetSceneItemId", SceneItemId, sceneName=scene, sourceName=NAME)
    await link.tell("RemoveSceneItem", sceneName=scene, sceneItemId=made.scene_item_id)


async def _inputs(link: ObsLink) -> list[str]:
    return [entry.input_name for entry in (await link.ask("GetInputList", InputList)).inputs]


async def _sources(link: ObsLink, scene: str) -> list[str]:
    listing = await link.ask("GetSceneItemList", SceneItemList, sceneName=scene)
    return [item.source_name for item in listing.scene_items]


async def _refused(status: int, request) -> None:
    with pytest.raises(ObsRefusedError) as refusal:
        await request
    assert refusal.value.params["status"] == status, refusal.value.params
