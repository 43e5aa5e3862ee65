"""Opening a recording: the format is told by the content, never by the name alone."""

import functools
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from hostdesk.errors import (
    RecordingEmptyError,
    RecordingError,
    RecordingFolderError,
    RecordingForbiddenError,
    RecordingHostileError,
    RecordingMissingError,
    RecordingUnknownError,
)
from hostdesk.events import AnyEvent
from hostdesk.sources.recorded import (
    bilibili_xml,
    chat_downloader,
    live_chat,
    show_file,
    twitch_downloader,
)
from hostdesk.sources.recorded.recording import Reader, Recording, Trouble
from hostdesk.sources.recorded.xml_text import encoding_of

HEAD = 64 * 1024
_GZIP = b"\x1f\x8b"

_READERS: dict[str, Reader] = {
    "bilibili-xml": bilibili_xml.read,
    "twitch-downloader": twitch_downloader.read,
    "chat-downloader": chat_downloader.read_array,
    "chat-downloader-lines": chat_downloader.read_rows,
    "live-chat": live_chat.read,
    "show-file": show_file.read,
}


def open_recording(path: Path) -> Recording:
    """A recording of any format that we read, plain or gzip.

    Raises:
        RecordingMissingError, RecordingFolderError, RecordingForbiddenError,
        RecordingEmptyError, RecordingUnknownError, RecordingHostileError: with ``path``.
    """
    opener = functools.partial(_open, path)
    with opener() as stream:
        head = _head(stream, path)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise RecordingEmptyError(path=str(path))
    form = format_of(head)
    if form is None:
        raise RecordingUnknownError(path=str(path))
    if form == "hostile-xml":
        raise RecordingHostileError(path=str(path))
    return Recording(form, opener, _named(_READERS[form], path))


def format_of(head: bytes) -> str | None:
    """The format of a file that begins so; None where it is none of ours."""
    text = head.decode(encoding_of(head), "replace").lstrip("\ufeff \t\r\n\x00")
    if text.startswith("<"):
        return _xml(text)
    if text.startswith("["):
        return "chat-downloader" if "{" in text[:HEAD] else None
    if text.startswith("{"):
        return _json(text)
    return None


def _xml(text: str) -> str | None:
    if "<!DOCTYPE" in text[:4096].upper() or "<!ENTITY" in text[:4096].upper():
        return "hostile-xml"
    known = ("<i>", "<i ", "<d p=", "<BililiveRecorder", "<chatserver", "<i/>", "<sc ", "<gift ")
    return "bilibili-xml" if any(mark in text for mark in known) else None


def _json(text: str) -> str | None:
    line = text.split("\n", 1)[0]
    row = _row(line)
    if row is not None:
        return _by_keys(row.keys())
    if '"comments"' in text:
        return "twitch-downloader"
    first = [key for key in ('"replayChatItemAction"', '"addChatItemAction"') if key in line]
    if first:
        return "live-chat"
    return _broken_first(text)


def _broken_first(text: str) -> str | None:
    """The first line is broken or huge: let the next ones tell."""
    for line in text.split("\n")[1:50]:
        row = _row(line)
        if row is not None and (form := _by_keys(row.keys())) is not None:
            return form
    if '"streamer"' in text or '"FileInfo"' in text:
        return "twitch-downloader"
    return "show-file" if '"kind"' in text and '"at_ms"' in text else None


def _row(line: str) -> dict[str, object] | None:
    try:
        row = msgspec.json.decode(line.strip() or "0")
    except (msgspec.DecodeError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _by_keys(keys: object) -> str | None:
    names = set(cast("dict[str, object]", keys))
    if "kind" in names:
        return "show-file"
    if names & {"replayChatItemAction", "addChatItemAction", "clickTrackingParams"}:
        return "live-chat"
    if "comments" in names:
        return "twitch-downloader"
    if names & {"message", "message_id", "time_in_seconds", "message_type", "time_text"}:
        return "chat-downloader-lines"
    return None


def _named(reader: Reader, path: Path) -> Reader:
    """The reader with foreign errors translated; a damaged archive ends, and keeps what came."""

    def read(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
        try:
            yield from reader(stream, trouble)
        except RecordingHostileError as exc:
            raise RecordingHostileError(path=str(path)) from exc
        except (EOFError, zlib.error, gzip.BadGzipFile):
            trouble.at(0)
        except OSError as exc:
            raise RecordingError(path=str(path)) from exc

    return read


def _open(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise RecordingFolderError(path=str(path))
        plain = path.open("rb")
    except FileNotFoundError as exc:
        raise RecordingMissingError(path=str(path)) from exc
    except PermissionError as exc:
        raise RecordingForbiddenError(path=str(path)) from exc
    except (OSError, ValueError) as exc:
        raise RecordingError(path=str(path)) from exc
    if plain.peek(2)[:2] != _GZIP:
        return plain
    plain.close()
    return cast("BinaryIO", gzip.open(path, "rb"))


def _head(stream: BinaryIO, path: Path) -> bytes:
    try:
        return stream.read(HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RecordingUnknownError(path=str(path)) from None
    except OSError as exc:
        raise RecordingError(path=str(path)) from exc
