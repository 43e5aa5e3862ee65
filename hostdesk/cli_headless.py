"""A rehearsal without a screen: the same show at full speed, its findings, two pictures."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from hostdesk import launching, paths
from hostdesk.cli_judge import finding_line, finding_of
from hostdesk.errors import EngineAwayError, EngineRunningError
from hostdesk.findings import Finding
from hostdesk.journal.listing import ShowFacts, list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.seats import link_file
from hostdesk.seats.stopping import ask_to_stop
from hostdesk.text import Words

START_WAIT_S = 30.0
SHOW_WAIT_S = 3_600.0
PICTURE_WAIT_S = 60.0
LOOK_EVERY_S = 0.2
WINDOW_SIZE = "1180x760"


def rehearse(path: str, title: str, args: argparse.Namespace, say: Words) -> int:
    """Play ``path`` through a real engine process, then tell and show what it found."""
    data = paths.make_private(paths.rehearsal_folder())
    running = link_file.read(data)
    if running is not None and launching.is_engine(running.pid):
        raise EngineRunningError(pid=running.pid)
    print(say("cli.playing", title=title), file=sys.stderr)
    speed = "max" if args.speed == "1" else args.speed
    # one that is not closed was cut off: the engine goes on with it, and it is ours then
    before = {show.show_id for show in list_shows(paths.shows_folder(data)) if show.closed}
    engine = launching.start(
        launching.ENGINE,
        [
            "--replay",
            path,
            "--title",
            title,
            "--speed",
            speed,
            "--data",
            str(data),
            "--lang",
            say.locale,
            "--stay",
        ],
        stderr=subprocess.PIPE,
    )
    try:
        facts = _reachable(data, engine)
        show = _played(data, before, engine)
        out = paths.make_private(Path(args.out) if args.out else data / "out")
        picture = _picture(data, out / "window.png", say)
        ask_to_stop(facts)
        engine.wait(START_WAIT_S)
    finally:
        engine.kill()
        engine.wait()
        if engine.stderr is not None:
            engine.stderr.close()
    _tell(show, say)
    return _leave(show, out, picture, say)


def _reachable(data: Path, engine: "subprocess.Popen[str]") -> link_file.LinkFacts:
    until = time.monotonic() + START_WAIT_S
    while time.monotonic() < until and engine.poll() is None:
        facts = link_file.read(data)
        if facts is not None and facts.pid == engine.pid:
            return facts
        time.sleep(LOOK_EVERY_S)
    raise EngineAwayError


def _played(data: Path, before: set[str], engine: "subprocess.Popen[str]") -> ShowFacts:
    """Wait until the recording is played to its end and everything of it was judged."""
    until = time.monotonic() + SHOW_WAIT_S
    while time.monotonic() < until and engine.poll() is None:
        for show in list_shows(paths.shows_folder(data)):
            if show.show_id not in before and _has_ended(show):
                return show
        time.sleep(LOOK_EVERY_S)
    raise EngineAwayError


def _has_ended(show: ShowFacts) -> bool:
    if show.problem:
        return False
    with ShowReader(show.path) as reader:
        return reader.has_source_ended()


def _picture(data: Path, target: Path, say: Words) -> Path | None:
    """A real window joins the running engine and saves what it shows."""
    given = ["--join", "--data", str(data), "--picture", str(target), "--size", WINDOW_SIZE]
    environment = dict(os.environ)
    if not launching.has_screen():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    window = subprocess.run(
        launching.command(launching.WINDOW, [*given, "--lang", say.locale]),
        env=environment,
        timeout=PICTURE_WAIT_S,
        check=False,
        capture_output=True,
    )
    return target if window.returncode == 0 and target.is_file() else None


def _tell(show: ShowFacts, say: Words) -> None:
    with ShowReader(show.path) as reader:
        for _, derived in reader.derived("finding"):
            if (
                isinstance(derived, Finding)
                and derived.finding_kind != "flag"
                and derived.state != "grew"
            ):
                print(finding_line(finding_of(derived), say))


def _leave(show: ShowFacts, out: Path, picture: Path | None, say: Words) -> int:
    from hostdesk import cli_show

    page = out / "review.html"
    cli_show.write_page(show, page, say)
    print(say("cli.left_show", show=show.show_id), file=sys.stderr)
    if picture is not None:
        print(say("cli.left_picture", path=picture), file=sys.stderr)
    print(say("cli.left_review", path=page), file=sys.stderr)
    return 0
