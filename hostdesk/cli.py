"""The command line of hostdesk. Words for people go to standard error, data to standard output."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence

from hostdesk import __version__
from hostdesk.errors import HostdeskError
from hostdesk.text import LOCALES, Words, words

EXIT_DONE, EXIT_FOUND, EXIT_WRONG = 0, 1, 2

Command = Callable[[argparse.Namespace, Words], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0, 1 (done, something is wrong) or 2 (wrong call)."""
    logging.getLogger("hostdesk").addHandler(logging.NullHandler())  # words, not log lines
    arguments = list(sys.argv[1:] if argv is None else argv)
    locale = _locale(arguments)
    parser = _parser(words(locale))
    args = parser.parse_args(arguments)
    args.locale = locale
    say = words(locale)
    try:
        return _command(args)(args, say)
    except HostdeskError as exc:
        message, hint = say.error(exc.code, exc.params)
        print(f"{message} {hint}", file=sys.stderr)
        return EXIT_WRONG
    except (PermissionError, FileExistsError, NotADirectoryError) as exc:
        message, hint = say.error("data_folder", {"path": str(exc.filename)})
        print(f"{message} {hint}", file=sys.stderr)
        return EXIT_WRONG
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away: nobody to tell
        return EXIT_DONE
    except KeyboardInterrupt:
        return 130


def _command(args: argparse.Namespace) -> Command:
    """The function to run; imported late, so that each command starts fast."""
    if args.command in ("classify", "analyse"):
        from hostdesk import cli_judge

        return {"classify": cli_judge.classify, "analyse": cli_judge.analyse}[args.command]
    if args.command in ("shows", "review", "import", "export"):
        from hostdesk import cli_show

        return cli_show.COMMANDS[args.command]
    if args.command == "connect":
        from hostdesk import cli_connect

        return cli_connect.command
    if args.command == "bench":
        from hostdesk import bench

        return bench.command
    if args.selfcheck:
        from hostdesk import selfcheck

        return selfcheck.command
    from hostdesk import cli_run

    return cli_run.stop if args.command == "stop" else cli_run.run


def _parser(say: Words) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hostdesk", description=say("cli.about"))
    parser.add_argument("--version", action="version", version=f"hostdesk {__version__}")
    parser.add_argument("--lang", choices=LOCALES, help=say("cli.lang"))
    parser.add_argument("--seat", choices=("assistant", "host"), help=say("cli.seat"))
    parser.add_argument("--demo", nargs="?", const="", metavar="NAME", help=say("cli.demo"))
    parser.add_argument("--replay", metavar="FILE", help=say("cli.replay"))
    parser.add_argument("--speed", default="1", metavar="N|max", help=say("cli.speed"))
    parser.add_argument("--headless", action="store_true", help=say("cli.headless"))
    parser.add_argument("--with-obs", action="store_true", help=say("cli.with_obs"))
    parser.add_argument("--out", metavar="FOLDER", help=say("cli.out"))
    parser.add_argument("--selfcheck", action="store_true", help=say("cli.selfcheck"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("stop", help=say("cli.stop"))
    _judging(commands, say)
    _shows(commands, say)
    _rooms(commands, say)
    bench = commands.add_parser("bench", help=say("cli.bench"))
    bench.add_argument("names", nargs="*", metavar="NAME")
    bench.add_argument("--json", action="store_true", help=say("cli.json"))
    return parser


def _judging(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Words) -> None:
    classify = commands.add_parser("classify", help=say("cli.classify"))
    classify.add_argument("--json", action="store_true", help=say("cli.json"))
    analyse = commands.add_parser("analyse", help=say("cli.analyse"))
    analyse.add_argument("file", metavar="FILE")
    analyse.add_argument("--json", action="store_true", help=say("cli.json"))


_ACTIONS = (
    *("list", "add", "set", "remove", "retry", "inbox", "orders", "login", "logout"),
    *("say", "announce", "pin", "unpin", "delete", "timeout", "shield"),
)


def _rooms(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Words) -> None:
    connect = commands.add_parser(
        "connect",
        help=say("cli.connect"),
        description=say("connect.about"),
        epilog=say("connect.examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    connect.add_argument("action", nargs="?", default="list", choices=_ACTIONS)
    connect.add_argument("words", nargs="*", metavar="…", help=say("connect.words"))
    connect.add_argument("--check", action="store_true", help=say("connect.check"))
    connect.add_argument("--seconds", type=float, default=20.0, help=say("connect.seconds"))
    connect.add_argument("--id", default="", help=say("connect.id"))
    connect.add_argument("--set", nargs="*", default=[], metavar="X=Y", help=say("connect.set"))
    connect.add_argument("--port", type=int, default=0, help=say("connect.port"))
    connect.add_argument("--origin", nargs="*", metavar="URL", help=say("connect.origin"))
    connect.add_argument("--read-only", action="store_true", help=say("connect.read_only"))
    connect.add_argument("--json", action="store_true", help=say("cli.json"))


def _shows(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", say: Words) -> None:
    shows = commands.add_parser("shows", help=say("cli.shows"))
    shows.add_argument("--json", action="store_true", help=say("cli.json"))
    review = commands.add_parser("review", help=say("cli.review"))
    review.add_argument("show", metavar="SHOW")
    review.add_argument("--json", action="store_true", help=say("cli.json"))
    review.add_argument("--html", metavar="FILE", help=say("cli.html"))
    review.add_argument("--pdf", metavar="FILE", help=say("cli.pdf"))
    bring = commands.add_parser("import", help=say("cli.import"))
    bring.add_argument("file", metavar="FILE")
    bring.add_argument("--title", default="", help=say("cli.title"))
    export = commands.add_parser("export", help=say("cli.export"))
    export.add_argument("show", metavar="SHOW")
    export.add_argument("--out", metavar="FILE", required=True, help=say("cli.export_out"))
    export.add_argument("--masked", action="store_true", help=say("cli.masked"))


def _locale(arguments: Sequence[str]) -> str:
    """``--lang``, else the settings', else Chinese. Needed before the parser has its words."""
    for number, argument in enumerate(arguments):
        if argument == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
    from hostdesk import paths, settings_file

    return settings_file.load(paths.data_folder())[0].locale
