"""``feed``: what a frame of the feed costs, as ratios that hold on any machine."""

import subprocess
import sys

import msgspec

from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.ground import Ground
from hostdesk.bench.results import Bar, Result, percentile

FRAMES = 300
LIMIT_S = 120.0
BARS = (Bar("ratio", 3.0), Bar("ring_ratio", 1.3), Bar("laid_beyond_visible", 2))


class _Told(msgspec.Struct):
    product_ms: float
    reference_ms: float
    short_ring_ms: float
    wall_ms: list[float]
    laid_max: int
    visible: int


def feed(ground: Ground) -> Result:
    """Product, reference and a shorter ring, frame by frame in turn."""
    data = ground.fresh("feed")
    file = data / "told.json"
    frames = str(ground.scaled(FRAMES, least=20))
    try:
        subprocess.run(
            [sys.executable, "-m", "hostdesk.bench.feed_probe", str(file), frames],
            env=ground.environment(data) | {"QT_QPA_PLATFORM": "offscreen"},
            timeout=LIMIT_S,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        told = msgspec.json.decode(file.read_bytes(), type=_Told)
    except (subprocess.SubprocessError, OSError) as exc:
        raise GaveUpError("window") from exc
    return Result(
        name="feed",
        figures={
            "ratio": round(told.product_ms / told.reference_ms, 2),
            "ring_ratio": round(told.product_ms / told.short_ring_ms, 2),
            "frame_cpu_ms": round(told.product_ms, 2),
            "reference_ms": round(told.reference_ms, 2),
            "frame_p99_ms": round(percentile(told.wall_ms, 0.99), 1),
            "rows_laid": told.laid_max,
            "rows_visible": told.visible,
            "laid_beyond_visible": told.laid_max - told.visible,
        },
        bars=BARS,
    )
