"""OBS: one connection, kept for ever. Health in, notices out, proof that they are seen."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import assert_never

from hostdesk.broadcast.health_watch import HealthWatch
from hostdesk.broadcast.notice_keeper import NoticeKeeper, SafeAreas
from hostdesk.broadcast.obs_answers import (
    OutputStatus,
    ProgramScene,
    StreamStatus,
    StudioMode,
    Version,
)
from hostdesk.broadcast.obs_errors import ObsRemoteError
from hostdesk.broadcast.obs_facts import ObsFacts
from hostdesk.broadcast.obs_link import ObsAddress, ObsLink, first_known, open_link
from hostdesk.broadcast.obs_protocol import ObsEvent
from hostdesk.broadcast.pictures import Pictures
from hostdesk.commands import HideNotice, NoticeCommand, ShowNotice
from hostdesk.errors import (
    ObsError,
    ObsKickedError,
    ObsPasswordError,
    ObsRefusedError,
    ObsSilentError,
    ObsUnreachableError,
)
from hostdesk.events import ObsState, Stream
from hostdesk.ports import NowMs, Post

__all__ = ["Obs", "ObsAddress", "pause_s"]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
"""Between two attempts; also after a wrong password, which OBS logs each time."""

RESTORE_S = 30.0
"""For how long a notice that stood before a crash is tried again where OBS does not answer."""

_log = logging.getLogger(__name__)


class Obs:
    """The source of stream health and the output for notices.

    `run` for as long as the program lives; `perform` at any time; `close` at the end.
    """

    source_id = "obs"

    def __init__(
        self,
        address: ObsAddress,
        pictures: Pictures,
        now_ms: NowMs,
        pictures_folder: Path,
        safe_areas: SafeAreas,
        rehearsal: bool = False,
    ) -> None:
        self._address = address
        self._pictures = pictures
        self._now_ms = now_ms
        self._facts = ObsFacts()
        self._keeper = NoticeKeeper(
            self._facts, pictures, now_ms, pictures_folder, safe_areas, rehearsal
        )
        self._link: ObsLink | None = None
        self._redial = asyncio.Event()
        self._expected: ShowNotice | None = None
        self._trouble: ObsError = ObsUnreachableError(host=address.host, port=address.port)
        self._said: tuple[str, dict[str, str | int]] | None = None
        self._health = HealthWatch(self._facts, pictures, now_ms)

    def use(self, address: ObsAddress) -> None:
        """The settings changed: connect there, now."""
        self._address = address
        self._redial.set()

    def expect(self, command: ShowNotice) -> None:
        """Before `run`: a show goes on, and this notice should be up (it may be, or may not)."""
        self._expected = command
        self._keeper.expect(command)

    async def run(self, post: Post) -> None:
        """Keep a connection to OBS and post what it says. Ends only by being cancelled."""
        attempt = 0
        while True:
            self._redial.clear()
            try:
                await self._converse(post)
            except ObsError as exc:
                attempt = 0 if self._link else attempt + 1
                self._lose(exc, post)
            finally:
                self._link = None
            await self._pause(attempt)

    async def perform(self, command: NoticeCommand) -> None:
        """Show or hide a notice; return once OBS confirmed it.

        Raises:
            ObsOnAirError: a rehearsal, and OBS reaches an audience.
            ObsRemoteError: OBS is on another machine and cannot read our pictures.
            ObsError: why OBS cannot be reached, or what it refused.
            PicturesError: the notice could not be painted.
        """
        match command:
            case ShowNotice():
                if not self._address.is_here:
                    raise ObsRemoteError(
                        request="ShowNotice",
                        status=0,
                        reason="remote",
                        host=self._address.host,
                    )
                await self._show_or_restore(command)
            case HideNotice():
                self._expected = None
                await self._keeper.hide(self._link)
                if self._link is None:
                    raise self._trouble
            case _:
                assert_never(command)

    async def _show_or_restore(self, command: ShowNotice) -> None:
        """What a person asks fails at once; what stood before a crash may be tried again."""
        is_expected = command == self._expected
        end = time.monotonic() + (RESTORE_S if is_expected else 0)
        while True:
            try:
                await self._show(command)
            except (ObsSilentError, ObsUnreachableError):
                if time.monotonic() >= end or (is_expected and self._expected is None):
                    raise
                await asyncio.sleep(FIRST_PAUSE_S)
            else:
                return

    async def _show(self, command: ShowNotice) -> None:
        if self._link is None:
            raise self._trouble
        await self._keeper.show(self._link, command)

    async def close(self) -> None:
        """The end of the show: take our item out of OBS. Then cancel `run`."""
        try:
            await self._keeper.hide(self._link)
        except ObsError as exc:
            _log.warning("OBS kept our notice (%s); it is removed at the next start", exc.code)

    async def _converse(self, post: Post) -> None:
        async with open_link(self._address) as link:
            trouble = await _until_trouble(
                lambda: link.run(lambda event: self._receive(event, post)),
                lambda: self._serve(link, post),
                self._await_redial,
            )
            raise link.over or trouble

    async def _serve(self, link: ObsLink, post: Post) -> None:
        news = await self._learn(link)
        await self._keeper.connected(link, post)
        self._link, self._said = link, None
        post([self._facts.state(self._now_ms()), *news])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keeper.keep(link, post))
            tasks.create_task(self._health.run(link, post))

    async def _await_redial(self) -> None:
        await self._redial.wait()
        raise ObsUnreachableError(host=self._address.host, port=self._address.port)

    async def _learn(self, link: ObsLink) -> list[Stream]:
        """Ask OBS how things stand; return what changed with its stream."""
        version = await link.ask("GetVersion", Version)
        scene = await link.ask("GetCurrentProgramScene", ProgramScene)
        stream = await link.ask("GetStreamStatus", StreamStatus)
        facts = self._facts
        facts.version, facts.scene = version.obs_version, scene.current_program_scene_name
        facts.is_recording = await _is_active(link, "GetRecordStatus")
        facts.is_virtual_cam = await _is_active(link, "GetVirtualCamStatus")
        facts.is_studio = (await link.ask("GetStudioModeEnabled", StudioMode)).studio_mode_enabled
        return facts.begin(stream, self._now_ms())

    def _receive(self, event: ObsEvent, post: Post) -> None:
        if self._health.receive(event):
            return
        if news := self._facts.receive(event, self._now_ms()):
            post(news)
        self._keeper.receive(event)

    def _lose(self, exc: ObsError, post: Post) -> None:
        """Tell once why OBS is not linked; say it again only when the reason changes."""
        self._trouble = exc
        self._keeper.disconnected(post)
        if self._said == (exc.code, exc.params):
            return
        self._said = (exc.code, exc.params)
        _log.info("no link to OBS: %s", exc.code)
        state = ObsState(at_ms=self._now_ms(), linked=False, error_code=exc.code, params=exc.params)
        post([state])

    async def _pause(self, attempt: int) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s(self._trouble, attempt, random.random())):
                await self._redial.wait()


def pause_s(trouble: ObsError, attempt: int, dice: float) -> float:
    """How long to wait before the next attempt; ``dice`` is 0..1.

    Doubles from `FIRST_PAUSE_S` to `LONGEST_PAUSE_S`, give or take a fifth. Where a person
    has to do something first (password, version) it is the longest from the start.
    """
    if isinstance(trouble, ObsPasswordError | ObsKickedError):
        return LONGEST_PAUSE_S
    doubled = FIRST_PAUSE_S * 2 ** min(max(attempt - 1, 0), 8)
    return float(min(LONGEST_PAUSE_S, doubled) * (0.8 + 0.4 * dice))


async def _until_trouble(*parts: Callable[[], Awaitable[None]]) -> ObsError:
    """Run ``parts`` side by side until one meets trouble with OBS; end the others, return it.

    No part's error may reach the TaskGroup: in Python 3.11 and 3.12 it forgets a cancel
    that arrives together with an error, and the engine would never stop.
    """
    met: asyncio.Future[ObsError] = asyncio.get_running_loop().create_future()

    async def guarded(part: Callable[[], Awaitable[None]]) -> None:
        try:
            await part()
        except ObsError as exc:
            trouble = exc
        except ExceptionGroup as group:
            trouble = first_known(group)
        else:
            return
        if not met.done():
            met.set_result(trouble)

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(guarded(part)) for part in parts]
        first = await met
        for task in running:
            task.cancel()
    return first


async def _is_active(link: ObsLink, request: str) -> bool:
    """Whether an output runs; a machine that does not have this output refuses to tell."""
    try:
        return (await link.ask(request, OutputStatus)).output_active
    except ObsRefusedError:
        return False
