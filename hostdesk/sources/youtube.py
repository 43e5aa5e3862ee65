"""The shell of a YouTube live chat: polls over HTTPS at the pace that the quota allows."""

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import Callable, Sequence

import httpx
import msgspec

from hostdesk.content.files import read_entries
from hostdesk.events import AnyEvent, Comment, Gap, SourceState
from hostdesk.ports import NowMs, Post
from hostdesk.sources.backoff import Backoff
from hostdesk.sources.http_faults import fault_behind
from hostdesk.sources.liveness import Liveness
from hostdesk.sources.steps import STALLED_MS, Fault
from hostdesk.sources.youtube_messages import PLATFORM
from hostdesk.sources.youtube_protocol import MAX_ANSWER, Answer, Call, YouTubeProtocol
from hostdesk.sources.youtube_quota import Ledger, Pace, Quota

log = logging.getLogger("hostdesk.sources")

BASE = "https://www.googleapis.com/youtube/v3"
ANSWER_S = 10.0
"""An answer is there within this time, or the line is taken for cut."""
LOOK_S = 1.0
AT_ONCE = 1 << 16
"""Bytes of an answer that are read in 2 ms; a larger one is read in a thread."""
TELL_MS = 60_000
"""How the quota stands is told again after so long, or when the pace changes by half."""
COSTS = "sources/youtube.toml"


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of call costs."""

    id: str
    units: int
    source: str = ""


def read_costs() -> dict[str, int]:
    """Units by method, from ``resources/sources/youtube.toml``.

    Raises:
        ContentError: the file is wrong.
    """
    return {cost.id: cost.units for cost in read_entries(COSTS, "call", Cost)}


class YouTubeRoom:
    """One live chat. Fits `hostdesk.ports.Source`; its `run` returns when the broadcast is over."""

    def __init__(
        self,
        source_id: str,
        *,
        video: str,
        api_key: Callable[[], str],
        now_ms: NowMs,
        budget: int = 10_000,
        base: str = BASE,
        expected_channel: str = "",
        ledger: Ledger | None = None,
    ) -> None:
        """``budget``: units a day; rooms that share a key share a ``ledger``."""
        self.source_id = source_id
        self._api_key, self._now_ms, self._base = api_key, now_ms, base.rstrip("/")
        quota = Quota(read_costs(), budget, Ledger() if ledger is None else ledger)
        self._protocol = YouTubeProtocol(source_id, video, quota, expected=expected_channel)
        self._liveness = Liveness(source_id, PLATFORM, self._protocol.room)
        self._backoff = Backoff(random.random)
        self._again = asyncio.Event()
        self._post: Post = _nowhere
        self._last: SourceState | None = None
        self._is_ended = False

    def try_again(self) -> None:
        """A person changed something, or asks for it: do not wait any longer."""
        self._again.set()

    async def run(self, post: Post) -> None:
        """Post what the chat says until the broadcast ends, or until cancelled."""
        self._post = post
        while True:
            self._tell(self._liveness.starts(self._now_ms()))
            fault = await self._try()
            if fault is None:
                self._tell(self._liveness.ended(self._now_ms()))
                return
            log.info("%s: %s", self.source_id, fault.code)
            self._tell(self._liveness.lost(fault, self._now_ms()))
            await self._rest(fault)

    async def _try(self) -> Fault | None:
        """Poll until something is in the way; None when the broadcast is over."""
        key = self._api_key()
        if not key:
            return Fault(code="youtube_no_key", state="logged_out")
        if not (key.isascii() and key.isprintable()):
            return Fault(code="youtube_key", state="logged_out")
        self._protocol.quota.key_id = hashlib.sha256(b"hostdesk " + key.encode()).hexdigest()[:12]
        try:
            async with httpx.AsyncClient(
                headers={"X-Goog-Api-Key": key, "Accept-Encoding": "identity"},
                timeout=ANSWER_S,
                trust_env=False,
                follow_redirects=False,
            ) as client:
                return await self._poll(client)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as exc:
            return fault_behind(exc, self._now_ms())

    async def _poll(self, client: httpx.AsyncClient) -> Fault | None:
        while True:
            call = self._protocol.next(self._now_ms())
            if isinstance(call, Fault):
                return call
            await self._until(call.due_ms)
            answer = await self._ask(client, call)
            self._follow(answer)
            if answer.is_ended or answer.fault is not None:
                return None if answer.is_ended else answer.fault

    async def _until(self, due_ms: int) -> None:
        while (left_ms := due_ms - self._now_ms()) > 0:
            self._tell(self._liveness.passed(self._now_ms()))
            await asyncio.sleep(min(left_ms / 1000, LOOK_S))

    async def _ask(self, client: httpx.AsyncClient, call: Call) -> Answer:
        """Make one call. The whole of it is bounded in time and in size."""
        self._protocol.quota.spend(call.method, self._now_ms())
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._answer(client, call)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self._protocol.quota.refund(call.method, self._now_ms())
            raise

    async def _answer(self, client: httpx.AsyncClient, call: Call) -> Answer:
        url = self._base + call.path
        async with client.stream("GET", url, params=call.query) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                return Answer(fault=Fault(code="source_protocol"))
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_ANSWER:
                    return Answer(fault=Fault(code="source_too_big"))
        told = (call, response.status_code, response.headers, bytes(body), self._now_ms())
        if len(body) > AT_ONCE:
            return await asyncio.to_thread(self._protocol.answered, *told)
        return self._protocol.answered(*told)

    def _follow(self, answer: Answer) -> None:
        now_ms = self._now_ms()
        told: list[AnyEvent] = []
        if answer.joined and not self._liveness.is_joined:
            self._backoff.succeeded()
            joined = self._liveness.joined(now_ms)
            told += [e for e in joined if not (answer.missed_nothing and isinstance(e, Gap))]
        if answer.joined:
            if (pace := self._protocol.pace) is not None:
                self._liveness.stalled_ms = max(STALLED_MS, pace.every_ms + round(ANSWER_S * 1000))
            said = any(isinstance(event, Comment) for event in answer.events)
            told += self._liveness.alive(now_ms, said=said, skipped=answer.skipped)
        self._tell(told + answer.events)
        self._tell_quota(now_ms)

    def _tell(self, events: Sequence[AnyEvent]) -> None:
        if not events:
            return
        told = [self._dressed(e) if isinstance(e, SourceState) else e for e in events]
        self._last = next((e for e in reversed(told) if isinstance(e, SourceState)), self._last)
        self._post(told)

    def _dressed(self, state: SourceState) -> SourceState:
        """With what only we know: the channel's name, how the quota stands, and how late we are."""
        pace = self._protocol.pace
        if pace is None or state.state not in ("live", "quiet", "stalled"):
            return msgspec.structs.replace(state, room=self._protocol.room)
        return msgspec.structs.replace(
            state, room=self._protocol.room, params=_quota_params(pace), lag_ms=pace.every_ms
        )

    def _tell_quota(self, now_ms: int) -> None:
        pace, last = self._protocol.pace, self._last
        if pace is None or last is None or last.state not in ("live", "quiet"):
            return
        is_old = now_ms - last.at_ms >= TELL_MS and last.params != _quota_params(pace)
        if is_old or not last.lag_ms / 1.5 <= pace.every_ms <= last.lag_ms * 1.5:
            self._tell([msgspec.structs.replace(last, at_ms=now_ms)])

    async def _rest(self, fault: Fault) -> None:
        """Wait for the next try. What only a person can mend is looked at again if it may pass."""
        self._again.clear()
        wait_s = None
        if fault.state == "reconnecting":
            wait_s = self._backoff.wait_s(fault.retry_s)
        elif fault.retry_s:
            wait_s = fault.retry_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._again.wait()


def _quota_params(pace: Pace) -> dict[str, str | int]:
    """For the words ``youtube.quota`` and ``youtube.stretched``."""
    return {
        "quota_units": pace.units,
        "quota_minutes": pace.minutes,
        "every_s": max(1, round(pace.every_ms / 1000)),
        "stretched": int(pace.is_stretched),
    }


def _nowhere(events: object) -> None:
    """Before `run` there is nobody to tell."""
