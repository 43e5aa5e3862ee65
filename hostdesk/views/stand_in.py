"""The picture of a rehearsal: what stands in for OBS's programme scene."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QRadialGradient

_STEPS = 48


def stand_in(canvas: QSize, moving: int) -> QImage:
    """A quiet studio with a light that wanders: frame ``moving`` differs from the next one.

    Half the canvas's size: enough to look at and to compare, and four times quicker.
    """
    size = QSize(max(canvas.width() // 2, 2), max(canvas.height() // 2, 2))
    image = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    wall = QLinearGradient(0, 0, 0, size.height())
    wall.setColorAt(0, QColor("#52606b"))
    wall.setColorAt(1, QColor("#8c8178"))
    painter.fillRect(image.rect(), wall)
    _wandering_light(painter, size, moving)
    _table(painter, size)
    painter.end()
    return image


def put_notice(picture: QImage, panel: QImage, place: QRectF, canvas: QSize) -> None:
    """Draw a notice's panel on the stand-in, where OBS would show it."""
    across, down = picture.width() / canvas.width(), picture.height() / canvas.height()
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    target = QRectF(
        place.x() * across, place.y() * down, place.width() * across, place.height() * down
    )
    painter.drawImage(target, panel, QRectF(panel.rect()))
    painter.end()


def _wandering_light(painter: QPainter, size: QSize, moving: int) -> None:
    step = moving % _STEPS
    way = abs(2 * step / _STEPS - 1)
    centre = QPointF(size.width() * (0.15 + 0.7 * way), size.height() * (0.3 + 0.02 * (step % 5)))
    light = QRadialGradient(centre, max(size.width(), size.height()) * 0.35)
    light.setColorAt(0, QColor(255, 236, 205, 190))
    light.setColorAt(1, QColor(255, 236, 205, 0))
    painter.fillRect(0, 0, size.width(), size.height(), light)


def _table(painter: QPainter, size: QSize) -> None:
    top = size.height() * 0.72
    painter.fillRect(QRectF(0, top, size.width(), size.height() - top), QColor("#5b4a3f"))
    painter.setBrush(QColor("#c9bba8"))
    painter.setPen(QColor("#5b4a3f"))
    wide, high = size.width() * 0.07, size.height() * 0.2
    for place in (0.3, 0.46, 0.62):
        left = size.width() * place
        painter.drawRoundedRect(QRectF(left, top - high, wide, high * 1.2), 8, 8)
