"""How much of the machine is ours: a fixed loop before and after, the others' CPU meanwhile."""

import statistics
import sys
import time

import psutil

CONTENDED = 1.5
"""Wall ÷ CPU above which absolute figures say more about the neighbours than about us."""
OTHERS = 0.2
"""The same for the share of all cores that programs of others took."""
SHORTEST_S = 0.5
"""The system counts in hundredths of a second: less time tells nothing."""
_TURNS = 150_000
_SHOTS = 7


def spin() -> tuple[float, float]:
    """CPU milliseconds of the fixed loop, and wall ÷ CPU (medians)."""
    shots = [_shot() for _ in range(_SHOTS)]
    cpu_ms = statistics.median(cpu for cpu, _ in shots)
    return cpu_ms, statistics.median(wall / cpu for cpu, wall in shots)


class Neighbours:
    """Counts the CPU that others use from its making on. Zero where the system cannot tell."""

    def __init__(self) -> None:
        self._began, self._others = time.perf_counter(), _others_s()

    def share(self) -> float:
        """Their share of all cores, 0..1."""
        spent = time.perf_counter() - self._began
        if spent < SHORTEST_S:
            return 0.0
        cores = psutil.cpu_count() or 1
        return min(1.0, max(0.0, (_others_s() - self._others) / spent / cores))


def _others_s() -> float:
    """CPU seconds of the whole machine, less ours and those of the children that ended."""
    if not sys.platform.startswith("linux"):
        return 0.0
    whole = psutil.cpu_times()
    ours = psutil.Process().cpu_times()
    busy = sum(whole) - whole.idle - whole.iowait - whole.guest - whole.guest_nice
    return float(busy - sum(ours[:4]))


def _shot() -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    number = 0
    for turn in range(_TURNS):
        number = (number * 31 + turn) & 0xFFFF
    spent = max(time.process_time() - cpu, 1e-6)
    return spent * 1000, (time.perf_counter() - wall) * 1000
