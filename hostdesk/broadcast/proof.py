"""Is the notice really to be seen? Looks at the picture again and again, and says so.

What "looking" means is given: a screenshot of OBS's programme scene, or the rehearsal's
stand-in picture. "已上屏" follows from this and from nothing else.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Literal, NoReturn

import msgspec

from hostdesk.events import NoticeProof
from hostdesk.ports import NowMs, Post

FIRST_LOOK_S = 0.1
"""OBS needs a frame or two before a new item is in its picture."""

SOON_S = 0.4
"""Between two looks while the notice is not seen yet."""

EAGER_S = 15.0
"""For how long after placing (or a change) we look that often."""

CALM_S = 2.0
"""Between two looks afterwards."""

AGAIN_S = 0.2
"""One look that does not find a notice that was there is checked by another one."""

REPEAT_MS = 5_000
"""What is so is said again at least this often."""

Reason = Literal["seen", "hidden", "differs", "no_picture"]


class Look(msgspec.Struct, frozen=True):
    """What one look at the picture showed."""

    reason: Reason
    similarity: float = 0.0

    @property
    def seen(self) -> bool:
        """The notice is where it should be, as it was painted."""
        return self.reason == "seen"


class ProofWatch:
    """Posts `NoticeProof` on each change, and every five seconds, while a notice is up."""

    def __init__(self, look: Callable[[], Awaitable[Look]], now_ms: NowMs) -> None:
        self._look = look
        self._now_ms = now_ms
        self._up = asyncio.Event()
        self._poked = asyncio.Event()
        self._notice_id = ""
        self._turn = 0
        self._since_ms = 0
        self._said = Look("no_picture")
        self._said_ms: int | None = None

    def watch(self, notice_id: str) -> None:
        """From now on it is this notice that should be seen."""
        self._begin(notice_id)

    def rest(self) -> None:
        """No notice is up, or it is just being changed: say nothing."""
        self._begin("")

    def poke(self) -> None:
        """Something changed: look now instead of later."""
        self._since_ms = self._now_ms()
        self._poked.set()

    def say(self, post: Post, look: Look, notice_id: str = "") -> None:
        """Post what is known without looking, e.g. that the item was deleted."""
        named = notice_id or self._notice_id
        if not named:
            return
        self._said, self._said_ms = look, self._now_ms()
        proof = NoticeProof(
            at_ms=self._said_ms,
            notice_id=named,
            seen=look.seen,
            reason=look.reason,
            similarity=round(look.similarity, 4),
        )
        post([proof])

    async def run(self, post: Post) -> NoReturn:
        """Look for ever. Raises what looking raises."""
        while True:
            await self._pause()
            turn = self._turn
            if not self._notice_id:
                continue
            look = await self._careful_look()
            if turn == self._turn and self._is_news(look):
                self.say(post, look)

    async def _careful_look(self) -> Look:
        look = await self._look()
        if look.seen or not (self._said_ms and self._said.seen):
            return look
        await asyncio.sleep(AGAIN_S)
        return await self._look()

    async def _pause(self) -> None:
        await self._up.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._wait_s()):
                await self._poked.wait()
        self._poked.clear()

    def _wait_s(self) -> float:
        if self._said_ms is None:
            return FIRST_LOOK_S
        eager = self._now_ms() - self._since_ms < EAGER_S * 1000
        return SOON_S if eager and not self._said.seen else CALM_S

    def _is_news(self, look: Look) -> bool:
        if self._said_ms is None or look.reason != self._said.reason:
            return True
        return self._now_ms() - self._said_ms >= REPEAT_MS - CALM_S * 500

    def _begin(self, notice_id: str) -> None:
        self._turn += 1
        self._notice_id = notice_id
        self._said, self._said_ms = Look("no_picture"), None
        self._since_ms = self._now_ms()
        self._poked.clear()
        if notice_id:
            self._up.set()
        else:
            self._up.clear()
