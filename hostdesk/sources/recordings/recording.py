"""One recorded chat, whatever program made it."""

from collections.abc import Iterator
from pathlib import Path

from hostdesk.errors import RecordingEmptyError, RecordingHostileError, RecordingUnknownError
from hostdesk.events import AnyEvent
from hostdesk.sources.recordings.decoding import Text
from hostdesk.sources.recordings.detecting import PARSERS, format_of, is_hostile
from hostdesk.sources.recordings.tally import Tally

BATCH = 200
"""Events at most; the desk can breathe between two batches."""


class Recording:
    """Reads one file as often as wanted, in constant memory. `open_recording` makes one."""

    def __init__(self, path: Path, text: Text, kind: str) -> None:
        self.path = path
        self.format = kind
        """A key of `detecting.PARSERS`."""
        self.source_id = kind
        self._text = text
        self._tally = Tally()

    def batches(self) -> Iterator[list[AnyEvent]]:
        """All events in order, `BATCH` at a time; ``at_ms`` never decreases.

        Raises:
            RecordingHostileError: a document type or an entity was met.
            RecordingError: reading broke off.
        """
        self._tally = Tally()
        parser = PARSERS[self.format](self._tally)
        for piece in self._text.chunks():
            yield from _batched(parser.feed(piece))
            if parser.is_hostile:
                break
        yield from _batched(parser.finish())
        if parser.is_hostile:
            raise RecordingHostileError(path=str(self.path))

    def first_ms(self) -> int | None:
        """Time of the first event; None where there is none.

        Raises:
            RecordingError: as `batches`.
        """
        for batch in self.batches():
            return batch[0].at_ms
        return None

    @property
    def skipped(self) -> int:
        """Lines or elements that could not be read, so far."""
        return self._tally.skipped

    @property
    def skipped_lines(self) -> list[int]:
        """Numbers of the first 20 of them: lines, or elements of a JSON list."""
        return self._tally.skipped_lines

    @property
    def clamped(self) -> int:
        """Events whose time was missing or ran backwards, so far."""
        return self._tally.clamped


def open_recording(path: Path) -> Recording:
    """Look into the file and tell what it is.

    Raises:
        RecordingError: one of its kinds: missing, a folder, forbidden, empty, unknown, hostile.
    """
    text = Text(path)
    if is_hostile(text.head):
        raise RecordingHostileError(path=str(path))
    if "".join(text.head[:1000].split()) in ("[]", "{}"):
        raise RecordingEmptyError(path=str(path))
    kind = format_of(text.head)
    if not kind:
        raise RecordingUnknownError(path=str(path))
    return Recording(path, text, kind)


def _batched(events: list[AnyEvent]) -> Iterator[list[AnyEvent]]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]
