"""Every clock time that we say or put up is a promise with a deadline."""

import re

import msgspec

from hostdesk.desk.rows import PromiseRow
from hostdesk.errors import AskRefusedError
from hostdesk.events import OpenPromise, PromiseSettled

_CLOCK = re.compile(r"(?<![\d:：])([01]?\d|2[0-3])[:：]([0-5]\d)(?![\d:：])")
_DAY_MS = 86_400_000
_PAST_MS = 3_600_000
"""A time up to this long ago is read as just missed, an older one as tomorrow's."""
MAX_KEPT = 50


class Promises:
    """The open promises of the show, and the last settled ones."""

    def __init__(self, zone_offset_min: int, carried: tuple[OpenPromise, ...] = ()) -> None:
        self._zone_ms = zone_offset_min * 60_000
        self._count = 0
        self.rows: tuple[PromiseRow, ...] = tuple(
            PromiseRow(promise_id=p.promise_id, text=p.text, due_ms=p.due_ms) for p in carried
        )

    def said(self, text: str, at_ms: int) -> None:
        """Take what was said or put up; each clock time in it opens a promise."""
        for match in _CLOCK.finditer(text):
            due_ms = self._due(int(match[1]), int(match[2]), at_ms)
            if any(row.due_ms == due_ms and row.text == text for row in self.rows):
                continue
            self._count += 1
            new = PromiseRow(promise_id=f"promise-{at_ms}-{self._count}", text=text, due_ms=due_ms)
            self.rows = tuple(sorted((*self.rows, new), key=lambda row: row.due_ms))

    def settled(self, ask: PromiseSettled) -> None:
        """A person says that it was kept, or given up.

        Raises:
            AskRefusedError: no such promise, or it was settled before.
        """
        if not any(
            r.promise_id == ask.promise_id and r.state in ("open", "late") for r in self.rows
        ):
            raise AskRefusedError(reason="promise_unknown")
        state = "kept" if ask.kept else "given_up"
        rows = [
            msgspec.structs.replace(row, state=state) if row.promise_id == ask.promise_id else row
            for row in self.rows
        ]
        waiting = [row for row in rows if row.state in ("open", "late")]
        ended = [row for row in rows if row.state not in ("open", "late")]
        self.rows = (*waiting, *ended[-MAX_KEPT:])

    def tick(self, at_ms: int) -> bool:
        """Mark what is late by now; whether anything changed."""
        late = [row.state == "open" and row.due_ms < at_ms for row in self.rows]
        if not any(late):
            return False
        self.rows = tuple(
            msgspec.structs.replace(row, state="late") if is_late else row
            for row, is_late in zip(self.rows, late, strict=True)
        )
        return True

    def _due(self, hour: int, minute: int, at_ms: int) -> int:
        local = at_ms + self._zone_ms
        due = local - local % _DAY_MS + (hour * 60 + minute) * 60_000
        if due < local - _PAST_MS:
            due += _DAY_MS
        return due - self._zone_ms
