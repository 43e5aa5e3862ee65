"""``obs``: from the press to the notice proven on the picture of a real OBS."""

import shutil
import statistics
import time

from hostdesk.bench.ending import GaveUpError
from hostdesk.bench.engines import EngineRun, SeatTalk
from hostdesk.bench.ground import Ground
from hostdesk.bench.obs_program import ObsProgram
from hostdesk.bench.results import Bar, Result
from hostdesk.content.shows import demo_shows
from hostdesk.events import NoticeAsked, NoticeDownAsked
from hostdesk.settings import Settings
from hostdesk.settings_file import save

PRESSES, QUICK_PRESSES = 6, 3
LIMIT_S = 30.0
BARS = (Bar("seen_max_ms", 1_000), Bar("down_max_ms", 1_000))
UP = ("seen", "no_uplink")
"""Proven on OBS's picture; whether viewers get that picture is another matter."""


def obs(ground: Ground) -> Result:
    """Press, wait for the proof, take it down; a rehearsal with OBS switched on."""
    if shutil.which("obs") is None or shutil.which("Xvfb") is None:
        return Result(name="obs", bars=BARS, missing="no_obs")
    folder = ground.fresh("obs")
    program = ObsProgram(folder / "obs")
    data = ground.fresh("desk")
    engine = EngineRun(ground, data, demo_shows()[0].path)
    try:
        program.start()
        save(data, Settings(obs_port=program.port))
        engine.more, engine.password = ["--with-obs"], program.password
        engine.start()
        with engine.seat() as seat:
            seat.until(lambda: seat.status.obs_linked, LIMIT_S, "OBS")
            presses = QUICK_PRESSES if ground.quick else PRESSES
            took = [_pressed(seat, number) for number in range(presses)]
    except GaveUpError as exc:
        return Result(name="obs", bars=BARS, missing="obs_failed", detail=str(exc))
    finally:
        engine.stop()
        program.stop()
    first, later = took[0], took[1:]
    return Result(
        name="obs",
        figures={
            "seen_first_ms": round(first[0]),
            "seen_median_ms": round(statistics.median(each[0] for each in later)),
            "seen_max_ms": round(max(each[0] for each in took)),
            "down_median_ms": round(statistics.median(each[1] for each in later)),
            "down_max_ms": round(max(each[1] for each in took)),
            "presses": len(took),
        },
        bars=BARS,
    )


def _pressed(seat: SeatTalk, number: int) -> tuple[float, float]:
    """Milliseconds until it was proven, and until it was gone."""
    began = time.perf_counter()
    seat.ask(NoticeAsked, text=f"hostdesk bench {number + 1} 🙏", notice_kind="note")
    seat.until(lambda: seat.notice in UP, LIMIT_S, f"{seat.notice} {seat.refused}".strip())
    seen = time.perf_counter()
    seat.ask(NoticeDownAsked)
    seat.until(lambda: seat.notice == "none", LIMIT_S, seat.notice)
    return (seen - began) * 1000, (time.perf_counter() - seen) * 1000
