"""A recording played as if it were live."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from hostdesk.events import AnyEvent, Comment, SourceState
from hostdesk.ports import NowMs, Post
from hostdesk.sources.recordings import Recording

GROUP_MS = 10
"""Events due within this time are posted together, as a socket frame would bring them."""
MAX_GROUP = 200
"""But no more than these: a recording without times has everything at one moment."""
LONGEST_SLEEP_S = 0.25
ROOM = 5_000
"""At full speed: wait while more than this many comments are not judged yet."""


class ReplaySource:
    """Plays one recording. Fits `hostdesk.ports.Source`.

    With ``pace`` the recording's first event is now, and the others follow as they did,
    ``pace`` times as fast by ``now_ms`` (which must run at that pace). Without, everything
    is posted as fast as it is taken, with the times of the recording. ``skip`` events were
    played before a restart.
    """

    def __init__(
        self,
        recording: Recording,
        now_ms: NowMs,
        *,
        pace: float | None,
        skip: int = 0,
        waiting: Callable[[], int] = lambda: 0,
    ) -> None:
        self.source_id = recording.source_id
        self._recording = recording
        self._now_ms, self._pace, self._waiting = now_ms, pace, waiting
        self._skip = skip

    async def run(self, post: Post) -> None:
        """Post the whole recording, then say that it has ended."""
        post([self._state("live", self._now_ms())])
        if self._pace is None:
            last_ms = await self._at_once(post)
        else:
            last_ms = await self._in_time(post, self._pace)
        post([self._state("ended", last_ms)])

    async def _at_once(self, post: Post) -> int:
        last_ms = self._now_ms()
        async for batch in _after(self._recording.batches(), self._skip):
            post([self._mine(event, 0) for event in batch])
            last_ms = batch[-1].at_ms
            await asyncio.sleep(0)
            while self._waiting() > ROOM:  # noqa: ASYNC110  (the backlog has no event to wait for)
                await asyncio.sleep(0.002)
        return last_ms

    async def _in_time(self, post: Post, pace: float) -> int:
        shift_ms: int | None = None
        async for group in _groups(_after(self._recording.batches(), self._skip)):
            if shift_ms is None:
                shift_ms = self._now_ms() - group[0].at_ms
            await self._until(group[-1].at_ms + shift_ms, pace)
            post([self._mine(event, shift_ms) for event in group])
        return self._now_ms()

    async def _until(self, due_ms: int, pace: float) -> None:
        while (left_ms := due_ms - self._now_ms()) > 0:  # noqa: ASYNC110  (a clock)
            await asyncio.sleep(min(left_ms / 1000 / pace, LONGEST_SLEEP_S))
        await asyncio.sleep(0)

    def _mine(self, event: AnyEvent, shift_ms: int) -> AnyEvent:
        at_ms = event.at_ms + shift_ms
        if isinstance(event, Comment):
            return msgspec.structs.replace(event, at_ms=at_ms, source_id=self.source_id)
        return msgspec.structs.replace(event, at_ms=at_ms) if shift_ms else event

    def _state(self, state: str, at_ms: int) -> SourceState:
        told = {"kind": "source_state", "at_ms": at_ms, "source_id": self.source_id}
        skipped = self._recording.skipped
        return msgspec.convert({**told, "state": state, "skipped": skipped}, SourceState)


async def _after(batches: Iterator[list[AnyEvent]], skip: int) -> AsyncIterator[list[AnyEvent]]:
    """What comes after ``skip`` events; passing over them holds nobody up."""
    for batch in batches:
        if skip < len(batch):
            yield batch[skip:]
        else:
            await asyncio.sleep(0)
        skip = max(0, skip - len(batch))


async def _groups(batches: AsyncIterator[list[AnyEvent]]) -> AsyncIterator[list[AnyEvent]]:
    group: list[AnyEvent] = []
    async for batch in batches:
        for event in batch:
            late = bool(group) and event.at_ms - group[0].at_ms >= GROUP_MS
            if late or len(group) >= MAX_GROUP:
                yield group
                group = []
            group.append(event)
    if group:
        yield group
