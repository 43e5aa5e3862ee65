"""``live``, ``burst`` and ``ask``: a real engine, a real window, a crowd."""

import time
from collections.abc import Sequence

from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.engines import EngineRun
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed, write
from hostdesk.bench.results import Bar, Figure, Result, percentile, spread
from hostdesk.bench.window_probe import Seen
from hostdesk.bench.windows import ProbedWindow

PER_S = 1_000
LIVE_S, QUICK_S = 60, 20
SETTLE_S = 1.5
"""Dropped at the beginning: start-up is another benchmark's matter."""
BURST = 20_000
QUIET_PER_S = 50
BEFORE_S, AFTER_S = 7, 8
START_S = 6
"""Seconds of the recording that may pass until the window stands."""
WAIT_S = 90.0

LIVE_BARS = (Bar("lag_p99_ms", 10), Bar("screen_p99_ms", 50), Bar("lost", 0))
BURST_BARS = (Bar("screen_max_ms", 300), Bar("flags_max_ms", 4_000), Bar("lost", 0))
ASK_BARS = (Bar("ask_p99_ms", 50),)
LOADS = ("live", "burst")


def live(ground: Ground) -> Result:
    """1,000 comments a second for a minute."""
    seconds = QUICK_S if ground.quick else max(3, round(LIVE_S * ground.load))
    phases = [(PER_S * (seconds + START_S), PER_S)]
    seen, figures, times = _play(ground, "live", phases, seconds)
    begin = times[0] + SETTLE_S * 1000 if times else 0.0
    figures |= _window_figures(seen, begin, begin + (seconds + START_S) * 1000)
    return Result(name="live", figures=figures, bars=LIVE_BARS)


def burst(ground: Ground) -> Result:
    """Twenty thousand comments in one second, in a room that was quiet."""
    size = ground.scaled(BURST, least=200)
    before, after = QUIET_PER_S * BEFORE_S, QUIET_PER_S * AFTER_S
    phases = [(before, QUIET_PER_S), (size, size), (after, QUIET_PER_S)]
    seen, figures, times = _play(ground, "burst", phases, BEFORE_S + 1 + AFTER_S - START_S / 2)
    begin, until = times[before], times[min(before + size, len(times)) - 1]
    rows = [shown - at for shown, at in seen.rows if begin <= at <= until]
    flags = [shown - at for shown, at in seen.flags if begin <= at <= until]
    figures |= spread("screen", rows) | spread("flags", flags)
    lags = [late for when, late in seen.lag if begin <= when <= until + 4_000]
    figures |= spread("lag", lags) | {"rows_seen": len(rows), "flags_seen": len(flags)}
    return Result(name="burst", figures=figures, bars=BURST_BARS)


def ask(ground: Ground) -> Result:
    """How long asks took under the two loads (plays the short one where neither was).

    What they took while a million comments were pushed as fast as can be is told beside it.
    """
    if not any(name in ground.asks_ms for name in LOADS):
        burst(ground)
    told: dict[str, Figure] = {}
    for name, took in ground.asks_ms.items():
        told |= {f"{name}_p99_ms": round(percentile(took, 0.99), 1), f"{name}_asks": len(took)}
    every = [each for name in LOADS for each in ground.asks_ms.get(name, [])]
    return Result(name="ask", figures=spread("ask", every) | told, bars=ASK_BARS)


def _play(
    ground: Ground, name: str, phases: Sequence[tuple[int, int]], seconds: float
) -> tuple[Seen, dict[str, Figure], list[int]]:
    """Play a load into engine and window; what the window saw, figures, times of receipt."""
    data = ground.fresh(name)
    comments = sum(count for count, _ in phases)
    lines = timed(Crowd().comments(), phases)
    recording = write(data / "load.jsonl", lines)
    engine = EngineRun(ground, data, recording)
    window: ProbedWindow | None = None
    try:
        engine.start()
        engine.until_up()
        window = ProbedWindow(ground, data)
        with engine.seat() as seat:
            began = time.monotonic()
            seat.until(lambda: seat.total > 0, WAIT_S, "first comment")
            seat.ask_for(seconds + START_S / 2)
            seat.until(lambda: seat.total >= comments, WAIT_S, "all comments")
            seat.until(lambda: seat.status.waiting == 0, WAIT_S, "all judged")
            took = time.monotonic() - began
            seen = window.finish()
            ground.asks_ms.setdefault(name, []).extend(seat.asks_ms)
            figures: dict[str, Figure] = spread("ask", seat.asks_ms) | {
                "digest_max_kb": round(max(seat.digest_bytes) / 1024, 1),
                "seconds": round(took, 1),
                "platform": seen.platform,
            }
    finally:
        if window is not None:
            window.stop()
        engine.stop()
    times = engine.comment_times()
    if not times:
        raise GaveUpError("journal")
    return seen, figures | {"comments": comments, "lost": comments - len(times)}, times


def _window_figures(seen: Seen, begin_ms: float, until_ms: float) -> dict[str, Figure]:
    lags = [late for when, late in seen.lag if begin_ms <= when <= until_ms]
    rows = [shown - at for shown, at in seen.rows if begin_ms <= at <= until_ms]
    frames = [took for when, took in seen.frames if begin_ms <= when <= until_ms]
    seconds = max((until_ms - begin_ms) / 1000, 1.0)
    return {
        **spread("lag", lags),
        **spread("screen", rows),
        **spread("frame", frames),
        "frames_per_s": round(len(frames) / seconds, 1),
        "rows_seen": len(rows),
    }
