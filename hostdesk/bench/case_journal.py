"""``journal``: what keeping a row costs, and how long a commit holds the loop up."""

import itertools
import time
from pathlib import Path

import msgspec

from hostdesk import __version__, clock
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed
from hostdesk.bench.results import Bar, Figure, Result, percentile
from hostdesk.events import Comment, ShowOpened
from hostdesk.findings import Label, Lane, Span, Verdict
from hostdesk.journal.show_file import ShowJournal

ROWS = 100_000
PACES = (1_000, 20_000)
COMMIT_S = 0.25
FLAGGED = 4
"""One comment in so many has a verdict that is kept."""
BARS = (Bar("cpu_us_per_row", 4), Bar("commit_p99_ms", 60))


def journal(ground: Ground) -> Result:
    """Batches as the engine commits them at 1,000 (the bar) and at 20,000 a second."""
    rows = ground.scaled(ROWS, least=1_000)
    lines = timed(Crowd().comments(), [(rows, 1_000)], clock.now_ms())
    comments = [msgspec.convert(line, Comment) for line in lines]
    figures: dict[str, Figure] = {}
    for pace in PACES:
        file = ground.fresh("journal") / "show.hostdesk"
        size = round(pace * COMMIT_S)
        cpu_us, commits_ms = _written(file, comments, size)
        name = "" if pace == PACES[0] else f"burst_{'' if pace else ''}"
        figures[f"{name}cpu_us_per_row"] = round(cpu_us, 2)
        figures[f"{name}commit_p50_ms"] = round(percentile(commits_ms, 0.5), 2)
        figures[f"{name}commit_p99_ms"] = round(percentile(commits_ms, 0.99), 2)
    return Result(name="journal", figures=figures | {"rows": rows}, bars=BARS)


def _written(file: Path, comments: list[Comment], size: int) -> tuple[float, list[float]]:
    opened = ShowOpened(at_ms=0, show_id="bench", title="", version=__version__)
    writer = ShowJournal.create(file, opened)
    verdict = Verdict(
        seq=1, labels=(Label.QUESTION,), spans=(Span(0, 2, Label.QUESTION),), lane=Lane.ANSWER
    )
    rows, commits_ms = 0, []
    began = time.process_time()
    for batch in itertools.batched(comments, size):
        first = writer.append(batch, None)
        flagged = [(first + at, verdict) for at in range(0, len(batch), FLAGGED)]
        writer.derive(flagged, "bench")
        rows += len(batch) + len(flagged)
        wall = time.perf_counter()
        writer.commit()
        commits_ms.append((time.perf_counter() - wall) * 1000)
    spent = time.process_time() - began
    writer.close()
    return spent * 1e6 / max(rows, 1), commits_ms
