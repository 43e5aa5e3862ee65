"""``start``: from the call to the first painted window, as a user starts it."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from hostdesk import launching
from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.ground import Ground
from hostdesk.bench.results import Bar, Figure, Result

RUNS = 5
LIMIT_S = 60.0
BARS = (Bar("warm_ms", 600), Bar("ratio", 2.5))
COLD_BAR = Bar("cold_ms", 1_500)
DROP_CACHES = Path("/proc/sys/vm/drop_caches")


class _Painted(msgspec.Struct):
    painted_ns: int
    engine_pid: int = 0


def start(ground: Ground) -> Result:
    """The desk and a bare window in turn; cold once, where caches can be dropped."""
    _bare_ms(ground), _desk_ms(ground)  # the first ones fill the caches
    runs = 2 if ground.quick else RUNS
    pairs = [(_bare_ms(ground), _desk_ms(ground)) for _ in range(runs)]
    bare = min(pair[0] for pair in pairs)
    desk = min(pair[1] for pair in pairs)
    figures: dict[str, Figure] = {
        "warm_ms": round(desk),
        "warm_median_ms": round(statistics.median(pair[1] for pair in pairs)),
        "bare_ms": round(bare),
        "ratio": round(desk / bare, 2),
    }
    bars: tuple[Bar, ...] = BARS
    if _drop_caches():
        figures["cold_ms"] = round(_desk_ms(ground))
        bars = (*BARS, COLD_BAR)
    return Result(name="start", figures=figures, bars=bars)


def _desk_ms(ground: Ground) -> float:
    data = ground.fresh("start")
    file = data / "seen.json"
    arguments = ["--probe", str(file), "--program", "--once", "--data", str(data)]
    took, painted = _timed(ground, data, file, ["-m", "hostdesk.bench.window_probe", *arguments])
    _end_engine(painted.engine_pid)
    return took


def _bare_ms(ground: Ground) -> float:
    data = ground.fresh("bare")
    file = data / "seen.json"
    program = str(Path(__file__).with_name("bare_window.py"))
    return _timed(ground, data, file, [program, str(file)])[0]


def _timed(ground: Ground, data: Path, file: Path, command: list[str]) -> tuple[float, _Painted]:
    began = time.monotonic_ns()
    try:
        subprocess.run(
            [sys.executable, *command],
            env=ground.environment(data),
            timeout=LIMIT_S,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        painted = msgspec.json.decode(file.read_bytes(), type=_Painted)
    except (subprocess.SubprocessError, OSError) as exc:
        raise GaveUpError("window") from exc
    return (painted.painted_ns - began) / 1e6, painted


def _end_engine(pid: int) -> None:
    """The engine that the window started outlives it, by design; here it ends."""
    if pid and launching.is_alive(pid):
        os.kill(pid, 15)
        launching.wait_for_end(pid, 15.0)


def _drop_caches() -> bool:
    """Forget what the system has read; only root may, and not in every container."""
    try:
        os.sync()
        DROP_CACHES.write_text("3")
    except (OSError, AttributeError):
        return False
    return True
