"""``memory``: what window and engine hold after a million comments, and whether it grows."""

import shutil
import time

from hostdesk.bench.engines import EngineRun
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed, write
from hostdesk.bench.results import Bar, Figure, Result, slope
from hostdesk.bench.windows import PlainWindow

COMMENTS = 1_000_000
PER_S = 1_000
"""The pace of the recording; it is pushed as fast as the engine takes it."""
LIMIT_S = 300.0
ROOM_BYTES = 3 << 30
BARS = (
    Bar("window_mb", 130),
    Bar("engine_mb", 90),
    Bar("window_mb_per_100k", 2),
    Bar("engine_mb_per_100k", 2),
)
SETTLE_S = 2.0


def memory(ground: Ground) -> Result:
    """Push the comments through engine and window; sample what they hold."""
    comments = ground.scaled(COMMENTS, least=1_000)
    if shutil.disk_usage(ground.folder).free < ROOM_BYTES * ground.load:
        return Result(name="memory", bars=BARS, missing="disk")
    data = ground.fresh("memory")
    recording = write(data / "load.jsonl", timed(Crowd().comments(), [(comments, PER_S)]))
    engine = EngineRun(ground, data, recording, speed="max")
    window: PlainWindow | None = None
    samples: list[tuple[int, float, float]] = []
    try:
        engine.start()
        engine.until_up()
        window = PlainWindow(ground, data)
        began = time.monotonic()
        with engine.seat() as seat:
            while seat.total < comments and time.monotonic() - began < LIMIT_S:
                seat.ask_for(1.0)
                samples.append((seat.total, window.rss_mb, engine.rss_mb))
                ground.tell(f"{seat.total:,}")
            took = time.monotonic() - began
            seat.ask_for(SETTLE_S)
            samples.append((seat.total, window.rss_mb, engine.rss_mb))
            asks = list(seat.asks_ms)
    finally:
        if window is not None:
            window.stop()
        engine.stop()
        recording.unlink(missing_ok=True)
    ground.asks_ms["memory"] = asks
    return Result(name="memory", figures=_figures(samples, took), bars=BARS)


def _figures(samples: list[tuple[int, float, float]], took: float) -> dict[str, Figure]:
    total, window_mb, engine_mb = samples[-1]
    late = [sample for sample in samples if sample[0] >= total * 0.6]  # the ring is long full
    return {
        "comments": total,
        "per_s": round(total / took),
        "window_mb": round(window_mb, 1),
        "engine_mb": round(engine_mb, 1),
        "window_peak_mb": round(max(sample[1] for sample in samples), 1),
        "engine_peak_mb": round(max(sample[2] for sample in samples), 1),
        "window_mb_per_100k": round(slope([(s[0] / 1e5, s[1]) for s in late]), 2),
        "engine_mb_per_100k": round(slope([(s[0] / 1e5, s[2]) for s in late]), 2),
    }
