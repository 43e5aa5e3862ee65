"""Which stage notices go to: the real OBS, or the stand-in of a rehearsal."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from hostdesk import paths
from hostdesk.broadcast.obs import Obs, ObsAddress
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import SafeArea
from hostdesk.broadcast.rehearsal_stage import RehearsalStage
from hostdesk.commands import NoticeCommand, ShowNotice
from hostdesk.counsel.counsel import Counsel
from hostdesk.events import AnyEvent, ObsState, Stream
from hostdesk.ports import NowMs, Post
from hostdesk.settings import Settings


class Stage(Protocol):
    """An output that also tells how the broadcast is doing."""

    async def run(self, post: Post) -> None:
        """Post what the broadcast does, until cancelled."""
        ...

    async def perform(self, command: NoticeCommand) -> None:
        """Carry out a command; return once the world has confirmed it."""
        ...

    def expect(self, command: ShowNotice) -> None:
        """Before `run`: this notice stood when the engine was cut off."""
        ...

    def seen(self, events: Sequence[AnyEvent]) -> None:
        """A recording that is being played brought these."""
        ...

    def use_address(self, settings: Settings, password: str) -> None:
        """The settings changed."""
        ...

    async def close(self) -> None:
        """Leave the broadcast as it was found."""
        ...


MEET_S = 10.0
"""How long a command of the first moments waits for the first word of OBS."""


class _ObsStage(Obs):
    """The real OBS: what a recording says of the stream is not its own state.

    A show that goes on after a crash puts its notice up again before OBS was even reached;
    such a command waits for the first contact.
    """

    _met: asyncio.Event

    @override
    async def run(self, post: Post) -> None:
        def told(events: Sequence[AnyEvent]) -> None:
            if any(isinstance(event, ObsState) for event in events):
                self._meeting().set()
            post(events)

        await super().run(told)

    @override
    async def perform(self, command: NoticeCommand) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MEET_S):
                await self._meeting().wait()
        await super().perform(command)

    def _meeting(self) -> asyncio.Event:
        if not hasattr(self, "_met"):
            self._met = asyncio.Event()
        return self._met

    def seen(self, events: Sequence[AnyEvent]) -> None:
        """Nothing to learn from a recording."""

    def use_address(self, settings: Settings, password: str) -> None:
        """Connect where the settings say now."""
        self.use(ObsAddress(settings.obs_host, settings.obs_port, password))


class _RehearsalStage(RehearsalStage):
    """The stand-in: its uplink is the recording's."""

    def seen(self, events: Sequence[AnyEvent]) -> None:
        """Follow the recording's stream state."""
        for event in events:
            if isinstance(event, Stream):
                self.note_stream(event.state)

    def use_address(self, settings: Settings, password: str) -> None:
        """A rehearsal has no OBS to connect to."""


def chosen_stage(
    data: Path,
    settings: Settings,
    counsel: Counsel,
    *,
    pictures: Pictures,
    password: str,
    now_ms: NowMs,
    rehearsal: bool,
    with_obs: bool,
) -> Stage:
    """The real OBS for a show; for a rehearsal only where it was asked for."""
    folder = paths.make_private(paths.pictures_folder(data))
    safe_areas = _safe_areas(counsel)
    if rehearsal and not with_obs:
        return _RehearsalStage(pictures, folder, safe_areas, now_ms, health=False)
    address = ObsAddress(settings.obs_host, settings.obs_port, password)
    return _ObsStage(address, pictures, now_ms, folder, safe_areas, rehearsal=rehearsal)


def _safe_areas(counsel: Counsel) -> Callable[[str], tuple[SafeArea, SafeArea]]:
    def of(platform: str) -> tuple[SafeArea, SafeArea]:
        found = counsel.platform(platform)
        return _area(found.landscape), _area(found.portrait)

    return of


def _area(area: object) -> SafeArea:
    names = ("left", "top", "right", "bottom")
    return SafeArea(**{name: getattr(area, name) for name in names})
