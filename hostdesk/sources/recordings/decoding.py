"""Bytes of a recording as clean text, chunk by chunk: plain or gzip, whatever its encoding."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from hostdesk.errors import (
    RecordingEmptyError,
    RecordingError,
    RecordingFolderError,
    RecordingForbiddenError,
    RecordingMissingError,
)

CHUNK = 1 << 16
HEAD = 1 << 18
"""Bytes that decide about encoding and format."""

_GZIP = b"\x1f\x8b"
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
         (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ufffe\uffff\ud800-\udfff]")


class Bytes:
    """The unpacked bytes of one file. A damaged end of a gzip file ends it quietly.

    Raises:
        RecordingError: one of its kinds, when it cannot be opened, and when reading breaks off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.is_damaged = False

    def head(self) -> bytes:
        """The first `HEAD` bytes."""
        found = b""
        for chunk in self.chunks():
            found += chunk
            if len(found) >= HEAD:
                break
        return found[:HEAD]

    def chunks(self) -> Iterator[bytes]:
        """All bytes from the start."""
        with _opened(self._path) as file:
            packed = file.read(2) == _GZIP
            file.seek(0)
            stream: BinaryIO | gzip.GzipFile = gzip.GzipFile(fileobj=file) if packed else file
            while chunk := self._next(stream):
                yield chunk

    def _next(self, stream: "BinaryIO | gzip.GzipFile") -> bytes:
        try:
            if isinstance(stream, gzip.GzipFile):
                return stream.read1(CHUNK)
            return stream.read(CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.is_damaged = True
            return b""
        except OSError as exc:
            raise RecordingError(path=str(self._path)) from exc


class Text:
    """The text of one file, without byte order mark and control characters."""

    def __init__(self, path: Path) -> None:
        self._bytes = Bytes(path)
        head = self._bytes.head()
        if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
            raise (RecordingError if self._bytes.is_damaged else RecordingEmptyError)(
                path=str(path)
            )
        self.encoding = encoding_of(head)
        self.head = "".join(decoded([head], self.encoding, final=False))

    def chunks(self) -> Iterator[str]:
        """All of it from the start."""
        return decoded(self._bytes.chunks(), self.encoding)


def decoded(
    chunks: "Iterator[bytes] | list[bytes]", encoding: str, *, final: bool = True
) -> Iterator[str]:
    """Text of ``chunks``; what is no character becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chunks:
        yield clean(decoder.decode(chunk))
    if final:
        yield clean(decoder.decode(b"", final=True))


def clean(text: str) -> str:
    """Without the control characters that neither XML nor JSON allows."""
    return _CONTROL.sub("", text)


def encoding_of(head: bytes) -> str:
    """The encoding by its byte order mark, its zeros, or by what decodes best."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if head[1:2] == b"\x00" and head[:1] in b"<{[":
        return "utf-16-le"
    if head[:1] == b"\x00" and head[1:2] in (b"<", b"{", b"["):
        return "utf-16-be"
    return _utf8_or_chinese(head)


def _utf8_or_chinese(head: bytes) -> str:
    as_utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace").decode(head)
    wrong = as_utf8.count("\ufffd")
    if not wrong or wrong * 4 < sum(char > "\x7f" for char in as_utf8):
        return "utf-8"
    try:
        codecs.getincrementaldecoder("gb18030")().decode(head)
    except UnicodeDecodeError:
        return "utf-8"
    return "gb18030"


def _opened(path: Path) -> io.BufferedReader:
    try:
        if path.is_dir():
            raise RecordingFolderError(path=str(path))
        if path.exists() and not path.is_file():
            raise RecordingError(path=str(path))  # a pipe or device would wait for ever
        return path.open("rb")
    except FileNotFoundError as exc:
        raise RecordingMissingError(path=str(path)) from exc
    except PermissionError as exc:
        raise RecordingForbiddenError(path=str(path)) from exc
    except (OSError, ValueError) as exc:
        raise RecordingError(path=str(path)) from exc
