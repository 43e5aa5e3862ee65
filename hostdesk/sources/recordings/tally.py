"""What could not be read, and times that never run backwards."""

FIXED_START_MS = 1_704_067_200_000
"""2024-01-01T00:00:00Z: the start of a recording that only gives offsets."""

TOLD_LINES = 20
_DAY_MS = 86_400_000
_PLAUSIBLE_MS = range(946_684_800_000, 4_102_444_800_000)
"""2000 to 2100; anything else is a slip of the recorder."""


class Tally:
    """Counts of one reading; shared by a recording and its parser."""

    def __init__(self) -> None:
        self.skipped = 0
        self.skipped_lines: list[int] = []
        """Numbers of the first `TOLD_LINES` lines (elements of a JSON array) that were skipped."""
        self.clamped = 0
        """Events whose time ran backwards, was missing or absurd, and was moved."""

    def skip(self, number: int) -> None:
        """Line or element ``number`` could not be read."""
        self.skipped += 1
        if len(self.skipped_lines) < TOLD_LINES:
            self.skipped_lines.append(number)


class Offsets:
    """When a file that gives offsets began: as told, or as a message with both times shows."""

    def __init__(self) -> None:
        self.start_ms: int | None = None

    def at(self, sent_ms: int | None, offset_ms: int | None) -> int | None:
        """The time of a message: when it was sent, else counted from the start."""
        if sent_ms is not None:
            if self.start_ms is None and offset_ms is not None:
                self.start_ms = sent_ms - offset_ms
            return sent_ms
        if offset_ms is None:
            return None
        return (FIXED_START_MS if self.start_ms is None else self.start_ms) + offset_ms


class Timeline:
    """Turns the times of a file into times that never decrease.

    A single leap of more than a day is taken for a slip; a second one that agrees with
    it is believed.
    """

    def __init__(self, tally: Tally, start_ms: int | None = None) -> None:
        self._tally = tally
        self._last_ms = start_ms
        self._doubted_ms: int | None = None

    def at(self, given_ms: int | None) -> int:
        """The time to use for an event that says it was at ``given_ms``."""
        last = self._last_ms
        if given_ms is None or given_ms not in _PLAUSIBLE_MS:
            return self._moved_to(FIXED_START_MS if last is None else last)
        if last is not None and given_ms < last:
            return self._moved_to(last)
        if last is not None and given_ms - last > _DAY_MS and not self._believed(given_ms):
            return self._moved_to(last)
        self._last_ms, self._doubted_ms = given_ms, None
        return given_ms

    def _believed(self, given_ms: int) -> bool:
        doubted, self._doubted_ms = self._doubted_ms, given_ms
        return doubted is not None and abs(given_ms - doubted) <= _DAY_MS

    def _moved_to(self, at_ms: int) -> int:
        self._tally.clamped += 1
        self._last_ms = at_ms
        return at_ms
