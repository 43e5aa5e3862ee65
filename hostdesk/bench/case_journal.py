"""``journal``: what keeping a row costs, and how long a commit holds the loop up."""

import time
from pathlib import Path

import msgspec

from hostdesk import __version__, clock
from hostdesk.analysis.pipeline import classify
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed
from hostdesk.bench.results import Bar, Figure, Result, percentile
from hostdesk.content.lexicons import load_tables
from hostdesk.events import Comment, ShowOpened
from hostdesk.findings import Verdict
from hostdesk.journal.show_file import ShowJournal

ROWS = 100_000
JUDGED = 2_000
"""Comments that are judged beforehand, so that real verdicts are kept in a real share."""
PACES = {"": 1_000, "burst_": 20_000}
COMMIT_S = 0.25
BARS = (Bar("cpu_us_per_row", 4), Bar("commit_p99_ms", 60))


def journal(ground: Ground) -> Result:
    """Batches as the engine commits them at 1,000 (the bar) and at 20,000 a second."""
    rows = ground.scaled(ROWS, least=1_000)
    lines = timed(Crowd().comments(), [(rows, 1_000)], clock.now_ms())
    comments = [msgspec.convert(line, Comment) for line in lines]
    tables = load_tables()
    verdicts = [classify(comment.text, tables) for comment in comments[:JUDGED]]
    figures: dict[str, Figure] = {}
    for name, pace in PACES.items():
        file = ground.fresh("journal") / "show.hostdesk"
        cpu_us, commits_ms = _written(file, comments, verdicts, round(pace * COMMIT_S))
        figures[f"{name}cpu_us_per_row"] = round(cpu_us, 2)
        figures[f"{name}commit_p50_ms"] = round(percentile(commits_ms, 0.5), 2)
        figures[f"{name}commit_p99_ms"] = round(percentile(commits_ms, 0.99), 2)
    return Result(name="journal", figures=figures | {"comments": rows}, bars=BARS)


def _written(
    file: Path, comments: list[Comment], verdicts: list[Verdict], size: int
) -> tuple[float, list[float]]:
    """CPU µs for a row (events and derived ones), and how long each commit took."""
    opened = ShowOpened(at_ms=0, show_id="bench", title="", version=__version__, zone_offset_min=0)
    writer = ShowJournal.create(file, opened)
    rows, commits_ms = 0, []
    began = time.process_time()
    for start in range(0, len(comments), size):
        batch = comments[start : start + size]
        first = writer.append(batch, None)
        judged = [verdicts[(start + at) % len(verdicts)] for at in range(len(batch))]
        kept = [(first + at, each) for at, each in enumerate(judged) if each.labels or each.lane]
        writer.derive(kept, "bench")
        rows += len(batch) + len(kept)
        wall = time.perf_counter()
        writer.commit()
        commits_ms.append((time.perf_counter() - wall) * 1000)
    spent = time.process_time() - began
    writer.close()
    return spent * 1e6 / max(rows, 1), commits_ms
