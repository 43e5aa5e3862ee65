"""Pictures without Qt: a painted notice is a text file, a screenshot is `FakeObs`'s JSON."""

import json
from pathlib import Path

from hostdesk.broadcast.pictures_protocol import Compared, Composed, Hashed, Painted, SafeArea
from hostdesk.errors import PicturesError


class FakePictures:
    """Fits `hostdesk.broadcast.pictures.Pictures`."""

    def __init__(self) -> None:
        self.painted: list[str] = []
        self.canvases: list[tuple[int, int]] = []
        self.safe: list[SafeArea] = []
        self.broken = False

    async def paint(self, kind, text, *, locale, canvas, safe, path):
        if self.broken:
            raise PicturesError(detail="broken")
        Path(path).write_text(text)
        self.painted.append(text)
        self.canvases.append(canvas)
        self.safe.append(safe)
        return Painted(request_id=1, path=path, x=100, y=200, width=600, height=120)

    async def compare(self, screenshot, painted, canvas):
        told = json.loads(screenshot)
        place = {"file": painted.path, "x": painted.x, "y": painted.y}
        seen = bool(told["shown"]) and told["shown"][-1] == place and not told["black"]
        similarity = 0.99 if seen else 0.1
        return Compared(request_id=1, seen=seen, similarity=similarity, black=told["black"])

    async def compose(self, painted, canvas, *, moving, path):
        if self.broken:
            raise PicturesError(detail="broken")
        shown = [{"file": painted.path, "x": painted.x, "y": painted.y}] if painted else []
        Path(path).write_text(json.dumps({"shown": shown, "black": False, "frame": moving}))
        return Composed(request_id=1, path=path)

    async def hash(self, screenshot):
        return Hashed(request_id=1, hash=0, black=json.loads(screenshot)["black"])
