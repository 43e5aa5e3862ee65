"""How much of the machine is ours: a fixed loop, its wall time against its CPU time."""

import statistics
import time

CONTENDED = 1.5
"""Above this the absolute figures say more about the neighbours than about us."""
_TURNS = 150_000
_SHOTS = 7


def spin() -> tuple[float, float]:
    """CPU milliseconds of the fixed loop, and wall ÷ CPU (medians)."""
    shots = [_shot() for _ in range(_SHOTS)]
    cpu_ms = statistics.median(cpu for cpu, _ in shots)
    return cpu_ms, statistics.median(wall / cpu for cpu, wall in shots)


def _shot() -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    number = 0
    for turn in range(_TURNS):
        number = (number * 31 + turn) & 0xFFFF
    spent = max(time.process_time() - cpu, 1e-6)
    return spent * 1000, (time.perf_counter() - wall) * 1000
