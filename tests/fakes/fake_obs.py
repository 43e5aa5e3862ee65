"""An obs-websocket 5 server without OBS behind it: scenes, inputs and items as plain data.

Written from the protocol document, not from our client. `obs_conversation.converse` holds
it and a real OBS to the same answers. Its screenshots are JSON that tells what a picture
would show; `FakePictures` reads them.
"""

# ruff: noqa: N803 - the arguments of a request have the names of the protocol

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

OUTPUT = "OBS_WEBSOCKET_OUTPUT_"
REMOVAL_S = 0.02
"""RemoveInput answers first; the name stays taken for a moment."""


class RefusalError(Exception):
    """A request that OBS answers with a status other than 100."""

    def __init__(self, code: int, comment: str = "") -> None:
        super().__init__(code, comment)
        self.code = code
        self.comment = comment


@dataclass
class Item:
    item_id: int
    source: str
    enabled: bool = True
    locked: bool = False
    transform: dict[str, Any] = field(default_factory=dict)


@dataclass
class FakeObs:
    """``async with FakeObs() as obs``; then change it as a user would, with the methods."""

    password: str = "secret"
    canvas: tuple[int, int] = (1920, 1080)
    port: int = 0

    def __post_init__(self) -> None:
        self.scenes: dict[str, list[Item]] = {"Live": []}
        self.inputs: dict[str, dict[str, Any]] = {}
        self.program = "Live"
        self.streaming = self.reconnecting = self.recording = self.virtual_cam = False
        self.studio = False
        self.black = False
        self.counters = {"skipped": 0, "total": 0}
        self.refuses: dict[str, RefusalError] = {}
        self.asked: list[str] = []
        self.hangs = asyncio.Event()
        self._next_item = 1
        self._frame = 0
        self._clients: dict[ServerConnection, int] = {}
        self._server: Server | None = None

    # ------------------------------------------------------------ starting and ending

    async def __aenter__(self) -> "FakeObs":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await serve(self._talk, "127.0.0.1", self.port, close_timeout=0.2)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self.hangs.clear()
        if self._server:
            self._server.close()
            await self._server.wait_closed()
        self._server = None
        self._clients.clear()

    async def kick(self, code: int) -> None:
        for client in list(self._clients):
            await client.close(code, "kicked")

    @property
    def client_count(self) -> int:
        return len(self._clients)

    # ------------------------------------------------------------ what a user would do

    def items(self, scene: str | None = None) -> list[str]:
        return [item.source for item in self.scenes[scene or self.program]]

    async def switch(self, scene: str) -> None:
        self.scenes.setdefault(scene, [])
        self.program = scene
        await self.tell("CurrentProgramSceneChanged", 4, sceneName=scene)

    async def set_enabled(self, source: str, enabled: bool) -> None:
        scene, item = self._find(source)
        item.enabled = enabled
        data = {"sceneName": scene, "sceneItemId": item.item_id, "sceneItemEnabled": enabled}
        await self.tell("SceneItemEnableStateChanged", 128, **data)

    async def cover(self) -> None:
        self.scenes[self.program].append(Item(self._new_id(), "cover"))
        data = {"sceneName": self.program, "sceneItemId": self._next_item - 1}
        await self.tell("SceneItemCreated", 128, sourceName="cover", **data)

    async def delete_item(self, source: str) -> None:
        await self._drop(*self._find(source))

    async def stream(self, state: str) -> None:
        if state != "STARTING":
            self.streaming = state != "STOPPED"
            self.reconnecting = state == "RECONNECTING"
        active = state in ("STARTED", "RECONNECTED")
        await self.tell("StreamStateChanged", 64, outputActive=active, outputState=OUTPUT + state)

    async def tell(self, kind: str, intent: int, **data: Any) -> None:
        frame = {
            "op": 5,
            "d": {"eventType": kind, "eventIntent": intent, "eventData": data},
        }
        for client, wants in list(self._clients.items()):
            if wants & intent:
                with contextlib.suppress(ConnectionClosed):
                    await client.send(json.dumps(frame))

    def _find(self, source: str) -> tuple[str, Item]:
        for scene, items in self.scenes.items():
            for item in items:
                if item.source == source:
                    return scene, item
        raise AssertionError(f"{source} is in no scene")

    def _new_id(self) -> int:
        self._next_item += 1
        return self._next_item - 1

    # ------------------------------------------------------------ the conversation

    async def _talk(self, client: ServerConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            if await self._let_in(client):
                async for text in client:
                    await self._answer(client, json.loads(text))
        self._clients.pop(client, None)

    async def _let_in(self, client: ServerConnection) -> bool:
        challenge, salt = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        hello: dict[str, Any] = {"obsWebSocketVersion": "5.1.0", "rpcVersion": 1}
        if self.password:
            hello["authentication"] = {"challenge": challenge, "salt": salt}
        await client.send(json.dumps({"op": 0, "d": hello}))
        identify = json.loads(await client.recv())
        if identify["op"] != 1:
            await client.close(4007, "not identified")
            return False
        told = identify["d"]
        if told["rpcVersion"] != 1:
            await client.close(4010, "unsupported rpcVersion")
            return False
        secret = _b64(self.password + salt)
        if self.password and told.get("authentication") != _b64(secret + challenge):
            await client.close(4009, "Authentication failed.")
            return False
        self._clients[client] = told.get("eventSubscriptions", 2047)
        await client.send(json.dumps({"op": 2, "d": {"negotiatedRpcVersion": 1}}))
        return True

    async def _answer(self, client: ServerConnection, frame: dict[str, Any]) -> None:
        while self.hangs.is_set():
            await asyncio.sleep(0.01)
        asked = frame["d"]
        name = asked["requestType"]
        self.asked.append(name)
        answer = {"requestType": name, "requestId": asked["requestId"]}
        try:
            data = await self._work(name, asked.get("requestData", {}))
            answer["requestStatus"] = {"result": True, "code": 100}
            if data is not None:
                answer["responseData"] = data
        except RefusalError as no:
            status = {"result": False, "code": no.code, "comment": no.comment}
            answer["requestStatus"] = status
        await client.send(json.dumps({"op": 7, "d": answer}))

    async def _work(self, name: str, data: dict[str, Any]) -> dict[str, Any] | None:
        if refusal := self.refuses.get(name):
            raise refusal
        work: Callable[..., Any] | None = getattr(self, f"_on_{name}", None)
        if work is None:
            raise RefusalError(204, "unknown request")
        return await work(**data)

    # ------------------------------------------------------------ requests

    async def _on_GetVersion(self) -> dict[str, Any]:
        return {
            "obsVersion": "29.0.2",
            "obsWebSocketVersion": "5.1.0",
            "rpcVersion": 1,
            "availableRequests": [n[4:] for n in dir(self) if n.startswith("_on_")],
            "supportedImageFormats": ["jpg", "png"],
        }

    async def _on_GetVideoSettings(self) -> dict[str, Any]:
        width, height = self.canvas
        return {"baseWidth": width, "baseHeight": height, "fpsNumerator": 30}

    async def _on_GetStats(self) -> dict[str, Any]:
        return {"activeFps": 30.0, "outputSkippedFrames": 0, "outputTotalFrames": 0}

    async def _on_GetStreamStatus(self) -> dict[str, Any]:
        return {
            "outputActive": self.streaming,
            "outputReconnecting": self.reconnecting,
            "outputCongestion": 0.0,
            "outputSkippedFrames": self.counters["skipped"],
            "outputTotalFrames": self.counters["total"],
        }

    async def _on_GetRecordStatus(self) -> dict[str, Any]:
        return {"outputActive": self.recording, "outputPaused": False}

    async def _on_GetVirtualCamStatus(self) -> dict[str, Any]:
        if not self.virtual_cam:
            raise RefusalError(604, "VirtualCam is not available.")
        return {"outputActive": True}

    async def _on_GetStudioModeEnabled(self) -> dict[str, Any]:
        return {"studioModeEnabled": self.studio}

    async def _on_GetSpecialInputs(self) -> dict[str, Any]:
        return {"desktop1": None, "mic1": None}

    async def _on_GetCurrentProgramScene(self) -> dict[str, Any]:
        return {"currentProgramSceneName": self.program}

    async def _on_SetCurrentProgramScene(self, sceneName: str) -> None:
        self._scene(sceneName)
        await self.switch(sceneName)

    async def _on_CreateScene(self, sceneName: str) -> None:
        if sceneName in self.scenes or sceneName in self.inputs:
            raise RefusalError(601, "A source already exists by that scene name.")
        self.scenes[sceneName] = []

    async def _on_GetInputList(self, inputKind: str = "") -> dict[str, Any]:
        inputs = [
            {"inputName": name, "inputKind": entry["kind"]}
            for name, entry in self.inputs.items()
            if inputKind in ("", entry["kind"])
        ]
        return {"inputs": inputs}

    async def _on_CreateInput(
        self,
        sceneName: str,
        inputName: str,
        inputKind: str,
        inputSettings: dict[str, Any] | None = None,
        sceneItemEnabled: bool = True,
    ) -> dict[str, Any]:
        scene = self._scene(sceneName)
        if inputName in self.inputs or inputName in self.scenes:
            raise RefusalError(601, "A source already exists by that input name.")
        if inputKind not in ("image_source", "color_source_v3", "ffmpeg_source"):
            raise RefusalError(605, "Your specified input kind is not supported by OBS.")
        self.inputs[inputName] = {"kind": inputKind, "settings": inputSettings or {}}
        scene.append(Item(self._new_id(), inputName, sceneItemEnabled))
        data = {"sceneName": sceneName, "sceneItemId": scene[-1].item_id}
        await self.tell("SceneItemCreated", 128, sourceName=inputName, **data)
        await self.tell("InputCreated", 8, inputName=inputName, inputKind=inputKind)
        return {"sceneItemId": scene[-1].item_id}

    async def _on_CreateSceneItem(
        self, sceneName: str, sourceName: str, sceneItemEnabled: bool = True
    ) -> dict[str, Any]:
        scene = self._scene(sceneName)
        self._input(sourceName)
        scene.append(Item(self._new_id(), sourceName, sceneItemEnabled))
        return {"sceneItemId": scene[-1].item_id}

    async def _on_RemoveInput(self, inputName: str) -> None:
        """The scene on air lets go of it by itself; the others keep hold (seen on OBS 29)."""
        if inputName not in self.inputs:
            raise RefusalError(600, f"No source was found by the name of `{inputName}`.")
        if not self.inputs[inputName].get("going"):
            self.inputs[inputName]["going"] = True
            await self.tell("InputRemoved", 8, inputName=inputName)
        for item in [i for i in self.scenes[self.program] if i.source == inputName]:
            await self._drop(self.program, item)
        self._let_go(inputName)

    async def _on_GetSceneList(self) -> dict[str, Any]:
        scenes = [{"sceneIndex": n, "sceneName": name} for n, name in enumerate(self.scenes)]
        return {"currentProgramSceneName": self.program, "scenes": scenes}

    async def _on_GetSceneItemList(self, sceneName: str) -> dict[str, Any]:
        items = [
            {
                "sceneItemId": item.item_id,
                "sceneItemIndex": index,
                "sourceName": item.source,
                "sceneItemEnabled": item.enabled,
                "sceneItemLocked": item.locked,
                "sceneItemTransform": item.transform,
            }
            for index, item in enumerate(self._scene(sceneName))
        ]
        return {"sceneItems": items}

    async def _on_GetSceneItemId(self, sceneName: str, sourceName: str) -> dict[str, Any]:
        for item in self._scene(sceneName):
            if item.source == sourceName:
                return {"sceneItemId": item.item_id}
        raise RefusalError(600, "No scene items were found.")

    async def _on_RemoveSceneItem(self, sceneName: str, sceneItemId: int) -> None:
        await self._drop(sceneName, self._item(sceneName, sceneItemId))

    async def _on_SetSceneItemEnabled(
        self, sceneName: str, sceneItemId: int, sceneItemEnabled: bool
    ) -> None:
        self._item(sceneName, sceneItemId).enabled = sceneItemEnabled

    async def _on_SetSceneItemLocked(
        self, sceneName: str, sceneItemId: int, sceneItemLocked: bool
    ) -> None:
        self._item(sceneName, sceneItemId).locked = sceneItemLocked

    async def _on_SetSceneItemTransform(
        self, sceneName: str, sceneItemId: int, sceneItemTransform: dict[str, Any]
    ) -> None:
        if not sceneItemTransform:
            raise RefusalError(403, "Your provided sceneItemTransform is empty.")
        if sceneItemTransform.get("boundsWidth", 1) < 1:
            raise RefusalError(402, "The field value of `boundsWidth` is below the minimum.")
        self._item(sceneName, sceneItemId).transform |= sceneItemTransform

    async def _on_GetSourceScreenshot(
        self, sourceName: str, imageFormat: str, **_size: int
    ) -> dict[str, Any]:
        shown: list[dict[str, Any]] = []
        for item in self._scene(sourceName):
            if item.source == "cover":
                shown.clear()
            elif item.enabled:
                settings = self.inputs[item.source]["settings"]
                shown.append(
                    {
                        "file": settings.get("file"),
                        "x": item.transform.get("positionX"),
                        "y": item.transform.get("positionY"),
                    }
                )
        self._frame += 1
        told = {"shown": shown, "black": self.black, "frame": self._frame}
        body = base64.b64encode(json.dumps(told).encode()).decode()
        return {"imageData": f"data:image/{imageFormat};base64,{body}"}

    async def _drop(self, scene: str, item: Item) -> None:
        self.scenes[scene].remove(item)
        data = {"sceneName": scene, "sceneItemId": item.item_id, "sourceName": item.source}
        await self.tell("SceneItemRemoved", 128, **data)
        self._let_go(item.source)

    def _let_go(self, name: str) -> None:
        held = any(item.source == name for items in self.scenes.values() for item in items)
        if not held and self.inputs.get(name, {}).get("going"):
            asyncio.get_running_loop().call_later(REMOVAL_S, self.inputs.pop, name, None)

    def _scene(self, name: str) -> list[Item]:
        if name not in self.scenes:
            raise RefusalError(600, f"No source was found by the name of `{name}`.")
        return self.scenes[name]

    def _input(self, name: str) -> dict[str, Any]:
        if name not in self.inputs or self.inputs[name].get("going"):
            raise RefusalError(600, f"No source was found by the name of `{name}`.")
        return self.inputs[name]

    def _item(self, scene: str, item_id: int) -> Item:
        for item in self._scene(scene):
            if item.item_id == item_id:
                return item
        raise RefusalError(600, f"No scene items were found with the ID of `{item_id}`.")


def _b64(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
