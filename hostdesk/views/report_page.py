"""The look back on paper: the page laid out by Qt's rich text, as PDF or as one long picture.

Qt's rich text knows tables and simple styles (the page's ``@media qt``), but no SVG inside
the text: the timeline is drawn to a picture first and put in its place.
"""

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QMarginsF, QRectF, QSize, Qt, QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)
from PySide6.QtSvg import QSvgRenderer

from hostdesk.views.fonts import FAMILIES

PICTURE_WIDTH = 1000
PICTURE_MARGIN = 24
MAX_HEIGHT = 32_000
"""Pixels: QPainter cannot draw beyond 32,767. A longer page ends there; as PDF it does not."""
PAPER_WIDTH = 670
"""Text width on A4 between the margins, in the 96-dpi pixels of the layout."""

_DPI = 300
_MARGIN_MM = 16
_SHARPNESS = 3
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_IMAGE = 2  # QTextDocument.ResourceType.ImageResource


class ReportError(Exception):
    """The report could not be written."""


def write_pdf(html: str, out: Path) -> None:
    """Lay the page out on A4.

    Raises:
        ReportError: the file cannot be written.
    """
    writer = QPdfWriter(str(out))
    writer.setResolution(_DPI)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Portrait,
            margins,
            QPageLayout.Unit.Millimeter,
        )
    )
    document = _document(html, PAPER_WIDTH)
    document.setDocumentMargin(0)
    _print(document, writer)
    if not out.is_file() or not out.stat().st_size:
        raise ReportError(str(out))


def _print(document: QTextDocument, writer: QPdfWriter) -> None:
    """Page by page. `QTextDocument.print_` would add margins of its own."""
    document.documentLayout().setPaintDevice(writer)
    paper = writer.pageLayout().paintRectPixels(_DPI)
    document.setPageSize(paper.size().toSizeF())
    painter = QPainter()
    if not painter.begin(writer):
        raise ReportError
    for number in range(document.pageCount()):
        if number:
            writer.newPage()
        painter.save()
        painter.translate(0, -number * paper.height())
        shown = QRectF(0, number * paper.height(), paper.width(), paper.height())
        document.drawContents(painter, shown)
        painter.restore()
    painter.end()


def write_picture(html: str, out: Path) -> None:
    """Draw the whole page as one picture.

    Raises:
        ReportError: the file cannot be written.
    """
    width = PICTURE_WIDTH - 2 * PICTURE_MARGIN
    document = _document(html, width)
    document.setTextWidth(width)
    height = min(MAX_HEIGHT, round(document.size().height()) + 2 * PICTURE_MARGIN)
    image = QImage(QSize(PICTURE_WIDTH, height), QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.translate(PICTURE_MARGIN, PICTURE_MARGIN)
    document.drawContents(painter)
    painter.end()
    if not image.save(str(out)):
        raise ReportError(str(out))


def _document(html: str, width: int) -> QTextDocument:
    document = QTextDocument()
    font = QFont()
    font.setFamilies(list(FAMILIES))
    font.setPointSizeF(10)
    document.setDefaultFont(font)
    document.setMetaInformation(QTextDocument.MetaInformation.CssMedia, "qt")
    document.setHtml(_with_pictures(html, document, width))
    return document


def _with_pictures(html: str, document: QTextDocument, width: int) -> str:
    """Each drawing as a picture as wide as the text."""
    count = 0

    def picture(found: re.Match[str]) -> str:
        nonlocal count
        renderer = QSvgRenderer(QByteArray(found[0].encode()))
        natural = renderer.defaultSize()
        if not renderer.isValid() or natural.isEmpty():
            return ""
        height = round(width * natural.height() / natural.width())
        name = f"drawing-{(count := count + 1)}"
        document.addResource(_IMAGE, QUrl(name), _drawn(renderer, width, height))
        return f'<img src="{name}" width="{width}" height="{height}">'

    return _SVG.sub(picture, html)


def _drawn(renderer: QSvgRenderer, width: int, height: int) -> QImage:
    size = QSize(width * _SHARPNESS, height * _SHARPNESS)
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter)
    painter.end()
    return image
