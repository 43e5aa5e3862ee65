"""Reads OBS's counters, meters and picture every two seconds and posts `Health`."""

import asyncio
from typing import Any, NoReturn

import msgspec

from hostdesk.broadcast.health import HealthReader, MicMeter, PictureWatch
from hostdesk.broadcast.obs_answers import Canvas, InputList, Stats, StreamStatus
from hostdesk.broadcast.obs_facts import ObsFacts
from hostdesk.broadcast.obs_link import ObsLink
from hostdesk.broadcast.obs_protocol import ObsEvent
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.scene_eyes import LOOK_FORMAT, shrunk
from hostdesk.errors import ObsRefusedError, PicturesError
from hostdesk.events import Health, PictureState
from hostdesk.ports import NowMs, Post

HEALTH_EVERY_S = 2.0

GLANCE_SIDE_PX = 320
"""Longer side of the screenshots that tell a black or frozen picture."""

_MIC_EVENTS = ("InputCreated", "InputRemoved", "InputNameChanged")


class HealthWatch:
    """Lives as long as the program; `run` once per connection."""

    def __init__(self, facts: ObsFacts, pictures: Pictures, now_ms: NowMs) -> None:
        self._facts = facts
        self._pictures = pictures
        self._now_ms = now_ms
        self._mics = MicMeter()
        self._mics_stale = True

    def receive(self, event: ObsEvent) -> bool:
        """Take one event; True where nobody else needs it (the meters' twenty a second)."""
        if event.name in _MIC_EVENTS:
            self._mics_stale = True
        if event.name != "InputVolumeMeters":
            return False
        self._mics.receive(event.data)
        return True

    async def run(self, link: ObsLink, post: Post) -> NoReturn:
        """Post a reading at once and every `HEALTH_EVERY_S`. Raises as the link does."""
        reader, picture = HealthReader(), PictureWatch()
        self._mics_stale = True
        while True:
            if not self._facts.is_changing:
                post([await self._read(link, reader, picture)])
            await asyncio.sleep(HEALTH_EVERY_S)

    async def _read(self, link: ObsLink, reader: HealthReader, picture: PictureWatch) -> Health:
        if self._mics_stale:
            self._mics_stale = False
            special = await link.ask("GetSpecialInputs", dict[str, Any])
            self._mics.choose(special, (await link.ask("GetInputList", InputList)).inputs)
        stats = await link.ask("GetStats", Stats)
        stream = await link.ask("GetStreamStatus", StreamStatus)
        state = await self._glance(link, picture)
        reading = reader.receive(stats, stream, self._now_ms())
        return msgspec.structs.replace(reading, mic_peak_db=self._mics.take_db(), picture=state)

    async def _glance(self, link: ObsLink, picture: PictureWatch) -> PictureState | None:
        scene = self._facts.scene
        try:
            canvas = await link.ask("GetVideoSettings", Canvas)
            size = shrunk((canvas.base_width, canvas.base_height), GLANCE_SIDE_PX)
            shot = await link.screenshot(scene, size, LOOK_FORMAT)
            hashed = await self._pictures.hash(shot)
        except (ObsRefusedError, PicturesError):
            return None
        return picture.receive(scene, shot, black=hashed.black, at_ms=self._now_ms())
