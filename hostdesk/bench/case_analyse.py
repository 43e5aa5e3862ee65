"""``analyse``: comments a second through the whole analysis, on one core."""

import itertools
import time
from pathlib import Path

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd, timed, write
from hostdesk.bench.results import Bar, Figure, Result
from hostdesk.content.lexicons import load_tables
from hostdesk.events import Comment
from hostdesk.sources.recordings import open_recording

LINES = 50_000
RUSH_PER_S = 1_000
BARS = (Bar("comments_per_s", 5_000, at_least=True),)


def analyse(ground: Ground) -> Result:
    """The shipped shows at their own pace (the bar), and the same people at 1,000 a second."""
    folder = ground.fresh("analyse")
    lines = ground.scaled(LINES, least=500)
    shows = write(folder / "shows.jsonl", itertools.islice(Crowd().show_lines(), lines))
    comments, per_s, found = _judged(shows)
    figures: dict[str, Figure] = {"comments_per_s": per_s, "comments": comments, "derived": found}
    rush = write(folder / "rush.jsonl", timed(Crowd().comments(), [(lines, RUSH_PER_S)]))
    _, figures["rush_comments_per_s"], figures["rush_derived"] = _judged(rush)
    return Result(name="analyse", figures=figures, bars=BARS)


def _judged(path: Path) -> tuple[int, int, int]:
    """Comments, comments for each second of CPU (reading included), verdicts and findings."""
    pipeline = Pipeline(load_tables(), {})
    comments = seq = found = 0
    began = time.process_time()
    for batch in open_recording(path).batches():
        for event in batch:
            seq += 1
            comments += isinstance(event, Comment)
            found += len(pipeline.receive(seq, event))
    spent = max(time.process_time() - began, 1e-6)
    return comments, round(comments / spent), found
