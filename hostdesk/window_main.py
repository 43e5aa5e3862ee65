"""Composition root of a window process: one seat, joined to the engine by the link."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hostdesk import launching, paths
from hostdesk.seats import link_file

STOP_WAIT_S = 10.0


def main(argv: Sequence[str] | None = None) -> int:
    """Open one window; start an engine first, where none runs (before Qt is even imported)."""
    args = _parser().parse_args(argv)
    data = _data(args)
    if not args.join:
        make_room(data, rehearsal=bool(args.replay))
        if not is_running(data):
            launching.start(launching.ENGINE, engine_arguments(args))
    from hostdesk.window import run  # Qt, while the engine starts beside us

    return run(args, data)


def is_running(data: Path) -> bool:
    """Whether an engine of this folder is alive."""
    facts = link_file.read(data)
    return facts is not None and launching.is_engine(facts.pid)


def make_room(data: Path, *, rehearsal: bool) -> None:
    """A new rehearsal takes the place of the one that is still running."""
    facts = link_file.read(data)
    if facts is None or not launching.is_engine(facts.pid):
        link_file.remove(data)
    elif rehearsal:
        from hostdesk.seats.stopping import ask_to_stop  # only then: it costs 30 ms

        ask_to_stop(facts)
        launching.wait_for_end(facts.pid, STOP_WAIT_S)


def engine_arguments(args: argparse.Namespace) -> list[str]:
    """What to start the engine with, for the window's own arguments."""
    given: list[str] = []
    for name in ("data", "replay", "title", "speed", "lang"):
        if value := getattr(args, name):
            given += [f"--{name}", str(value)]
    return [*given, "--with-obs"] if args.with_obs else given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hostdesk.window_main")
    parser.add_argument("--data", default="")
    parser.add_argument("--seat", default="assistant", choices=("assistant", "host"))
    parser.add_argument("--lang", default="zh")
    parser.add_argument("--replay", default="")
    parser.add_argument("--title", default="")
    parser.add_argument("--speed", default="1")
    parser.add_argument("--with-obs", action="store_true")
    parser.add_argument("--join", action="store_true", help="never start an engine")
    parser.add_argument("--picture", default="", help="save a picture of the window, then end")
    parser.add_argument("--size", default="", help="WIDTHxHEIGHT of the window")
    return parser


def _data(args: argparse.Namespace) -> Path:
    if args.data:
        return Path(args.data)
    return paths.rehearsal_folder() if args.replay else paths.data_folder()


if __name__ == "__main__":
    sys.exit(main())
