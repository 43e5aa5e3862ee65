"""Runs benchmarks one after another and tells what they found."""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hostdesk.bench.case_analyse import analyse
from hostdesk.bench.case_feed import feed
from hostdesk.bench.case_journal import journal
from hostdesk.bench.case_live import ask, burst, live
from hostdesk.bench.case_memory import memory
from hostdesk.bench.case_obs import obs
from hostdesk.bench.case_restart import restart
from hostdesk.bench.case_sources import sources
from hostdesk.bench.case_start import start
from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.ground import Ground
from hostdesk.bench.results import Result, best
from hostdesk.bench.spin import CONTENDED, OTHERS, Neighbours, spin
from hostdesk.text import Words

Case = Callable[[Ground], Result]
CASES: dict[str, Case] = {
    "analyse": analyse,
    "journal": journal,
    "feed": feed,
    "start": start,
    "obs": obs,
    "burst": burst,
    "live": live,
    "sources": sources,
    "restart": restart,
    "memory": memory,
    "ask": ask,
}
"""In the order in which all are run: ``ask`` reports what the loads before it gathered."""
WINDOWED = {"start", "burst", "live", "memory", "ask"}
AGAIN = {"analyse", "journal", "feed", "start", "obs", "burst"}
"""Short enough to be run again where the machine was not ours alone."""
TRIES = 3
AGAIN_UNTIL_S = 90.0
"""A case is run again only within this time of its begin: the whole stays bounded."""
LOAD = "HOSTDESK_BENCH_LOAD"
"""Environment: a share of the full load (0.01 = a hundredth), to try the benchmarks out."""
QUICK = "HOSTDESK_BENCH_QUICK"


def run(names: Sequence[str], say: Words, *, as_json: bool, quick: bool = False) -> int:
    """Run the named benchmarks; 0 = every bar is met, 1 = not, 2 = an unknown name."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        known = ", ".join(CASES)
        _note(say("bench.unknown", name=unknown[0], names=known))
        return 2
    results = []
    with tempfile.TemporaryDirectory(
        prefix="hostdesk-bench-", ignore_cleanup_errors=True
    ) as folder:
        ground = Ground(
            Path(folder),
            load=_load(),
            quick=quick or bool(os.environ.get(QUICK)),
            tell=lambda text: _note(f"  {text}"),
        )
        chosen = [each for each in CASES if each in names or not names]
        shows = ground.with_screen() if WINDOWED & set(chosen) else contextlib.nullcontext()
        with shows:
            for name in chosen:
                _note(say("bench.runs", name=name, about=say(f"bench.about.{name}")))
                result = run_case(name, ground)
                results.append(result)
                _tell(result, say, as_json=as_json)
    bad = [result.name for result in results if result.met is False]
    _note(say("bench.some_missed", names=", ".join(bad)) if bad else say("bench.all_met"))
    return 1 if bad else 0


def run_case(name: str, ground: Ground) -> Result:
    """One benchmark between two spins; again (the best of three) where it was disturbed."""
    began, tried = time.monotonic(), []
    for _ in range(TRIES if name in AGAIN else 1):
        tried.append(_once(name, ground))
        if not tried[-1].contended or tried[-1].met or tried[-1].missing:
            break
        if time.monotonic() - began > AGAIN_UNTIL_S:
            break
    chosen = best(tried)
    chosen.runs = len(tried)
    return chosen


def _once(name: str, ground: Ground) -> Result:
    _, before = spin()
    neighbours = Neighbours()
    try:
        result = CASES[name](ground)
    except GaveUpError as exc:
        result = Result(name=name, missing="gave_up", detail=str(exc))
    result.others = round(neighbours.share(), 2)
    cpu_ms, after = spin()
    result.spin = round(max(before, after), 2)
    result.contended = result.spin > CONTENDED or result.others > OTHERS
    result.figures["spin_cpu_ms"] = round(cpu_ms, 1)
    return result


def told(result: Result) -> dict[str, Any]:
    """One line of ``bench --json``."""
    return {
        "kind": "bench",
        "name": result.name,
        "met": result.met,
        "figures": result.figures,
        "bars": [
            {
                "figure": bar.figure,
                "limit": bar.limit,
                "at_least": bar.at_least,
                "met": bar not in result.missed(),
            }
            for bar in result.bars
        ],
        "missing": result.missing,
        "detail": result.detail,
        "contended": result.contended,
        "spin": result.spin,
        "others": result.others,
        "runs": result.runs,
    }


def _tell(result: Result, say: Words, *, as_json: bool) -> None:
    if as_json:
        _put(msgspec.json.encode(told(result)).decode())
        return
    _put(_headline(result, say))
    for name, value in result.figures.items():
        bars = [bar for bar in result.bars if bar.figure == name]
        line = f"  {say.get(f'bench.figure.{name}', name)}: {value}"
        for bar in bars:
            met = say("bench.met" if bar.is_met(value) else "bench.missed")
            key = "bench.at_least" if bar.at_least else "bench.at_most"
            line += "  " + say(key, limit=f"{bar.limit:g}", met=met)
        _put(line)


def _headline(result: Result, say: Words) -> str:
    if result.missing:
        why = say(f"bench.why_{result.missing}", detail=result.detail)
        return say("bench.not_measured", name=result.name, why=why)
    word = say("bench.met" if result.met else "bench.missed")
    busy = (
        say("bench.contended", spin=result.spin, others=f"{result.others:.0%}")
        if result.contended
        else ""
    )
    return say("bench.head", name=result.name, met=word, busy=busy).rstrip()


def _load() -> float:
    with contextlib.suppress(ValueError):
        return min(1.0, max(0.001, float(os.environ.get(LOAD, "1"))))
    return 1.0


def _put(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _note(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
