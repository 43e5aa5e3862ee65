"""A recording, the clock it is played by, and the ticks that clock brings."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hostdesk import clock
from hostdesk.events import AnyEvent, Tick
from hostdesk.ports import NowMs, Post
from hostdesk.sources.playback import ReplaySource
from hostdesk.sources.recordings import open_recording

TICK_MS = 1_000


class Playing:
    """One recording being played. ``pace`` is how fast ``now_ms`` runs; 0 = by its events."""

    def __init__(self, path: Path, speed: str) -> None:
        self._recording = open_recording(path)
        self._skip = 0
        if speed == "max":
            self.pace = 0.0
            self._events = clock.EventClock(_first_ms(path))
            self.now_ms: NowMs = self._events
        else:
            self.pace = float(speed)
            self._steady = clock.ReplayClock(clock.now_ms(), self.pace)
            self.now_ms = self._steady

    def go_on(self, skip: int, last_ms: int) -> None:
        """After a restart: ``skip`` events were played, the last at ``last_ms``."""
        self._skip = skip
        if self.pace:
            self._steady.start_over(max(last_ms, clock.now_ms()))
        else:
            self._events.seen(last_ms)

    async def run(self, post: Post, waiting: Callable[[], int]) -> None:
        """Play it to its end."""
        source = ReplaySource(
            self._recording, self.now_ms, pace=self.pace or None, skip=self._skip, waiting=waiting
        )
        await source.run(post if self.pace else self._with_ticks(post))

    def _with_ticks(self, post: Post) -> Post:
        """At full speed seconds pass as the recording's events do."""
        next_ms = self._events() + TICK_MS

        def ticked(events: Sequence[AnyEvent]) -> Iterator[AnyEvent]:
            nonlocal next_ms
            for event in events:
                while event.at_ms >= next_ms:
                    self._events.seen(next_ms)
                    yield Tick(at_ms=next_ms)
                    next_ms += TICK_MS
                self._events.seen(event.at_ms)
                yield event

        return lambda events: post(list(ticked(events)))


def _first_ms(path: Path) -> int:
    for batch in open_recording(path).batches():
        return batch[0].at_ms
    return clock.now_ms()
