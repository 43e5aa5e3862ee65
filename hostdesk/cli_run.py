"""``hostdesk``, ``--demo``, ``--replay``, ``--headless`` and ``stop``."""

import argparse
import contextlib
import os
import sys
from pathlib import Path

from hostdesk import launching, paths
from hostdesk.content.shows import DemoShow, demo_shows
from hostdesk.errors import EngineRunningError, ShowUnknownError
from hostdesk.seats import link_file
from hostdesk.text import Words

FIRST_DEMO = "freeze618"
STOP_WAIT_S = 15.0


def run(args: argparse.Namespace, say: Words) -> int:
    """Open the window, rehearse, or run the engine alone."""
    if args.demo == "list":
        return _list(say)
    if not _speed_is_good(args.speed):
        print(say("cli.bad_speed"), file=sys.stderr)
        return 2
    path, title = _recording(args, say)
    if path and (args.headless or not launching.has_screen()):
        from hostdesk import cli_headless

        if not args.headless:
            print(say("cli.no_screen", title=title), file=sys.stderr)
        return cli_headless.rehearse(path, title, args, say)
    if args.headless:
        return _engine_alone(say)
    return _window(path, title, args)


def stop(args: argparse.Namespace, say: Words) -> int:
    """End the running engines in order: the show's and a rehearsal's."""
    stopped = False
    for data in (paths.data_folder(), paths.rehearsal_folder()):
        facts = link_file.read(data)
        if facts is None or not launching.is_engine(facts.pid):
            continue
        from hostdesk.seats.stopping import ask_to_stop

        ask_to_stop(facts)
        stopped = launching.wait_for_end(facts.pid, STOP_WAIT_S) or stopped
    print(say("cli.stopped" if stopped else "cli.not_running"), file=sys.stderr)
    return 0 if stopped else 1


def _list(say: Words) -> int:
    for show in demo_shows():
        title = show.title[say.locale]
        print(say("cli.demo_line", name=show.name, title=title, minutes=show.minutes))
    return 0


def _recording(args: argparse.Namespace, say: Words) -> tuple[str, str]:
    """The recording to play and its title; both empty for a live show."""
    if args.replay:
        from hostdesk.sources.recordings import open_recording

        path = Path(args.replay)
        open_recording(path)  # says now, in words, what is wrong with it
        return str(path.resolve()), path.name
    if args.demo is None:
        return "", ""
    show = _demo(args.demo or FIRST_DEMO)
    return str(show.path), show.title[say.locale]


def _demo(name: str) -> DemoShow:
    for show in demo_shows():
        if show.name == name:
            return show
    raise ShowUnknownError(name=name)


def _window(path: str, title: str, args: argparse.Namespace) -> int:
    from hostdesk import window_main

    given = ["--lang", args.locale, "--seat", args.seat or "assistant"]
    if path:
        given += ["--replay", path, "--title", title, "--speed", args.speed]
    if args.with_obs:
        given.append("--with-obs")
    return window_main.main(given)


def _engine_alone(say: Words) -> int:
    from hostdesk import engine_main

    facts = link_file.read(paths.data_folder())
    if facts is not None and launching.is_engine(facts.pid):
        raise EngineRunningError(pid=facts.pid)
    print(say("cli.headless_up", pid=os.getpid()), file=sys.stderr)
    return engine_main.main(["--stay"])


def _speed_is_good(speed: str) -> bool:
    if speed == "max":
        return True
    with contextlib.suppress(ValueError):
        return 0 < float(speed) <= 1000
    return False
