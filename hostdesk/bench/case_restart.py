"""``restart``: the engine is killed in mid-show; how long until the desk stands again."""

import time
from collections.abc import Iterator
from pathlib import Path

from hostdesk import clock
from hostdesk.bench.engines import EngineRun
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed, write
from hostdesk.bench.results import Bar, Figure, Result
from hostdesk.commands import AnyCommand
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.engine import Engine
from hostdesk.events import AnyEvent, Tick
from hostdesk.settings import Settings
from hostdesk.show_keeper import ShowKeeper
from hostdesk.sources.recordings import open_recording

COMMENTS = 100_000
SINCE_CHECKPOINT = {"": 6_000, "rush_": 60_000}
"""A checkpoint is at most a minute old: 100 comments a second (the bar), and 1,000."""
PER_S = 100
MORE = 20_000
"""Lines that are left to play, so that the kill comes in mid-show."""
WAIT_S = 120.0
BARS = (Bar("served_s", 2.0), Bar("lost", 0))


def restart(ground: Ground) -> Result:
    """With a fresh checkpoint's minute of a busy room, and of a rush."""
    comments = ground.scaled(COMMENTS, least=1_000)
    figures: dict[str, Figure] = {"comments": comments}
    for name, since in SINCE_CHECKPOINT.items():
        if name and ground.quick:
            continue
        since = ground.scaled(since, least=100)
        data = ground.fresh("restart")
        served_s, lost = _killed(ground, data, comments, since)
        figures |= {f"{name}served_s": round(served_s, 2), f"{name}replayed": since}
        figures["lost"] = max(lost, int(figures.get("lost", 0)))
    return Result(name="restart", figures=figures, bars=BARS)


def _killed(ground: Ground, data: Path, comments: int, since: int) -> tuple[float, int]:
    """Seconds until a seat is served again; comments that had been there and are gone."""
    lines = timed(Crowd().comments(), [(comments + MORE, PER_S)], clock.now_ms() - 1_000_000)
    recording = write(data / "load.jsonl", lines)
    _prepare(data, recording, comments, since)
    engine = EngineRun(ground, data, recording)
    try:
        engine.start()
        with engine.seat() as seat:
            seat.until(lambda: seat.total >= comments, WAIT_S, "desk")
            seat.ask_for(1.0)
            before = seat.total
            engine.kill()
        began = time.perf_counter()
        engine.start()
        with engine.seat() as seat:
            seat.until(lambda: seat.total > 0 and bool(seat.status.show_id), WAIT_S, "desk")
            served_s = time.perf_counter() - began
            after = seat.total
    finally:
        engine.stop()
    return served_s, max(0, before - after - PER_S // 2)  # the open quarter of a second may go


def _prepare(data: Path, recording: Path, comments: int, since: int) -> None:
    """A show of so many comments that broke off ``since`` comments after its checkpoint."""
    keeper = ShowKeeper(
        data,
        settings=Settings(),
        tables=load_tables(),
        counsel=load_counsel(),
        rehearsal=True,
        recording=str(recording),
    )
    events = _ticked(recording)
    first = next(events)
    engine = _engine(keeper, first.at_ms)
    engine.open_show(first.at_ms, "")
    engine.post([first])
    _play(engine, events, comments - since - 1)
    engine.let_go()
    path = keeper.interrupted(clock.now_ms())
    assert path is not None
    engine = _engine(keeper, first.at_ms)
    engine.resume_show(*keeper.resume(path))
    _play(engine, events, since)
    assert engine.journal is not None
    engine.journal.close()


class _Nowhere:
    """No notice goes up here: this show only fills a journal."""

    async def perform(self, command: AnyCommand) -> None:
        """Nothing is asked for, so nothing is commanded."""


def _engine(keeper: ShowKeeper, at_ms: int) -> Engine:
    return Engine(
        shows=keeper, output=_Nowhere(), now_ms=lambda: at_ms, clock=time.monotonic, pace=0
    )


def _ticked(recording: Path) -> Iterator[AnyEvent]:
    """The recording's events with a tick for each second."""
    second = 0
    for batch in open_recording(recording).batches():
        for event in batch:
            if second and event.at_ms // 1000 > second:
                yield Tick(at_ms=event.at_ms)
            second = event.at_ms // 1000
            yield event


def _play(engine: Engine, events: Iterator[AnyEvent], comments: int) -> None:
    for event in events:
        engine.post([event])
        comments -= not isinstance(event, Tick)
        if engine.waiting >= 500 or comments <= 0:
            while engine.waiting:
                engine.judge_slice()
        if comments <= 0:
            return
