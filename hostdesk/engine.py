"""The one loop: events in, commands out, their answers back in as events.

Events are stored and shown on receipt; judging follows in slices of ``SLICE_S``, so an
ask is answered at once however much still waits. Nothing else changes state.
"""

import asyncio
import contextlib
import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from hostdesk.answered import Answered
from hostdesk.backlog import Backlog
from hostdesk.checkpoint_clock import CheckpointClock
from hostdesk.commands import AnyCommand
from hostdesk.desk.core import Core
from hostdesk.desk.life import Life, Turn
from hostdesk.desk.rows import Digest
from hostdesk.desk.telling import Telling
from hostdesk.engine_ports import Audience, Shows
from hostdesk.errors import AskRefusedError, DiskFullError, HostdeskError
from hostdesk.events import (
    URGENT,
    AnyAsk,
    AnyEvent,
    ClosedWhy,
    EndShowAsked,
    Health,
    LoadChanged,
    ObsState,
    ShowClosed,
    ShowResumed,
    SourceState,
    StartShowAsked,
    Stream,
    Tick,
)
from hostdesk.findings import Verdict
from hostdesk.performing import Performer
from hostdesk.ports import Journal, NowMs, Output

log = logging.getLogger("hostdesk.engine")

SLICE_S = 0.004
AT_ONCE = 4
"""Events judged between two looks at the clock: they may take 0.3 ms each."""
PASSES = 4
"""Of the loop after each slice: an ask is read, handed over and answered in one after the
other, and with a single pass each of these steps waits for a slice."""
COMMIT_S = 0.25
COMMIT_EVENTS = 500
"""In a burst earlier than each `COMMIT_S`: many short transactions hold an ask up less."""
FLUSH_S = 1 / 30
TICK_S = 1.0
BEHIND, CAUGHT_UP = 2_000, 100
CLOSE_S = 5.0
OPEN_AGAIN_S = 5.0
"""A show that could not be opened is tried again, but not with every comment."""
REST_S = 1.0
"""An idle loop looks up once a second, so that a stop is never missed."""


class Engine:
    """Runs the desk. All state changes happen here, one event at a time."""

    def __init__(
        self,
        *,
        shows: Shows,
        output: Output,
        now_ms: NowMs,
        clock: Callable[[], float],
        pace: float = 1.0,
    ) -> None:
        """``pace``: how fast ``now_ms`` runs against ``clock`` (a replay's speed); 0 where
        the source itself brings the ticks.
        """
        self._shows, self._performer = shows, Performer(output, now_ms)
        self._now_ms, self._clock, self._pace = now_ms, clock, pace
        self.core = shows.lobby(now_ms())
        self.journal: Journal | None = None
        self.life = Life()
        self.audience: Audience | None = None
        self.quarantined = 0
        self._telling = Telling()
        self._backlog = Backlog()
        self._last_seq = 0
        self._checkpoints = CheckpointClock(clock())
        self._behind = False
        self._disk_full = False
        self._performing = 0
        self._closing = False
        self._answered = Answered()
        self._no_open: tuple[float, HostdeskError] | None = None
        self._standing: dict[object, AnyEvent] = {}
        self._commands: deque[AnyCommand] = deque()
        self._wake = asyncio.Event()
        self.stopped = asyncio.Event()
        self._stop_by = 0.0

    # ------------------------------------------------------------------------ events in

    def post(self, events: Sequence[AnyEvent]) -> None:
        """Take a batch: store it, show it, judge it in its turn. Returns at once."""
        for event in events:
            turn = self.life.receive(event)
            if turn == "open" and self._try_open(event.at_ms, "") is None:
                self.life.receive(event)
            self._receive(event)
            if turn in ("close_asked", "close_stopped"):
                self._close(turn)

    def ask(self, ask: AnyAsk) -> HostdeskError | None:
        """Do what a person asks; the error where it cannot be done now."""
        if self._answered.has(ask.ask_id):
            return self._answered.again(ask.ask_id)
        ask = msgspec.structs.replace(ask, at_ms=self._now_ms())
        error = self._asked(ask)
        self._answered.take(ask.ask_id, error)
        return error

    def open_show(self, at_ms: int, title: str) -> None:
        """Open a show now, with what is known of the broadcast."""
        self.journal, self.core, opened = self._shows.open(at_ms, title)
        self._start_over(last_seq=0)
        self.life = Life(is_open=True)
        log.info("show %s opened", opened.show_id)
        self._receive(opened)
        for event in tuple(self._standing.values()):
            self.life.receive(event)
            self._receive(msgspec.structs.replace(event, at_ms=at_ms))

    def resume_show(self, journal: Journal, core: Core, last_seq: int) -> None:
        """Go on with a show that a crash or a stop interrupted; ``core`` was replayed."""
        self.journal, self.core = journal, core
        self._start_over(last_seq=last_seq)
        status = core.desk.status.panel
        self.life = Life(is_open=True, has_streamed=bool(status.stream))
        self._behind = status.waiting > CAUGHT_UP
        self._receive(ShowResumed(at_ms=self._now_ms(), after="crash"))

    def end_show(self, why: ClosedWhy) -> None:
        """Close the show, if one is open."""
        if self.life.is_open and not self._closing:
            self._closing = True
            self._receive(ShowClosed(at_ms=self._now_ms(), why=why))
            self._wake.set()

    def _asked(self, ask: AnyAsk) -> HostdeskError | None:
        turn = self.life.receive(ask)
        if self._closing or (isinstance(ask, EndShowAsked) and not self.life.is_open):
            return AskRefusedError(reason="no_show")
        if turn == "open":
            error = self._try_open(ask.at_ms, getattr(ask, "title", ""))
            if error is not None and isinstance(ask, StartShowAsked):
                return error
        try:
            self._receive(ask)
        except HostdeskError as exc:
            return exc
        if turn == "close_asked":
            self._close(turn)
        return None

    def _try_open(self, at_ms: int, title: str) -> HostdeskError | None:
        """Open a show; where the disk has no room, what happens is shown all the same."""
        if self._no_open is not None and self._clock() < self._no_open[0]:
            return self._no_open[1]
        try:
            self.open_show(at_ms, title)
        except HostdeskError as exc:
            log.warning("no show can be opened: %s", exc.code)
            self._no_open = (self._clock() + OPEN_AGAIN_S, exc)
            self._say_disk_full(full=True)
            return exc
        self._no_open = None
        return None

    def _receive(self, event: AnyEvent) -> None:
        self._note(event)
        urgent = isinstance(event, URGENT)
        seq = self._store(event, urgent=urgent)
        row = self.core.row(seq, event)
        if row is not None:
            self._telling.row(row)
        if urgent:
            self._handle(seq, event)
        else:
            self._backlog.put(seq, event, can_spill=self.journal is not None)
            self._wake.set()

    def _store(self, event: AnyEvent, *, urgent: bool) -> int:
        self._last_seq += 1
        if self.journal is not None:
            self.journal.append([event], self.core.judged if urgent else None)
            if self._last_seq % COMMIT_EVENTS == 0:
                self._commit()
        return self._last_seq

    def _handle(self, seq: int, event: AnyEvent) -> None:
        self._telling.changed = True
        try:
            commands = self.core.urgent(seq, event)
        except HostdeskError:
            raise
        except Exception as exc:  # noqa: BLE001  (one bad event must not end a show)
            self._quarantine(seq, event, exc)
            return
        self._issue(seq, commands)
        if isinstance(event, AnyAsk):
            self._commit()

    def _note(self, event: AnyEvent) -> None:
        """Remember how the broadcast and the sources stand, for a show that opens later."""
        if isinstance(event, ObsState | Stream | Health):
            self._standing[type(event)] = event
        elif isinstance(event, SourceState):
            self._standing[event.source_id] = event

    # -------------------------------------------------------------------------- judging

    def judge_slice(self) -> None:
        """Judge what waits, for at most `SLICE_S`."""
        until = self._clock() + SLICE_S
        while self._backlog.ready:
            for _ in range(min(AT_ONCE, self._backlog.ready)):
                self._judge(*self._backlog.take())
            if self._clock() >= until:
                break
        if self._backlog and not self._backlog.ready and self.journal is not None:
            self._commit()
            self._backlog.read_back(self.journal)

    def _judge(self, seq: int, event: AnyEvent) -> None:
        try:
            turn = self.core.judge(seq, event)
        except Exception as exc:  # noqa: BLE001  (one bad event must not end a show)
            self._quarantine(seq, event, exc)
            return
        self._telling.changed = True  # clocks go on and rooms change while nobody speaks
        if turn.derived:
            if self.journal is not None:
                model = self.core.pipeline.model
                self.journal.derive([(seq, each) for each in turn.derived], model)
            self._telling.derived(seq, event, turn.derived)
        self._issue(seq, turn.commands)

    def _quarantine(self, seq: int, event: AnyEvent, exc: Exception) -> None:
        """Where it happened is logged, but not the error's own words: they may be a viewer's."""
        self.quarantined += 1
        where = _where(exc)
        told = (seq, type(event).__name__, type(exc).__name__, where)
        log.error("event %d (%s) was put aside: %s\n%s", *told)

    @property
    def waiting(self) -> int:
        """Events shown but not judged yet (an upper bound while reading back)."""
        return len(self._backlog)

    # ---------------------------------------------------------------------- commands out

    @property
    def pending(self) -> tuple[AnyCommand, ...]:
        """Commands that have not left yet."""
        return tuple(self._commands)

    def _issue(self, seq: int, commands: Sequence[AnyCommand]) -> None:
        if not commands:
            return
        if self.journal is not None:
            self.journal.issue(seq, commands)
            self._commit()
        self._commands.extend(commands)
        self._wake.set()

    async def _perform(self, command: AnyCommand) -> None:
        self._performing += 1
        try:
            answer = await self._performer.perform(command)
        finally:
            self._performing -= 1
        self._receive(answer)
        self._wake.set()

    # ------------------------------------------------------------------------- the loop

    async def run(self) -> None:
        """Work until `stop`. Commands run side by side; events never do."""
        async with asyncio.TaskGroup() as tasks:
            timers = [
                tasks.create_task(self._every(COMMIT_S, self._commit)),
                tasks.create_task(self._every(FLUSH_S, self.flush)),
                tasks.create_task(self._every(COMMIT_S, self._look_after_checkpoint)),
                tasks.create_task(self._tick()),
            ]
            while not self._is_done():
                await self._turn(tasks)
            for timer in timers:
                timer.cancel()
        if self._closing:
            self._finish_show()  # an answer came later than `CLOSE_S`
        self.let_go()

    def stop(self) -> None:
        """End in order: the show is closed, what is under way is finished, the journal is whole."""
        if self.stopped.is_set():
            return
        self.stopped.set()
        self._stop_by = self._clock() + CLOSE_S
        self.end_show("engine_stopped")
        self._wake.set()

    def _is_done(self) -> bool:
        if not self.stopped.is_set():
            return False
        return (self._is_quiet() and not self._closing) or self._clock() > self._stop_by

    async def _turn(self, tasks: asyncio.TaskGroup) -> None:
        self._wake.clear()
        while self._commands:
            tasks.create_task(self._perform(self._commands.popleft()))
        self.judge_slice()
        self._watch_load()
        if self._closing and self._is_quiet():
            self._finish_show()
        if self._backlog:
            for _ in range(PASSES):
                await asyncio.sleep(0)
        elif not self._is_done():
            await self._rest()

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST_S):
                await self._wake.wait()

    def _is_quiet(self) -> bool:
        return not (self._performing or self._commands or self.waiting)

    async def _every(self, seconds: float, work: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                work()
            except Exception as exc:  # noqa: BLE001  (telling or keeping must not end the show)
                log.error("%s failed: %s", work.__name__, _where(exc))  # noqa: TRY400

    async def _tick(self) -> None:
        while self._pace:
            await asyncio.sleep(TICK_S / self._pace)
            self.post([Tick(at_ms=self._now_ms())])

    def _watch_load(self) -> None:
        waiting = self.waiting
        behind = waiting > (CAUGHT_UP if self._behind else BEHIND)
        if behind != self._behind:
            self._behind = behind
            level: Literal["behind", "normal"] = "behind" if behind else "normal"
            self._receive(LoadChanged(at_ms=self._now_ms(), level=level, waiting=waiting))

    # ------------------------------------------------------------------- keeping and telling

    def flush(self) -> None:
        """Tell the audience what changed since last time."""
        if self.audience is None or not self._telling.has_news(self.core.feed, self.page):
            return
        self.audience.publish(self._telling.digest(self.core, self._now_ms(), self.waiting))

    def snapshot(self) -> Digest:
        """All panels and the newest rows, for a seat that has just come."""
        return self._telling.snapshot(self.core, self._now_ms(), self.waiting)

    def page(self, from_seq: int, until_seq: int) -> list[tuple[int, AnyEvent, Verdict | None]]:
        """Rows of the past with their verdicts, from the journal."""
        if self.journal is None:
            return []
        self._commit()
        try:
            return self.journal.page(from_seq, until_seq)
        except HostdeskError as exc:
            log.warning("no page of the past: %s", exc.code)
            return []

    @property
    def life_is_live(self) -> bool:
        """Whether a real show is open: the engine does not end then, whoever left."""
        panel = self.core.desk.status.panel
        return self.life.is_open and not panel.rehearsal

    def let_go(self) -> None:
        """The process ends: the journal is whole."""
        if self.journal is not None:
            self._commit()
            self.journal.close()
            self.journal = None

    def _commit(self) -> None:
        if self.journal is None:
            return
        try:
            self.journal.commit()
        except DiskFullError:
            self._say_disk_full(full=True)
        else:
            self._say_disk_full(full=False)

    def _say_disk_full(self, *, full: bool) -> None:
        if full != self._disk_full:
            self._disk_full = full
            log.warning("disk full: %s", full)
            self.core.desk.status.change(disk_full=full)
            self._telling.changed = True

    def _look_after_checkpoint(self) -> None:
        """Store one that is complete; begin one each minute, or after many comments."""
        if self.journal is None:
            return
        done = self._shows.checkpoint()
        if done is not None:
            self.journal.checkpoint(*done)
        if self._checkpoints.is_due(self._clock(), self.core.judged):
            self._shows.begin_checkpoint(self._last_seq, self.core)

    # ---------------------------------------------------------------------- ends of a show

    def _close(self, turn: Turn) -> None:
        self.end_show("asked" if turn == "close_asked" else "stream_stopped")

    def _finish_show(self) -> None:
        self._closing = False
        self._commit()
        show_id = self.core.desk.status.panel.show_id
        if self.journal is not None:
            self.journal.close()
        self.flush()
        log.info("show %s closed", show_id)
        self.journal = None
        self.core = self._shows.lobby(self._now_ms())
        self._start_over(last_seq=0)
        self.life = Life(was_closed=True)
        self._shows.closed(show_id)
        for event in tuple(self._standing.values()):
            self._receive(event)

    def _start_over(self, *, last_seq: int) -> None:
        self._backlog = Backlog()
        self._last_seq = last_seq
        self._checkpoints = CheckpointClock(self._clock(), self.core.judged)
        self._telling = self._telling.successor()


def _where(exc: Exception) -> str:
    """The places, without the error's own words: they may be a viewer's."""
    return "".join(traceback.format_tb(exc.__traceback__))
