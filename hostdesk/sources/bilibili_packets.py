"""Bilibili's packets: a header of 16 bytes, and bodies that may hold packed packets again.

Source: the framing of the live socket, as the official Open Live feed speaks it.
"""

import enum
import struct
import zlib
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]
import msgspec

HEADER = struct.Struct(">IHHII")
"""Length with header, length of header, version, operation, sequence."""

MAX_INFLATED = 8 << 20
"""Bytes that all packed bodies of one frame may unpack to, together."""
MAX_DEPTH = 2
"""Packed packets inside packed packets, no deeper."""
MAX_PACKETS = 20_000
"""Of one frame: more than 8 MiB of real comments, and a bound for a hostile one."""

_PIECE = 256 * 1024


class Op(enum.IntEnum):
    """Operations that we use."""

    HEARTBEAT = 2
    HEARTBEAT_REPLY = 3
    MESSAGE = 5
    AUTH = 7
    AUTH_REPLY = 8


class Version(enum.IntEnum):
    """How a body is written."""

    PLAIN = 0
    CONTROL = 1
    ZLIB = 2
    BROTLI = 3


class Packet(NamedTuple):
    """One packet, unpacked."""

    op: int
    body: bytes


class Unpacked(msgspec.Struct):
    """What one frame held."""

    packets: list[Packet]
    damaged: int = 0
    """Places where something could not be read; what came before each was."""


def pack(op: Op, body: bytes = b"", *, version: Version = Version.CONTROL) -> bytes:
    """One packet as a client sends it."""
    return HEADER.pack(HEADER.size + len(body), HEADER.size, version, op, 1) + body


def unpack(frame: bytes) -> Unpacked:
    """All packets of a frame, in order. Never raises, and unpacks no more than `MAX_INFLATED`."""
    reading = _Reading()
    reading.take(frame, 0)
    return Unpacked(reading.packets, reading.damaged)


_MESSAGE, _HEARTBEAT_REPLY = int(Op.MESSAGE), int(Op.HEARTBEAT_REPLY)


class _Reading:
    """One frame while it is taken apart."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self.damaged = 0
        self._room = MAX_INFLATED

    def take(self, data: bytes, depth: int) -> None:
        """Take packets one after another; a bad length makes the rest of ``data`` unreadable."""
        at, end = 0, len(data)
        while end - at >= HEADER.size:
            length, header, version, op, _ = HEADER.unpack_from(data, at)
            if header < HEADER.size or length < header or length > end - at:
                break
            if len(self.packets) >= MAX_PACKETS:
                break
            if op == _HEARTBEAT_REPLY:
                length = end - at  # an echo of our own body may follow, and is not counted
            body = data[at + header : at + length]
            at += length
            if op == _MESSAGE and version > Version.CONTROL:
                self._nested(body, version, depth)
            else:
                self.packets.append(Packet(op, body))
        if at < end:
            self.damaged += 1

    def _nested(self, body: bytes, version: int, depth: int) -> None:
        inflate = _INFLATERS.get(version)
        if inflate is None or depth >= MAX_DEPTH:
            self.damaged += 1
            return
        inner, is_whole = inflate(body, self._room)
        if not is_whole:
            self.damaged += 1
        self._room -= len(inner)
        self.take(inner, depth + 1)


def _unzlib(body: bytes, room: int) -> tuple[bytes, bool]:
    """What ``body`` unpacks to, and whether that is all; nothing where it exceeds ``room``."""
    stream = zlib.decompressobj()
    try:
        inner = stream.decompress(body, room + 1)
    except zlib.error:
        return b"", False
    if len(inner) > room:
        return b"", False
    return inner, stream.eof


def _unbrotli(body: bytes, room: int) -> tuple[bytes, bool]:
    """As `_unzlib`. In pieces, because the library rounds its limit up generously."""
    stream = brotli.Decompressor()
    pieces: list[bytes] = []
    try:
        while True:
            piece: bytes = stream.process(body, output_buffer_limit=_PIECE)
            body = b""
            room -= len(piece)
            if room < 0:
                return b"", False
            pieces.append(piece)
            if stream.is_finished() or not piece:
                return b"".join(pieces), bool(stream.is_finished())
    except brotli.error:
        return b"", False


_INFLATERS = {int(Version.ZLIB): _unzlib, int(Version.BROTLI): _unbrotli}
