"""The one thing that hostdesk puts into a user's OBS: an image, in the programme scene.

Its input has a name of its own (`PREFIX` and a number, ASCII, never used twice in a run).
All else in OBS stays as it is.
"""

import asyncio
import itertools
import logging

from hostdesk.broadcast.obs_answers import InputList, SceneItemId, SceneItemList, SceneList
from hostdesk.broadcast.obs_link import ANSWER_TIMEOUT_S, ObsLink
from hostdesk.broadcast.obs_protocol import Status
from hostdesk.broadcast.pictures_protocol import Painted
from hostdesk.errors import ObsRefusedError

PREFIX = "hostdesk-notice-"
REHEARSAL_PREFIX = "hostdesk-rehearsal-"
"""Apart, so that a rehearsal never touches the notice of a real show."""

_KIND = "image_source"
_TOP_LEFT = 5
"""Alignment bits of SetSceneItemTransform: left 1, top 4."""

_GONE_POLL_S = 0.03
_NAME_ATTEMPTS = 20

_log = logging.getLogger(__name__)


class NoticeItem:
    """Creates, moves along and removes our image. Callers hold a lock around each call."""

    def __init__(self, *, rehearsal: bool) -> None:
        self._prefix = REHEARSAL_PREFIX if rehearsal else PREFIX
        self._cleans = (self._prefix,) if rehearsal else (PREFIX, REHEARSAL_PREFIX)
        self._numbers = itertools.count(1)
        self._painted: Painted | None = None
        self._renamed: set[str] = set()
        self.name = ""
        """Our input in OBS; empty while none should be there."""
        self.scene = ""
        self.item_id = 0

    async def place(self, link: ObsLink, scene: str, painted: Painted) -> None:
        """Put ``painted`` on top of ``scene``, then remove what stood there of ours.

        Raises:
            ObsError: nothing of this call is left, as far as OBS still answers.
        """
        item_id, name = await self._create(link, scene, painted)
        self.name, self.scene, self.item_id, self._painted = name, scene, item_id, painted
        try:
            await self._arrange(link)
        except ObsRefusedError:
            await self.remove(link)
            raise
        try:
            await self.clean(link)
        except ObsRefusedError as exc:
            _log.warning("OBS keeps an old notice below the new one: %s", exc)

    async def follow(self, link: ObsLink, scene: str) -> None:
        """The programme changed: take the item along into ``scene``.

        Raises:
            ObsRefusedError: our input is gone (its scene was deleted, say), or OBS says no.
        """
        old_scene, old_item = self.scene, self.item_id
        made = await link.ask(
            "CreateSceneItem",
            SceneItemId,
            sceneName=scene,
            sourceName=self.name,
            sceneItemEnabled=False,
        )
        self.scene, self.item_id = scene, made.scene_item_id
        await self._arrange(link)
        await self._drop(link, old_scene, old_item)

    async def remove(self, link: ObsLink) -> None:
        """Remove everything of ours and wait until OBS has it no more.

        Raises:
            ObsError: OBS said no, or the item is still there after the time limit.
        """
        self.forget()
        await self.clean(link)

    async def clean(self, link: ObsLink) -> None:
        """Remove inputs of ours other than the current one: of before, or of a crashed run.

        OBS lets a removed input go once no scene holds it any more, and a scene that is not
        on air notices nothing: there the item is taken out by name (seen on OBS 29).

        Raises:
            ObsRefusedError: OBS agreed, but it is still there after the time limit.
        """
        leftovers: list[str] = []
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                while leftovers := await self._leftovers(link):
                    for name in leftovers:
                        await self._remove_input(link, name)
                    await asyncio.sleep(_GONE_POLL_S)
                    await self._take_out(link, leftovers)
        except TimeoutError as exc:
            name = ", ".join(leftovers)
            raise ObsRefusedError(request="RemoveInput", status=0, reason=name) from exc

    async def is_enabled(self, link: ObsLink) -> bool:
        """Whether our item stands in its scene and nobody switched it off."""
        try:
            listing = await link.ask("GetSceneItemList", SceneItemList, sceneName=self.scene)
        except ObsRefusedError:
            return False
        ours = [item for item in listing.scene_items if item.scene_item_id == self.item_id]
        return bool(ours) and ours[0].scene_item_enabled

    def rename(self, name: str) -> None:
        """The user gave our input another name: it is ours all the same."""
        self._renamed.add(name)
        self.name = name

    def forget(self) -> None:
        """No item of ours should be there any more."""
        self.name, self.scene, self.item_id, self._painted = "", "", 0, None

    async def _create(self, link: ObsLink, scene: str, painted: Painted) -> tuple[int, str]:
        for _ in range(_NAME_ATTEMPTS):
            name = f"{self._prefix}{next(self._numbers)}"
            try:
                made = await link.ask(
                    "CreateInput",
                    SceneItemId,
                    sceneName=scene,
                    inputName=name,
                    inputKind=_KIND,
                    inputSettings={"file": painted.path, "unload": False},
                    sceneItemEnabled=False,
                )
            except ObsRefusedError as exc:
                if exc.params["status"] != Status.ALREADY_EXISTS:
                    raise
            else:
                return made.scene_item_id, name
        raise ObsRefusedError(
            request="CreateInput", status=int(Status.ALREADY_EXISTS), reason=self._prefix
        )

    async def _arrange(self, link: ObsLink) -> None:
        """A new item is on top of its scene already; it is shown once it is in its place."""
        assert self._painted
        item = {"sceneName": self.scene, "sceneItemId": self.item_id}
        transform = {
            "positionX": float(self._painted.x),
            "positionY": float(self._painted.y),
            "alignment": _TOP_LEFT,
            "rotation": 0.0,
            "scaleX": 1.0,
            "scaleY": 1.0,
            "boundsType": "OBS_BOUNDS_NONE",
        }
        await link.tell("SetSceneItemTransform", **item, sceneItemTransform=transform)
        await link.tell("SetSceneItemLocked", **item, sceneItemLocked=True)
        await link.tell("SetSceneItemEnabled", **item, sceneItemEnabled=True)

    async def _drop(self, link: ObsLink, scene: str, item_id: int) -> None:
        try:
            await link.tell("RemoveSceneItem", sceneName=scene, sceneItemId=item_id)
        except ObsRefusedError as exc:
            if exc.params["status"] != Status.NOT_FOUND:
                raise

    async def _leftovers(self, link: ObsLink) -> list[str]:
        listing = await link.ask("GetInputList", InputList, inputKind=_KIND)
        names = [entry.input_name for entry in listing.inputs]
        return [name for name in names if self._is_ours(name) and name != self.name]

    def _is_ours(self, name: str) -> bool:
        return name.startswith(self._cleans) or name in self._renamed

    async def _take_out(self, link: ObsLink, names: list[str]) -> None:
        still = set(names) & set(await self._leftovers(link))
        scenes = await link.ask("GetSceneList", SceneList) if still else SceneList(())
        for scene in scenes.scenes:
            listing = await link.ask("GetSceneItemList", SceneItemList, sceneName=scene.scene_name)
            for item in listing.scene_items:
                if item.source_name in still:
                    await self._drop(link, scene.scene_name, item.scene_item_id)

    async def _remove_input(self, link: ObsLink, name: str) -> None:
        try:
            await link.tell("RemoveInput", inputName=name)
        except ObsRefusedError as exc:
            if exc.params["status"] != Status.NOT_FOUND:
                raise
