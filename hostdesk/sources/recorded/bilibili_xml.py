"""Bilibili-style danmaku XML and its dialects: VOD, BililiveRecorder, blrec, DanmakuFactory.

Sources: BililiveRecorder BasicDanmakuWriter.cs (c428086), blrec danmaku/io.py,
DanmakuFactory (dccd5c9). Document types and entities are refused; a truncated end, broken
bytes and control characters are tolerated.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

from hostdesk.errors import RecordingHostileError
from hostdesk.events import AnyEvent, AuthorId, Comment, CommentId, Gift, Member
from hostdesk.sources.recorded.clean import (
    BASE_MS,
    clock_ms,
    id_of,
    name_of,
    number_of,
    text_of,
    whole_of,
)
from hostdesk.sources.recorded.recording import Trouble
from hostdesk.sources.recorded.twitch_downloader import time_ms
from hostdesk.sources.recorded.xml_text import clean_chunks

PLATFORM = "bilibili"
_MS_FROM = 100_000_000_000
"""A send time of at least 10^11 is in milliseconds, else in seconds."""
_CRC = re.compile(r"^(?=.*[a-f])[0-9a-f]{6,8}$")
_TOLD = {"d", "sc", "gift", "guard", "toast"}
MAX_KEPT = 8_000
"""Characters of one element that are looked at; the rest of a huge one is passed over."""


def read(stream: BinaryIO, trouble: Trouble) -> Iterator[AnyEvent]:
    """Events of one file.

    Raises:
        RecordingHostileError: it has a document type or declares entities.
    """
    reader = _Reader(trouble)
    for chunk in clean_chunks(stream):
        alive = reader.feed(chunk)
        yield from reader.take()
        if not alive:
            break
    reader.end()
    yield from reader.take()


class _Reader:
    """Expat's callbacks, gathered into events."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._events: list[AnyEvent] = []
        self._base_ms: int | None = None
        self._open: tuple[str, dict[str, str]] | None = None
        self._meta = ""
        self._text: list[str] = []
        self._kept = 0
        self._number = 0
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, chunk: bytes) -> bool:
        """Take bytes; False where the XML ends or breaks (then what came before stands)."""
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError:
            self._trouble.at(self._number + 1)
            return False
        return True

    def end(self) -> None:
        """No more bytes. A file cut off in the middle loses its last element only."""
        if self._open is not None:
            self._trouble.at(self._number)

    def take(self) -> list[AnyEvent]:
        """The events so far."""
        events, self._events = self._events, []
        return events

    def _refuse(self, *_: Any) -> None:
        raise RecordingHostileError(path="")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._text, self._kept = [], 0
        if name in _TOLD:
            self._number += 1
            self._open = (name, attributes)
        elif name == "BililiveRecorderRecordInfo":
            self._base_ms = time_ms(attributes.get("start_time")) or self._base_ms
        self._meta = name

    def _data(self, text: str) -> None:
        if self._kept < MAX_KEPT:
            self._text.append(text[:MAX_KEPT])
            self._kept += len(text)

    def _stop(self, name: str) -> None:
        text = "".join(self._text)
        if name in ("record_start_time", "live_start_time") and self._meta == name:
            self._begin(name, text)
        if self._open is None or self._open[0] != name:
            return
        attributes, self._open = self._open[1], None
        event = self._event(name, attributes, text)
        if event is None:
            self._trouble.at(self._number)
        else:
            self._events.append(event)

    def _begin(self, name: str, text: str) -> None:
        """blrec tells the start in ``metadata``: ISO 8601, or seconds since 1970."""
        number = number_of(text)
        told = int(number * 1000) if number is not None and number > 0 else time_ms(text.strip())
        if told and (name == "record_start_time" or self._base_ms is None):
            self._base_ms = told

    def _event(self, name: str, attributes: dict[str, str], text: str) -> AnyEvent | None:
        if name == "d":
            return self._comment(attributes, text)
        at_ms = self._time(attributes.get("ts"))
        if at_ms is None:
            return None
        who = AuthorId(id_of(attributes.get("uid")))
        user = name_of(attributes.get("user"))
        if name == "sc":
            return Comment(
                at_ms=at_ms, author_id=who, author_name=user, text=text_of(text),
                badges=("sc",), platform=PLATFORM,
            )  # fmt: skip
        count = whole_of(attributes.get("giftcount") or attributes.get("count"), 1)
        kind = Gift if name == "gift" else Member
        return kind(
            at_ms=at_ms,
            author_id=who,
            author_name=user,
            name=name_of(attributes.get("giftname") or attributes.get("level")),
            count=count,
            platform=PLATFORM,
        )

    def _comment(self, attributes: dict[str, str], text: str) -> Comment | None:
        fields = attributes.get("p", "").split(",")
        at_ms = self._time(fields[0])
        if at_ms is None:
            return None
        sent = number_of(fields[4]) if len(fields) > 4 else None
        sent_ms = None if not sent else int(sent if sent >= _MS_FROM else sent * 1000)
        if self._base_ms is None and sent_ms and at_ms >= BASE_MS:
            self._base_ms = sent_ms - (at_ms - BASE_MS)
            at_ms = sent_ms
        return Comment(
            at_ms=at_ms,
            sent_ms=sent_ms,
            comment_id=CommentId(_told(fields, 7).removeprefix("0") and _told(fields, 7)),
            author_id=AuthorId(id_of(attributes.get("uid")) or _author(fields)),
            author_name=name_of(attributes.get("user")),
            text=text_of(text),
            platform=PLATFORM,
        )

    def _time(self, seconds: str | None) -> int | None:
        return clock_ms(self._base_ms if self._base_ms is not None else BASE_MS, seconds)


def _author(fields: list[str]) -> str:
    """Field 7: a CRC32 of the uid (kept apart from uids by a prefix), or the uid itself."""
    told = _told(fields, 6)
    return f"crc:{told}" if _CRC.match(told) else told


def _told(fields: list[str], place: int) -> str:
    value = fields[place].strip() if len(fields) > place else ""
    return "" if value in ("NULL", "null") else id_of(value)
