"""Looks at OBS's programme scene and tells whether the notice is to be seen in it."""

from hostdesk.broadcast.notice_item import NoticeItem
from hostdesk.broadcast.obs_facts import ObsFacts
from hostdesk.broadcast.obs_link import ObsLink
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import Painted
from hostdesk.broadcast.proof import Look
from hostdesk.errors import ObsRefusedError, PicturesError

LOOK_SIDE_PX = 960
"""Longer side of the screenshots that are compared: words are told apart, 30 ms in OBS."""

LOOK_FORMAT = "jpg"
"""A third of a PNG's time and size (measured on OBS 29)."""


class SceneEyes:
    """One look is one screenshot of the whole scene, never of our own input."""

    def __init__(self, facts: ObsFacts, item: NoticeItem, pictures: Pictures) -> None:
        self._facts = facts
        self._item = item
        self._pictures = pictures

    async def look(self, link: ObsLink, painted: Painted, canvas: tuple[int, int]) -> Look:
        """Compare the programme scene with what was painted. Raises as the link does."""
        size = shrunk(canvas, LOOK_SIDE_PX)
        try:
            shot = await link.screenshot(self._facts.scene, size, LOOK_FORMAT)
            compared = await self._pictures.compare(shot, painted, canvas)
        except (ObsRefusedError, PicturesError):
            return Look("no_picture")
        if self._facts.is_studio:
            # In studio mode OBS sends a copy of the scene, and takes pictures of the original.
            return Look("no_picture", compared.similarity)
        if compared.seen:
            return Look("seen", compared.similarity)
        if not self._item.name or not await self._item.is_enabled(link):
            return Look("hidden", compared.similarity)
        return Look("no_picture" if compared.black else "differs", compared.similarity)


def shrunk(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    """``size`` scaled down so that its longer side is ``side_px``; OBS's least is 8 by 8."""
    scale = min(1.0, side_px / max(size))
    return max(8, round(size[0] * scale)), max(8, round(size[1] * scale))
