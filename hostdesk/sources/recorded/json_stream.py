"""Items of a JSON array of any size, one at a time; a truncated end keeps what came before."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import ijson

from hostdesk.sources.recorded.recording import Trouble

CHUNK = 64 * 1024


def items(stream: BinaryIO, path: str, trouble: Trouble) -> Iterator[tuple[int, Any]]:
    """Number and value of each item at ``path`` ("comments.item", "item")."""
    number = 0
    try:
        for value in ijson.items(_Healed(stream), path, use_float=True, buf_size=CHUNK):
            number += 1
            yield number, value
    except (ijson.JSONError, UnicodeDecodeError, ValueError, OverflowError, RecursionError):
        trouble.at(number + 1)


class _Healed:
    """Bytes with invalid UTF-8 replaced, so that one broken byte does not end the file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rest = b""
        self._begun = False

    def read(self, size: int = CHUNK) -> bytes:
        """At most about ``size`` bytes; empty at the end."""
        if size == 0:
            return b""
        chunk = self._stream.read(size)
        if not chunk:
            rest, self._rest = self._rest, b""
            return rest.decode("utf-8", "replace").encode()
        data = self._rest + chunk
        if not self._begun:
            self._begun = True
            data = data.removeprefix(b"\xef\xbb\xbf")
        cut = _whole(data)
        self._rest = data[cut:]
        return data[:cut].decode("utf-8", "replace").encode() or self.read(size)


def _whole(data: bytes) -> int:
    """Where the last character that may be incomplete begins."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte & 0xC0 == 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if length > back else len(data)
        if byte < 0x80:
            break
    return len(data)
