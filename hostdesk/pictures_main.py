"""The pictures process: a warm Qt child of the engine, without a window.

It paints notices (with the very code of the preview), looks for them in screenshots, and
draws the rehearsal's stand-in picture. Requests come in on stdin and replies leave on
stdout, in the frames of `hostdesk.broadcast.pictures_protocol`. It ends when stdin does.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QGuiApplication, QImage

from hostdesk.broadcast.pictures_protocol import (
    Compare,
    Compared,
    Compose,
    Composed,
    Failed,
    Hash,
    Hashed,
    Paint,
    Painted,
    Reply,
    Request,
    Unframer,
    pack,
    read_request,
)
from hostdesk.errors import PicturesError
from hostdesk.text import words
from hostdesk.views.notice_painter import paint_notice, safe_rect
from hostdesk.views.notice_words import kind_word
from hostdesk.views.picture_compare import compare, is_black, picture_hash
from hostdesk.views.stand_in import put_notice, stand_in

MAX_SIDE = 16_384
"""A canvas or picture larger than this is a mistake, not a broadcast."""

_READ_BYTES = 1 << 16


def main() -> int:
    """Answer requests until stdin ends."""
    if sys.platform not in ("win32", "darwin"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    frames = _own_stdout()
    os.environ["QT_LOGGING_RULES"] = "*=false"
    app = QGuiApplication([sys.argv[0]])
    _warm_fonts()
    try:
        _serve(sys.stdin.fileno(), frames)
    except (BrokenPipeError, PicturesError):
        return 1
    finally:
        app.quit()
    return 0


def answer(request: Request) -> Reply:
    """Carry out one request. Whatever goes wrong becomes `Failed`."""
    try:
        match request:
            case Paint():
                return _paint(request)
            case Compare():
                return _compare(request)
            case Compose():
                return _compose(request)
            case Hash():
                return _hash(request)
    except (_PictureTroubleError, MemoryError, OSError, ValueError) as exc:
        return Failed(request_id=request.request_id, detail=str(exc))


class _PictureTroubleError(Exception):
    """A picture could not be read or written; told to the engine as `Failed`."""


def _serve(source: int, frames: BinaryIO) -> None:
    unframer = Unframer()
    while data := os.read(source, _READ_BYTES):
        for body in unframer.receive(data):
            frames.write(pack(_answer_body(body)))
            frames.flush()


def _answer_body(body: bytes) -> Reply:
    try:
        request = read_request(body)
    except PicturesError as exc:
        return Failed(request_id=0, detail=str(exc))
    return answer(request)


def _paint(request: Paint) -> Painted:
    canvas = _canvas(request.canvas_width, request.canvas_height)
    area = request.safe
    safe = safe_rect(canvas, area.left, area.top, area.right, area.bottom)
    word = kind_word(words(request.locale), request.notice_kind)
    panel = paint_notice(request.notice_kind, word, request.text, canvas, safe)
    _save(panel.image, request.path)
    return Painted(
        request_id=request.request_id,
        path=request.path,
        x=panel.x,
        y=panel.y,
        width=panel.image.width(),
        height=panel.image.height(),
    )


def _compare(request: Compare) -> Compared:
    shot = _decoded(request.screenshot)
    place = QRect(request.x, request.y, request.width, request.height)
    canvas = _canvas(request.canvas_width, request.canvas_height)
    alike = compare(shot, _loaded(request.painted_path), place, canvas)
    return Compared(
        request_id=request.request_id,
        seen=alike.seen,
        similarity=alike.similarity,
        black=is_black(shot),
    )


def _compose(request: Compose) -> Composed:
    canvas = _canvas(request.canvas_width, request.canvas_height)
    picture = stand_in(canvas, request.moving)
    if request.painted_path:
        place = QRectF(request.x, request.y, request.width, request.height)
        put_notice(picture, _loaded(request.painted_path), place, canvas)
    _save(picture, request.path)
    return Composed(request_id=request.request_id, path=request.path)


def _hash(request: Hash) -> Hashed:
    shot = _decoded(request.screenshot)
    return Hashed(request_id=request.request_id, hash=picture_hash(shot), black=is_black(shot))


def _canvas(width: int, height: int) -> QSize:
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise _PictureTroubleError(f"no canvas of {width} × {height}")
    return QSize(width, height)


def _decoded(data: bytes) -> QImage:
    picture = QImage.fromData(data)
    if picture.isNull():
        raise _PictureTroubleError("the screenshot is no picture")
    return picture


def _loaded(path: str) -> QImage:
    picture = QImage(path)
    if picture.isNull():
        raise _PictureTroubleError("the painted notice cannot be read")
    return picture


def _save(picture: QImage, path: str) -> None:
    """Write to a name beside it first: OBS must never read half a picture."""
    target = Path(path)
    part = target.with_name(f"{target.stem}.part{target.suffix or '.png'}")
    if not picture.save(str(part)):
        raise _PictureTroubleError("the picture could not be written")
    part.replace(target)


def _warm_fonts() -> None:
    """The first text costs 140 ms of font loading; a notice must not wait for it."""
    canvas = QSize(1920, 1080)
    paint_notice("note", "说明", "画面 ok 9号 👏", canvas, QRect(0, 0, 1920, 1080))


def _own_stdout() -> BinaryIO:
    """Keep stdout for frames alone: whatever else prints goes to stderr from now on."""
    own = os.dup(1)
    os.dup2(2, 1)
    _binary(own)
    _binary(sys.stdin.fileno())
    return os.fdopen(own, "wb")


if sys.platform == "win32":
    import msvcrt

    def _binary(fd: int) -> object:
        return msvcrt.setmode(fd, os.O_BINARY)
else:

    def _binary(fd: int) -> object:
        return fd


if __name__ == "__main__":
    sys.exit(main())
