"""Collects what an edge posts, and waits for it."""

import asyncio
from collections.abc import Callable, Sequence

from hostdesk.events import AnyEvent


class Posts:
    """Give it as ``post``; `until` waits for an event instead of sleeping."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self._news = asyncio.Event()

    def __call__(self, events: Sequence[AnyEvent]) -> None:
        self.events += events
        self._news.set()

    def of(self, kind: type) -> list[AnyEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def mark(self) -> int:
        return len(self.events)

    async def until(
        self, matches: Callable[[AnyEvent], bool], *, after: int = 0, limit_s: float = 15
    ) -> AnyEvent:
        """The first event at or after position ``after`` that matches."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    for event in self.events[after:]:
                        if matches(event):
                            return event
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(
                f"not posted in {limit_s} s: {self.events[after:][-12:]}"
            ) from None
