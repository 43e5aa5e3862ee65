"""A recording as it is read: batches of events, and what could not be read."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

import msgspec

from hostdesk.events import AnyEvent
from hostdesk.sources.recorded.clean import Order

BATCH = 200
SHOWN_LINES = 20


class Trouble:
    """Counts what was skipped, and remembers where the first of it was."""

    def __init__(self) -> None:
        self.skipped = 0
        self.lines: list[int] = []

    def at(self, line: int) -> None:
        """The line or element of this number could not be read."""
        self.skipped += 1
        if len(self.lines) < SHOWN_LINES:
            self.lines.append(line)


Reader = Callable[[BinaryIO, Trouble], Iterator[AnyEvent]]
"""Reads one format as a stream. May stop early; never raises for content but
`RecordingHostileError`."""


class Recording:
    """A file in one of the formats that we read. ``batches`` reads it once, from its start."""

    def __init__(self, form: str, opener: Callable[[], BinaryIO], reader: Reader) -> None:
        self.format = form
        self.source_id = form
        self._opener, self._reader = opener, reader
        self._trouble = Trouble()
        self._order = Order()

    @property
    def skipped(self) -> int:
        """Lines or elements that could not be read so far."""
        return self._trouble.skipped

    @property
    def skipped_lines(self) -> list[int]:
        """Numbers of the first of them."""
        return self._trouble.lines

    @property
    def turned_back(self) -> int:
        """Events whose time lay before the one before them; they follow it at once."""
        return self._order.turned_back

    def batches(self) -> Iterator[list[AnyEvent]]:
        """All events in order of ``at_ms``, in constant memory."""
        batch: list[AnyEvent] = []
        with self._opener() as stream:
            for event in self._reader(stream, self._trouble):
                at_ms = self._order.place(event.at_ms)
                if at_ms != event.at_ms:
                    event = msgspec.structs.replace(event, at_ms=at_ms)
                batch.append(event)
                if len(batch) >= BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch
