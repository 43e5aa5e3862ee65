"""The picture of a rehearsal without OBS: drawn here, with the notice really on it.

Same interface as `Obs`. What it proves is proven in the same way: the notice is painted,
put on a picture that moves, and looked for in that picture by the pictures process.
"""

import asyncio
import contextlib
import itertools
import logging
from pathlib import Path
from typing import assert_never

import msgspec

from hostdesk import paths
from hostdesk.broadcast.notice_keeper import SafeAreas
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import Painted
from hostdesk.broadcast.proof import Look, ProofWatch
from hostdesk.commands import HideNotice, NoticeCommand, ShowNotice
from hostdesk.errors import PicturesError
from hostdesk.events import Health, ObsState, StreamState
from hostdesk.ports import NowMs, Post

LANDSCAPE = (1920, 1080)
HEALTH_EVERY_S = 2.0

_CALM = Health(at_ms=0, fps=30.0, skipped_ratio=0.0, congestion=0.0, picture="ok")
_log = logging.getLogger(__name__)


class RehearsalStage:
    """Stands in for OBS where nobody may see what is rehearsed."""

    source_id = "obs"

    def __init__(
        self,
        pictures: Pictures,
        folder: Path,
        safe_areas: SafeAreas,
        now_ms: NowMs,
        *,
        canvas: tuple[int, int] = LANDSCAPE,
        health: bool = True,
    ) -> None:
        self._pictures = pictures
        self._now_ms = now_ms
        self._folder = folder
        self._safe_areas = safe_areas
        self._canvas = canvas
        self._tells_health = health
        self._stream: StreamState = "stopped"
        self._streamed = asyncio.Event()
        self._numbers = itertools.count(1)
        self._frames = itertools.count(1)
        self._lock = asyncio.Lock()
        self._painted: Painted | None = None
        self._proof = ProofWatch(self._look, now_ms)

    @property
    def picture(self) -> Path:
        """The newest stand-in picture, for a window to show."""
        return self._folder / "stage.png"

    def note_stream(self, state: StreamState) -> None:
        """The recording says what the uplink does; `Stream` itself is the recording's to post."""
        self._stream = state
        self._streamed.set()

    def expect(self, command: ShowNotice) -> None:
        """A rehearsal starts with an empty picture; the notice of before is not put up."""

    async def run(self, post: Post) -> None:
        """Say that the stage stands, then prove notices until cancelled."""
        post([self._state()])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._proof.run(post))
            tasks.create_task(self._tell_stream(post))
            if self._tells_health:
                tasks.create_task(self._tell_health(post))

    async def perform(self, command: NoticeCommand) -> None:
        """Put a notice on the stand-in picture, or take it off.

        Raises:
            PicturesError: the notice could not be painted.
        """
        async with self._lock:
            self._proof.rest()
            self._painted = None
            match command:
                case ShowNotice():
                    self._painted = await self._paint(command)
                    self._proof.watch(command.notice_id)
                case HideNotice():
                    await self._compose()
                case _:
                    assert_never(command)
            self._delete_files()

    async def close(self) -> None:
        """The rehearsal is over: no picture is left."""
        async with self._lock:
            self._proof.rest()
            self._painted = None
            self._delete_files()
            with contextlib.suppress(OSError):
                self.picture.unlink(missing_ok=True)

    async def _paint(self, command: ShowNotice) -> Painted:
        landscape, portrait = self._safe_areas(command.platform)
        width, height = self._canvas
        name = f"notice-{self._now_ms()}-{next(self._numbers)}.png"
        return await self._pictures.paint(
            command.notice_kind,
            command.text,
            locale=command.locale,
            canvas=self._canvas,
            safe=portrait if height > width else landscape,
            path=str(self._private_folder() / name),
        )

    async def _compose(self) -> bytes:
        self._private_folder()
        composed = await self._pictures.compose(
            self._painted, self._canvas, moving=next(self._frames), path=str(self.picture)
        )
        try:
            return await asyncio.to_thread(Path(composed.path).read_bytes)
        except OSError as exc:
            raise PicturesError(detail=str(exc)) from exc

    async def _look(self) -> Look:
        painted = self._painted
        if painted is None:
            return Look("hidden")
        try:
            frame = await self._compose()
            compared = await self._pictures.compare(frame, painted, self._canvas)
        except PicturesError as exc:
            _log.warning("no stand-in picture: %s", exc.params.get("detail", ""))
            return Look("no_picture")
        if compared.seen:
            return Look("seen", compared.similarity)
        return Look("no_picture" if compared.black else "differs", compared.similarity)

    async def _tell_stream(self, post: Post) -> None:
        while True:
            await self._streamed.wait()
            self._streamed.clear()
            post([self._state()])

    async def _tell_health(self, post: Post) -> None:
        while True:
            if self._stream in ("started", "reconnected"):
                post([msgspec.structs.replace(_CALM, at_ms=self._now_ms())])
            await asyncio.sleep(HEALTH_EVERY_S)

    def _state(self) -> ObsState:
        streaming = self._stream != "stopped"
        return ObsState(
            at_ms=self._now_ms(), linked=True, obs_version="rehearsal", streaming=streaming
        )

    def _private_folder(self) -> Path:
        try:
            return paths.make_private(self._folder)
        except OSError as exc:
            raise PicturesError(detail=str(exc)) from exc

    def _delete_files(self) -> None:
        kept = self._painted.path if self._painted else ""
        for file in self._folder.glob("notice-*.png"):
            if str(file) != kept:
                with contextlib.suppress(OSError):
                    file.unlink()
