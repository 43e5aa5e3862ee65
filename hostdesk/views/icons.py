"""Icons: line drawings in ``resources/icons``, painted in any colour and size."""

import functools

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from hostdesk import paths


def paint_icon(painter: QPainter, name: str, box: QRectF, colour: str) -> None:
    """Draw icon ``name`` into ``box``. An icon that we do not have is left out."""
    renderer = _renderer(name, colour)
    if renderer is not None:
        renderer.render(painter, box)


def pixmap(name: str, px: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """Icon ``name``, ``px`` logical pixels wide, for a screen of device ratio ``ratio``."""
    return _pixmap(name, px, colour, ratio)


def icon(name: str, colour: str, px: int = 18) -> QIcon:
    """Icon ``name`` for a button; sharp up to a device ratio of 2."""
    made = QIcon(_pixmap(name, px, colour, 1.0))
    made.addPixmap(_pixmap(name, px, colour, 2.0))
    return made


def window_icon() -> QIcon:
    """The program's own icon."""
    return icon("hostdesk", "#ffffff", 64)


@functools.lru_cache(maxsize=256)
def _pixmap(name: str, px: int, colour: str, ratio: float) -> QPixmap:
    picture = QPixmap(QSize(round(px * ratio), round(px * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_icon(painter, name, QRectF(picture.rect()), colour)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


@functools.lru_cache(maxsize=128)
def _renderer(name: str, colour: str) -> QSvgRenderer | None:
    drawing = _drawing(name)
    if not drawing:
        return None
    return QSvgRenderer(QByteArray(drawing.replace("currentColor", colour).encode()))


@functools.cache
def _drawing(name: str) -> str:
    file = paths.resources() / "icons" / f"{name}.svg"
    return file.read_text(encoding="utf-8") if file.is_file() else ""
