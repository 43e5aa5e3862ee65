"""What the engine and the pictures process say to each other.

Both directions of the child's stdin and stdout carry frames: four bytes, big-endian, that
say how long the body is, then the body: msgpack of one tagged struct. The engine sends one
`Request`; the child answers with exactly one `Reply` of the same ``request_id``, in order.
Pixels are counted in the canvas (OBS's base size), from its top-left corner.
"""

import struct

import msgspec

from hostdesk.errors import PicturesError
from hostdesk.events import NoticeKind

MAX_FRAME_BYTES = 64 * 1024 * 1024
"""Far above a PNG of a 4K scene; a longer announcement is not ours."""

_LENGTH = struct.Struct(">I")


class SafeArea(msgspec.Struct, frozen=True, kw_only=True):
    """Where a platform's app covers nothing: fractions of the canvas, 0..1, from its top-left."""

    left: float = 0.05
    top: float = 0.05
    right: float = 0.95
    bottom: float = 0.95


class Paint(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="paint"):
    """Paint a notice's panel into the PNG at ``path`` (a name that was never used before)."""

    request_id: int
    notice_kind: NoticeKind
    text: str
    locale: str
    canvas_width: int
    canvas_height: int
    safe: SafeArea
    path: str


class Compare(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="compare"):
    """Is the painted panel to be seen at its place in a screenshot of the whole scene?"""

    request_id: int
    screenshot: bytes
    """PNG or JPEG of the whole scene, at any scale."""
    painted_path: str
    x: int
    y: int
    width: int
    height: int
    canvas_width: int
    canvas_height: int


class Compose(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="compose"):
    """Draw the rehearsal's stand-in picture into ``path``, with the notice on it if one stands."""

    request_id: int
    painted_path: str
    """Empty: no notice stands."""
    x: int
    y: int
    width: int
    height: int
    canvas_width: int
    canvas_height: int
    moving: int
    """Frame number: two different ones give two different pictures behind the notice."""
    path: str


class Hash(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="hash"):
    """A perceptual hash of a screenshot, for noticing a frozen or black picture."""

    request_id: int
    screenshot: bytes


class Painted(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="painted"):
    """The panel lies at ``path``; ``x``, ``y`` is where its top-left goes on the canvas."""

    request_id: int
    path: str
    x: int
    y: int
    width: int
    height: int


class Compared(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="compared"):
    """Whether the panel was seen, and how alike the two are (0..1)."""

    request_id: int
    seen: bool
    similarity: float
    black: bool
    """The whole screenshot is black: there is no picture at all."""


class Composed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="composed"):
    """The stand-in picture lies at ``path``."""

    request_id: int
    path: str


class Hashed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="hashed"):
    """The hash of the picture: 64 bits, few of them change when the picture hardly does."""

    request_id: int
    hash: int
    black: bool


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="failed"):
    """The request could not be carried out; ``detail`` is for the log."""

    request_id: int
    detail: str


Request = Paint | Compare | Compose | Hash
Reply = Painted | Compared | Composed | Hashed | Failed

_REQUESTS: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_REPLIES: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def pack(message: Request | Reply) -> bytes:
    """The frame that carries ``message``."""
    body = msgspec.msgpack.encode(message)
    return _LENGTH.pack(len(body)) + body


class Unframer:
    """Cuts a stream of bytes into the bodies of its frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def receive(self, data: bytes) -> list[bytes]:
        """Take some bytes; return the bodies that are complete now, oldest first.

        Raises:
            PicturesError: a frame announces more than `MAX_FRAME_BYTES`. Close the pipe.
        """
        self._buffer += data
        bodies: list[bytes] = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> bytes | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > MAX_FRAME_BYTES:
            raise PicturesError(detail="frame too long")
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return body


def read_request(body: bytes) -> Request:
    """The request in a frame's body (the child's side).

    Raises:
        PicturesError: it is none.
    """
    try:
        return _REQUESTS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise PicturesError(detail=f"not a request: {exc}") from exc


def read_reply(body: bytes) -> Reply:
    """The reply in a frame's body (the engine's side).

    Raises:
        PicturesError: it is none.
    """
    try:
        return _REPLIES.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise PicturesError(detail=f"not a reply: {exc}") from exc
