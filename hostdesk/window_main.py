"""Composition root of a window process: one seat, joined to the engine by the link."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hostdesk import launching, paths
from hostdesk.seats import link_file

PICTURE_AFTER_MS = 1_500
OFFER_MS = 20_000


def main(argv: Sequence[str] | None = None) -> int:
    """Open one window; start an engine first, where none runs (before Qt is even imported)."""
    args = _parser().parse_args(argv)
    data = _data(args)
    facts = link_file.read(data)
    if facts is None or not launching.is_alive(facts.pid):
        link_file.remove(data)
        if not args.join:
            launching.start_engine(_engine_arguments(args))
    from hostdesk.window import run  # Qt, while the engine starts beside us

    return run(args, data)


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


def _engine_arguments(args: argparse.Namespace) -> list[str]:
    given: list[str] = []
    for name in ("data", "replay", "title", "speed"):
        if value := getattr(args, name):
            given += [f"--{name}", str(value)]
    return [*given, "--with-obs"] if args.with_obs else given


if __name__ == "__main__":
    sys.exit(main())
