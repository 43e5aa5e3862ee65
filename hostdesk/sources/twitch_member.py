"""A Twitch chat read with a login while it holds, and as a guest from then on.

A guest sees no less of what is said; only speaking and moderating need the login. So a login
that lapses in the middle of a show costs a second of the feed and not the feed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from hostdesk.events import AnyEvent, Gap, SourceState
from hostdesk.ports import Post, Source
from hostdesk.sources.steps import Fault

AS_GUEST = "twitch_as_guest"
_WELL = ("live", "quiet")


class TwitchMemberRoom:
    """Two sources of one channel, one after the other. Fits `hostdesk.ports.Source`."""

    def __init__(
        self,
        source_id: str,
        watch: Callable[[], Awaitable[Fault]],
        as_member: Source,
        as_guest: Source,
    ) -> None:
        """``watch`` returns once a person must log in again."""
        self.source_id = source_id
        self._watch, self._as_member, self._as_guest = watch, as_member, as_guest
        self._lost = asyncio.Event()
        self._heard_ms: int | None = None
        """When the member last heard of the room; None before the first time."""

    async def run(self, post: Post) -> None:
        """Post what the chat says until cancelled. Never gives up."""
        member = asyncio.ensure_future(self._as_member.run(lambda events: self._pass(events, post)))
        watch = asyncio.ensure_future(self._watch())
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            done, _ = await asyncio.wait((member, watch, lost), return_when="FIRST_COMPLETED")
        finally:
            for task in (member, watch, lost):
                task.cancel()
            await asyncio.gather(member, watch, lost, return_exceptions=True)
        if member in done:
            member.result()  # a bug of ours is told by who runs the rooms
        await self._as_guest.run(lambda events: self._mark(events, post))

    def _pass(self, events: Sequence[AnyEvent], post: Post) -> None:
        """What the member says, but that it is logged out: the guest takes over then."""
        kept: list[AnyEvent] = []
        for event in events:
            if isinstance(event, SourceState):
                if event.state == "logged_out":
                    self._lost.set()
                    continue
                if event.state not in _WELL:
                    kept.append(event)
                    continue
                event = msgspec.structs.replace(event, can_speak=True)
            self._heard_ms = event.at_ms
            kept.append(event)
        if kept:
            post(kept)

    def _mark(self, events: Sequence[AnyEvent], post: Post) -> None:
        """What the guest says; that it is well comes with what the login is missing for."""
        told: list[AnyEvent] = []
        for event in events:
            if isinstance(event, SourceState) and event.state in _WELL:
                if self._heard_ms is not None:
                    gap = Gap(at_ms=self._heard_ms, until_ms=event.at_ms, source=self.source_id)
                    told.append(gap)
                    self._heard_ms = None
                event = msgspec.structs.replace(event, error_code=AS_GUEST)
            told.append(event)
        post(told)
