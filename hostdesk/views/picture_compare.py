"""Is the notice to be seen? Compares what was painted with a screenshot of the scene.

Both are brought to the screenshot's scale, averaged down to a fifth of the canvas's
pixels (which forgives rescaling and JPEG), and compared block by block over the panel's
opaque part: a block is found where colours agree and, if anything is written there, its
brightness goes up and down in the same places. A notice that is hidden, covered, moved,
see-through or another one loses blocks, so it is not "seen".

Used by the pictures process only: numpy stays out of the window.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter

SEEN_BLOCKS = 0.86
"""A panel of which a quarter is covered must not pass; JPEG at 640 wide costs under 4 %."""
SEEN_WRITING = 0.78
"""The same, of the blocks in which something is written: paper alone proves nothing."""

SEEN_BADGE = 0.7
"""The same, of the coloured blocks that tell which kind of notice it is."""

_SHRINK = 5
_BLOCK = 8
_COLOUR_GAP = 30.0
_RIM = 2
_COLOURED = 60.0
"""How far from the panel's commonest colour a block is when it belongs to the badge."""
_STRUCTURE = 7.0
_ALIKE = 0.55
_BLACK = 18
_HASH_SIDE = 8

_Pixels = npt.NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Likeness:
    """How much of the panel was found, 0..1, and whether that counts as seen."""

    seen: bool
    similarity: float


def compare(shot: QImage, painted: QImage, place: QRect, canvas: QSize) -> Likeness:
    """Look for ``painted`` at ``place`` (canvas pixels) in a screenshot of the whole canvas."""
    nothing = Likeness(seen=False, similarity=0.0)
    if min(canvas.width(), canvas.height(), place.width(), place.height()) < 1:
        return nothing
    across, down = shot.width() / canvas.width(), shot.height() / canvas.height()
    wanted = QRectF(
        place.x() * across, place.y() * down, place.width() * across, place.height() * down
    )
    crop = wanted.toAlignedRect()
    if crop.isEmpty() or not shot.rect().contains(crop):
        return nothing
    by = max(_SHRINK, 2 / min(across, down))
    small = QSize(max(int(place.width() / by), 8), max(int(place.height() / by), 8))
    there = _pixels(_resized(shot.copy(crop), small))
    ours = _pixels(_resized(_as_seen(painted, wanted, crop), small))
    return _judge(ours[:, :, :3], there[:, :, :3], _core(ours[:, :, 3] >= 250))


def is_black(shot: QImage) -> bool:
    """Whether there is no picture at all."""
    small = _pixels(_resized(shot, QSize(160, 90)))[:, :, :3]
    return bool(np.quantile(small.max(axis=2), 0.998) <= _BLACK)


def picture_hash(shot: QImage) -> int:
    """64 bits: whether each of 8 × 8 spots is brighter than its right-hand neighbour."""
    light = _light(_pixels(_resized(shot, QSize(_HASH_SIDE + 1, _HASH_SIDE)))[:, :, :3])
    bits = (light[:, 1:] > light[:, :-1]).flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _as_seen(painted: QImage, wanted: QRectF, crop: QRect) -> QImage:
    """The painted panel as a screenshot of this scale has it, fractions of a pixel included."""
    image = QImage(crop.size(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    scaled = _resized(painted, wanted.size().toSize().expandedTo(QSize(1, 1)))
    painter.drawImage(wanted.translated(-crop.x(), -crop.y()), scaled, QRectF(scaled.rect()))
    painter.end()
    return image


def _core(opaque: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Without the rim, which a shift of one pixel changes."""
    core = opaque.copy()
    core[:_RIM] = core[-_RIM:] = False
    core[:, :_RIM] = core[:, -_RIM:] = False
    return core


def _judge(ours: _Pixels, there: _Pixels, opaque: npt.NDArray[np.bool_]) -> Likeness:
    everything, writing, badge = _Tally(), _Tally(), _Tally()
    our_light, their_light = _light(ours), _light(there)
    if not opaque.any():
        return Likeness(seen=False, similarity=0.0)
    paper = np.median(ours[opaque], axis=0)
    for spot in _blocks(opaque):
        mask = opaque[spot]
        gap = float(np.abs(ours[spot] - there[spot])[mask].mean(axis=0).max())
        alike, written = _same_writing(our_light[spot][mask], their_light[spot][mask])
        same = gap <= _COLOUR_GAP and alike
        everything.add(same)
        if written:
            writing.add(same)
        if np.abs(np.median(ours[spot][mask], axis=0) - paper).max() > _COLOURED:
            badge.add(same)
    similarity = min(everything.share, writing.share, badge.share)
    passed = everything.share >= SEEN_BLOCKS and writing.share >= SEEN_WRITING
    return Likeness(passed and badge.share >= SEEN_BADGE, similarity)


class _Tally:
    """How many blocks of one sort were found."""

    def __init__(self) -> None:
        self._found = self._all = 0

    def add(self, found: bool) -> None:
        """Count one block."""
        self._found += found
        self._all += 1

    @property
    def share(self) -> float:
        """0..1; 1 where there is no such block."""
        return self._found / self._all if self._all else 1.0


def _blocks(opaque: npt.NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """The blocks that are mostly opaque."""
    height, width = opaque.shape
    for top in range(0, height, _BLOCK):
        for left in range(0, width, _BLOCK):
            spot = (slice(top, top + _BLOCK), slice(left, left + _BLOCK))
            if opaque[spot].mean() >= 0.5 and opaque[spot].sum() >= 12:
                yield spot


def _same_writing(ours: _Pixels, there: _Pixels) -> tuple[bool, bool]:
    """Whether brightness varies alike in both, and whether it varies at all."""
    spread, their_spread = float(ours.std()), float(there.std())
    if max(spread, their_spread) < _STRUCTURE:
        return True, False
    if min(spread, their_spread) < _STRUCTURE / 2:
        return False, True
    both = float(((ours - ours.mean()) * (there - there.mean())).mean())
    return both / (spread * their_spread) >= _ALIKE, True


def _light(pixels: _Pixels) -> _Pixels:
    return pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32)


def _resized(image: QImage, size: QSize) -> QImage:
    if image.size() == size:
        return image
    how = Qt.TransformationMode.SmoothTransformation
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, how)


def _pixels(image: QImage) -> _Pixels:
    flat = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(flat.constBits(), dtype=np.uint8).reshape(flat.height(), -1)
    wide = rows[:, : flat.width() * 4].reshape(flat.height(), flat.width(), 4)
    return wide.astype(np.float32)
