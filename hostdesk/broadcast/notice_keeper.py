"""Keeps OBS's picture as it was asked for: the notice up, in the programme, proven; or gone."""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from hostdesk import paths
from hostdesk.broadcast.notice_item import NoticeItem
from hostdesk.broadcast.obs_answers import Canvas, ProgramScene
from hostdesk.broadcast.obs_errors import ObsStudioModeError
from hostdesk.broadcast.obs_facts import ObsFacts
from hostdesk.broadcast.obs_link import ObsLink
from hostdesk.broadcast.obs_protocol import ObsEvent
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import Painted, SafeArea
from hostdesk.broadcast.proof import Look, ProofWatch
from hostdesk.broadcast.scene_eyes import SceneEyes
from hostdesk.commands import ShowNotice
from hostdesk.errors import HostdeskError, ObsOnAirError, ObsRefusedError, PicturesError
from hostdesk.ports import NowMs, Post

CLOSING_S = 0.6
"""An OBS that is being closed removes everything first and says so afterwards."""

SafeAreas = Callable[[str], tuple[SafeArea, SafeArea]]
"""Platform → its safe area on a landscape and on a portrait canvas."""

_REBUILDS = ("CurrentSceneCollectionChanged", "CurrentProfileChanged")
_TOUCHES = (
    "SceneItemEnableStateChanged",
    "SceneItemCreated",
    "SceneItemRemoved",
    "SceneItemListReindexed",
    "StudioModeStateChanged",
    "CurrentProgramSceneChanged",
)

_log = logging.getLogger(__name__)


class NoticeKeeper:
    """Lives as long as the program; is given each new link to OBS."""

    def __init__(
        self,
        facts: ObsFacts,
        pictures: Pictures,
        now_ms: NowMs,
        folder: Path,
        safe_areas: SafeAreas,
        rehearsal: bool,
    ) -> None:
        self._facts = facts
        self._pictures = pictures
        self._now_ms = now_ms
        self._folder = folder
        self._safe_areas = safe_areas
        self._rehearsal = rehearsal
        self._item = NoticeItem(rehearsal=rehearsal)
        self._eyes = SceneEyes(facts, self._item, pictures)
        self._proof = ProofWatch(self._look, now_ms)
        self._numbers = itertools.count(1)
        self._lock = asyncio.Lock()
        self._stirred = asyncio.Event()
        self._link: ObsLink | None = None
        self._wanted: ShowNotice | None = None
        self._painted: Painted | None = None
        self._canvas = Canvas(1920, 1080)
        self._lost = self._rebuilt = self._restored = False

    def expect(self, command: ShowNotice) -> None:
        """This notice should be up already: put it up (again) as soon as OBS is there."""
        self._wanted = command

    async def show(self, link: ObsLink, command: ShowNotice) -> None:
        """Put the notice up instead of what stands. If that fails, nothing of ours stands.

        Raises:
            HostdeskError: OBS or the painter said no, or did not answer.
        """
        async with self._lock:
            self._guard()
            if self._facts.is_studio:
                raise ObsStudioModeError(request="ShowNotice", status=0, reason="studio_mode")
            self._proof.rest()
            self._wanted, self._restored = command, False
            try:
                await self._put_up(link, command)
            except HostdeskError:
                await self._give_up(link)
                raise
            self._proof.watch(command.notice_id)

    async def hide(self, link: ObsLink | None) -> None:
        """Take the notice down; without a link it is removed when OBS is back.

        Raises:
            ObsError: OBS said no, or did not answer.
        """
        async with self._lock:
            self._proof.rest()
            self._wanted = self._painted = None
            self._item.forget()
            if link:
                await self._item.remove(link)
                self._delete_files()

    async def connected(self, link: ObsLink, post: Post) -> None:
        """OBS is there (again): remove what was left behind, restore what should stand."""
        async with self._lock:
            self._link = link
            self._lost = self._rebuilt = self._restored = False
            self._item.forget()
            await self._resettle(link, post)

    async def keep(self, link: ObsLink, post: Post) -> NoReturn:
        """Follow the programme, notice losses, prove what is seen. Raises as the link does."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._proof.run(post))
            tasks.create_task(self._follow(link, post))
        raise AssertionError("both run for ever")

    def disconnected(self, post: Post) -> None:
        """OBS is gone: nobody knows whether the notice is seen."""
        self._link = None
        if self._wanted:
            self._proof.say(post, Look("no_picture"), self._wanted.notice_id)
        self._proof.rest()

    def receive(self, event: ObsEvent) -> None:
        """Take one event of OBS (after `ObsFacts` took it)."""
        if event.name in _TOUCHES:
            self._proof.poke()
        if self._takes_ours(event):
            self._lost = True
        elif event.name == "InputNameChanged" and event.data.get("oldInputName") == self._item.name:
            self._item.rename(str(event.data.get("inputName", "")))
        elif (
            event.name == "SceneNameChanged" and event.data.get("oldSceneName") == self._item.scene
        ):
            self._item.scene = str(event.data.get("sceneName", ""))
        elif event.name in _REBUILDS:
            self._rebuilt = True
        if self._is_due():
            self._stirred.set()

    def _takes_ours(self, event: ObsEvent) -> bool:
        if not self._item.name or self._facts.is_changing:
            return False
        if event.name == "InputRemoved":
            return event.data.get("inputName") == self._item.name
        place = (event.data.get("sceneName"), event.data.get("sceneItemId"))
        return event.name == "SceneItemRemoved" and place == (self._item.scene, self._item.item_id)

    def _is_due(self) -> bool:
        strayed = bool(self._item.name) and self._item.scene != self._facts.scene
        return self._lost or self._rebuilt or strayed or self._is_forbidden()

    def _is_forbidden(self) -> bool:
        return self._rehearsal and self._facts.is_on_air and self._wanted is not None

    async def _follow(self, link: ObsLink, post: Post) -> None:
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            if self._lost and not self._rebuilt:
                await asyncio.sleep(CLOSING_S)
            if self._facts.is_exiting or self._facts.is_changing:
                continue
            async with self._lock:
                await self._settle(link, post)

    async def _settle(self, link: ObsLink, post: Post) -> None:
        lost, self._lost = self._lost, False
        rebuilt, self._rebuilt = self._rebuilt, False
        if rebuilt or self._is_forbidden():
            await self._resettle(link, post)
        elif lost and self._wanted:
            await self._restore(link, post)
        elif self._item.name and self._item.scene != self._facts.scene:
            await self._move(link, post)

    async def _resettle(self, link: ObsLink, post: Post) -> None:
        if self._is_forbidden():
            await self._withdraw(link, post)
        elif self._wanted is None:
            await self._clear(link)
        else:
            await self._again(link, post)

    async def _clear(self, link: ObsLink) -> None:
        """Remove what was left behind; where OBS will not, the show goes on all the same."""
        try:
            await self._item.remove(link)
        except ObsRefusedError as exc:
            _log.warning("OBS keeps an old notice: %s", exc)
        self._delete_files()

    async def _restore(self, link: ObsLink, post: Post) -> None:
        """Somebody deleted our item. Once that may be a slip; twice is a wish."""
        self._proof.say(post, Look("hidden"))
        self._item.forget()
        if self._restored:
            self._proof.rest()
            self._wanted = self._painted = None
            await self._clear(link)
            return
        self._restored = True
        await self._again(link, post)

    async def _move(self, link: ObsLink, post: Post) -> None:
        try:
            await self._item.follow(link, self._facts.scene)
        except ObsRefusedError:
            _log.info("the notice could not follow the scene; it is made anew")
            await self._again(link, post)
        self._proof.poke()

    async def _again(self, link: ObsLink, post: Post) -> None:
        """Put up what is wanted without having been asked anew: a refusal is told as unseen."""
        assert self._wanted
        self._proof.rest()
        try:
            await self._put_up(link, self._wanted)
        except (ObsRefusedError, PicturesError) as exc:
            _log.warning("the notice could not be restored: %s", exc.code)
            self._proof.say(post, Look("hidden"), self._wanted.notice_id)
            return
        self._proof.watch(self._wanted.notice_id)

    async def _withdraw(self, link: ObsLink, post: Post) -> None:
        """A rehearsal must not reach anybody: OBS went on air."""
        assert self._wanted
        notice_id = self._wanted.notice_id
        self._proof.rest()
        self._wanted = self._painted = None
        await self._clear(link)
        self._proof.say(post, Look("hidden"), notice_id)

    def _guard(self) -> None:
        if self._rehearsal and self._facts.is_on_air:
            raise ObsOnAirError()

    async def _put_up(self, link: ObsLink, command: ShowNotice) -> None:
        self._canvas = await link.ask("GetVideoSettings", Canvas)
        scene = await link.ask("GetCurrentProgramScene", ProgramScene)
        self._facts.scene = scene.current_program_scene_name
        self._painted = await self._paint(command)
        await self._item.place(link, self._facts.scene, self._painted)
        self._delete_files()
        if self._item.scene != self._facts.scene:  # switched while we were at it
            self._stirred.set()

    async def _paint(self, command: ShowNotice) -> Painted:
        landscape, portrait = self._safe_areas(command.platform)
        return await self._pictures.paint(
            command.notice_kind,
            command.text,
            locale=command.locale,
            canvas=(self._canvas.base_width, self._canvas.base_height),
            safe=portrait if self._canvas.is_portrait else landscape,
            path=str(self._new_file()),
        )

    def _new_file(self) -> Path:
        """OBS keeps a picture of an old name in memory: each one gets a name of its own."""
        try:
            folder = paths.make_private(self._folder)
        except OSError as exc:
            raise PicturesError(detail=str(exc)) from exc
        return folder / f"notice-{self._now_ms()}-{next(self._numbers)}.png"

    def _delete_files(self) -> None:
        kept = self._painted.path if self._painted else ""
        for file in self._folder.glob("notice-*.png"):
            if str(file) != kept:
                with contextlib.suppress(OSError):
                    file.unlink()

    async def _give_up(self, link: ObsLink) -> None:
        self._wanted = self._painted = None
        self._item.forget()
        with contextlib.suppress(HostdeskError):
            await self._item.remove(link)

    async def _look(self) -> Look:
        if self._link is None or self._painted is None or self._facts.is_changing:
            return Look("no_picture")
        canvas = (self._canvas.base_width, self._canvas.base_height)
        return await self._eyes.look(self._link, self._painted, canvas)
