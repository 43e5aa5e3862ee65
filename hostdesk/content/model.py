"""Reading ``resources/model``: the weights that ``make model`` wrote."""

import zlib

import msgspec

from hostdesk.analysis.model import Model, Stored
from hostdesk.content import files
from hostdesk.errors import ContentError

NAME = "model/labels.bin"
MAX_BYTES = 1 << 25
"""Unpacked; the shipped one has three megabytes."""


def load_model(sounds: str) -> Model | None:
    """The model; None where none is shipped. ``sounds`` names the table of syllables in use.

    Raises:
        ContentError: the file is not one of ours.
    """
    path = files.locate(NAME)
    if not path.is_file():
        return None
    try:
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(path.read_bytes(), MAX_BYTES)
        return Model(msgspec.msgpack.decode(body, type=Stored), sounds)
    except (zlib.error, msgspec.MsgspecError, ValueError, KeyError, OSError) as exc:
        raise ContentError(file=NAME, entry="", field="", detail=type(exc).__name__) from exc


def packed(stored: Stored) -> bytes:
    """What the file holds."""
    return zlib.compress(msgspec.msgpack.encode(stored), 9)
