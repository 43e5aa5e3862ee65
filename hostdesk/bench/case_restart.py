"""``restart``: the engine is killed in mid-show; how long until the desk stands again."""

import time
from pathlib import Path

from hostdesk.bench.engines import EngineRun, SeatTalk
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed, write
from hostdesk.bench.results import Bar, Result
from hostdesk.journal.listing import list_shows
from hostdesk.journal.reader import ShowReader

COMMENTS, QUICK_COMMENTS = 100_000, 30_000
FILL, FILL_PER_S = 0.8, 20_000
"""This share comes at once, to fill the journal; the rest at the pace of a rush."""
PER_S = 1_000
MORE_S = 120
CALM_S = 8.0
"""Judging has caught up for so long when the kill comes: checkpoints are under way."""
WAIT_S = 120.0
BARS = (Bar("served_s", 2.0), Bar("lost", 0))


def restart(ground: Ground) -> Result:
    """Play, kill, start again; a seat counts the seconds until it is told the desk."""
    comments = ground.scaled(QUICK_COMMENTS if ground.quick else COMMENTS, least=1_000)
    data = ground.fresh("restart")
    fill = round(comments * FILL)
    phases = [(fill, FILL_PER_S), (comments - fill + PER_S * MORE_S, PER_S)]
    recording = write(data / "load.jsonl", timed(Crowd().comments(), phases))
    engine = EngineRun(ground, data, recording)
    try:
        engine.start()
        with engine.seat() as seat:
            seat.until(lambda: seat.total >= comments, WAIT_S, "comments")
            seat.until(lambda: seat.status.waiting < PER_S, WAIT_S, "judging")
            seat.ask_for(CALM_S)
            before = seat.total
            engine.kill()
        stored, since = _stored(data)
        began = time.perf_counter()
        engine.start()
        with engine.seat() as seat:
            seat.until(lambda: _stands(seat), WAIT_S, "desk")
            served_s = time.perf_counter() - began
            after = seat.total
    finally:
        engine.stop()
    return Result(
        name="restart",
        figures={
            "served_s": round(served_s, 2),
            "comments": stored,
            "replayed": since,
            "open_batch": max(0, before - stored),
            "lost": max(0, stored - after),
        },
        bars=BARS,
    )


def _stands(seat: SeatTalk) -> bool:
    return seat.total > 0 and bool(seat.status.show_id)


def _stored(data: Path) -> tuple[int, int]:
    """Comments that the journal kept, and events that came after its newest checkpoint."""
    [show] = list_shows(data / "shows")
    with ShowReader(show.path) as reader:
        saved = reader.last_checkpoint()
        last_seq = sum(1 for _ in reader.events(from_seq=saved[0] + 1 if saved else 1))
    return show.comments, last_seq
