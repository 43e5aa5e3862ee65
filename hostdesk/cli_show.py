"""``hostdesk shows``, ``review``, ``import`` and ``export``: the shows in the journal.

Each runs in this process: never in the engine's.
"""

import argparse
import datetime
import itertools
import logging
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hostdesk import __version__, clock, launching, paths, settings_file
from hostdesk.analysis.pipeline import Pipeline
from hostdesk.analysis.tables import Tables
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.core import Core, replay
from hostdesk.desk.desk import Desk
from hostdesk.errors import HostdeskError, RecordingEmptyError, ShowUnknownError
from hostdesk.events import ShowOpened
from hostdesk.journal.book import Book
from hostdesk.journal.export import export_show
from hostdesk.journal.importing import import_events
from hostdesk.journal.listing import SUFFIX, ShowFacts, list_shows
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal
from hostdesk.review.page import lines, render
from hostdesk.review.rows import ShowReview
from hostdesk.review.summary import summarise
from hostdesk.review.telling import Teller
from hostdesk.sources.recordings import open_recording
from hostdesk.text import Words

log = logging.getLogger("hostdesk.shows")

REPORT = "hostdesk.report_main"
REPORT_WAIT_S = 120.0
COMMIT_EVERY = 5_000
LAST = "last"
"""Instead of a show's id: the one that was written to last."""

_ENCODER = msgspec.json.Encoder(enc_hook=str)


class CannotWriteError(HostdeskError):
    """The file that was asked for cannot be written. Params: path."""

    code = "cannot_write"


class ReportUnmadeError(HostdeskError):
    """The page could not be laid out. Params: path."""

    code = "report"


def shows(args: argparse.Namespace, say: Words) -> int:
    """List the shows, oldest first, rehearsals included."""
    found = [facts for folder in _folders() for facts in list_shows(folder)]
    found.sort(key=lambda facts: (facts.opened_ms, facts.show_id))
    for facts in found:
        if args.json:
            _put(facts)
        else:
            print(_line(facts, say))
    if not found:
        print(say("cli.no_shows"), file=sys.stderr)
    return 0


def review(args: argparse.Namespace, say: Words) -> int:
    """Look back at one show: as lines, as JSON, as a page, as a PDF or picture."""
    told = review_of(find_show(args.show))
    if args.json:
        _put(told)
    if args.html:
        _save(_page(told, say), Path(args.html))
        print(say("cli.written", path=args.html), file=sys.stderr)
    if args.pdf:
        _lay_out(_page(told, say), Path(args.pdf))
        print(say("cli.written", path=args.pdf), file=sys.stderr)
    if not (args.json or args.html or args.pdf):
        for line in lines(told, say):
            print(line)
    return 0


def bring(args: argparse.Namespace, say: Words) -> int:
    """Take a recording in as a show: judged at full speed, as if it had been live."""
    file = Path(args.file)
    recording = open_recording(file)
    batches = recording.batches()
    first = next((batch for batch in batches if batch), None)
    if first is None:
        raise RecordingEmptyError(path=str(file))
    data = paths.make_private(paths.data_folder())
    tables, counsel = load_tables(), load_counsel()
    opened = _opened(data, first[0].at_ms, args.title or _title(file), tables, counsel)
    half = paths.make_private(data / "importing") / f"{opened.show_id}{SUFFIX}"
    half.unlink(missing_ok=True)
    try:
        count = import_events(half, opened, itertools.chain([first], batches))
        _judge(half, Core(Pipeline(tables, opened.learned), Desk(opened, counsel)))
        half.replace(_path(data, opened.show_id))
    finally:
        half.unlink(missing_ok=True)
    Book(data).record_show(_path(data, opened.show_id))
    print(say("cli.imported", show=opened.show_id, n=count, skipped=recording.skipped))
    return 0


def export(args: argparse.Namespace, say: Words) -> int:
    """Write a show as a show file."""
    show, out = find_show(args.show), Path(args.out)
    _check_writable(out)
    salt = secrets.token_bytes(32) if args.masked else b""
    count = export_show(show, out, masked=args.masked, salt=salt, locale=say.locale)
    print(say("cli.exported", path=out, n=count), file=sys.stderr)
    return 0


COMMANDS = {"shows": shows, "review": review, "import": bring, "export": export}


def find_show(name: str) -> Path:
    """The file of a show: its id, the beginning of it that no other has, or "last".

    Raises:
        ShowUnknownError: none, or several.
    """
    known: dict[str, Path] = {}
    for folder in reversed(_folders()):  # a real show goes before a rehearsal of the same id
        known |= {path.name.removesuffix(SUFFIX): path for path in folder.glob(f"*{SUFFIX}")}
    if name in known:
        return known[name]
    if name == LAST and known:
        return max(known.values(), key=_written)
    fitting = [path for show_id, path in known.items() if name and show_id.startswith(name)]
    if len(fitting) != 1:
        raise ShowUnknownError(name=name)
    return fitting[0]


def review_of(show: Path) -> ShowReview:
    """The look back at the show in this file.

    Raises:
        JournalError: it cannot be read, or never began.
    """
    with ShowReader(show) as reader:
        return summarise(
            reader.opened(),
            reader.events(),
            reader.derived(),
            counsel=load_counsel(),
            now_ms=clock.now_ms(),
        )


def write_page(show: ShowFacts, page: Path, say: Words) -> None:
    """Write the review of a show as a page.

    Raises:
        CannotWriteError: the page cannot be written; JournalError: the show cannot be read.
    """
    _save(_page(review_of(show.path), say), page)


def _page(told: ShowReview, say: Words) -> bytes:
    template = paths.resources() / "review" / "page.html.jinja"
    return render(told, say, template.read_text(encoding="utf-8")).encode("utf-8", "replace")


def _save(content: bytes, target: Path) -> None:
    """Only this user may read it: names and words of viewers stand in it."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with os.fdopen(os.open(target, flags, 0o600), "wb") as stream:
            stream.write(content)
    except OSError as exc:
        raise CannotWriteError(path=str(target)) from exc


def _lay_out(page: bytes, target: Path) -> None:
    """A PDF; one long picture where the name ends in .png."""
    _check_writable(target)
    form = ".png" if target.suffix.lower() == ".png" else ".pdf"
    with tempfile.TemporaryDirectory(prefix="hostdesk-") as folder:
        source = Path(folder) / "page.html"
        _save(page, source)
        made = Path(folder) / f"report{form}"
        try:
            done = subprocess.run(
                launching.command(REPORT, [str(source), str(made)]),
                check=False, timeout=REPORT_WAIT_S, stdin=subprocess.DEVNULL, capture_output=True,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as exc:
            raise ReportUnmadeError(path=str(target)) from exc
        if done.returncode != 0 or not made.is_file():
            raise ReportUnmadeError(path=str(target))
        _save(made.read_bytes(), target)


def _check_writable(target: Path) -> None:
    """Said before the work is done, not after."""
    folder = target.parent
    if target.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWriteError(path=str(target))


def _folders() -> list[Path]:
    data = (paths.data_folder(), paths.rehearsal_folder())
    return [paths.shows_folder(each) for each in data]


def _title(file: Path) -> str:
    return Path(file.stem).stem if file.suffix.lower() == ".gz" else file.stem


def _path(data: Path, show_id: str) -> Path:
    return paths.make_private(paths.shows_folder(data)) / f"{show_id}{SUFFIX}"


def _written(show: Path) -> float:
    """When it was last written to; what is not merged yet lies beside it."""
    beside = show.with_name(f"{show.name}-wal")
    return max(path.stat().st_mtime for path in (show, beside) if path.exists())


def _opened(data: Path, at_ms: int, title: str, tables: Tables, counsel: Counsel) -> ShowOpened:
    settings, _ = settings_file.load(data)
    return ShowOpened(
        at_ms=at_ms,
        show_id=next(each for each in _ids(at_ms) if not _path(data, each).exists()),
        title=title,
        version=__version__,
        zone_offset_min=clock.zone_offset_min(),
        model_hash=tables.fingerprint,
        content_hash=counsel.content_hash,
        settings_hash=settings_file.fingerprint(settings),
        locale=settings.locale,
        platform=settings.platform,
        contact=settings.contact,
    )


def _ids(at_ms: int) -> Iterator[str]:
    """Ids by the day and time at which the recording begins."""
    zone = datetime.timezone(datetime.timedelta(minutes=clock.zone_offset_min()))
    try:
        begun = datetime.datetime.fromtimestamp(at_ms / 1000, zone)
    except (OverflowError, ValueError, OSError):
        begun = datetime.datetime.fromtimestamp(clock.now_ms() / 1000, zone)
    base = begun.strftime("%Y%m%d-%H%M%S")
    yield base
    yield from (f"{base}-{number}" for number in itertools.count(2))


def _judge(show: Path, core: Core) -> None:
    journal = ShowJournal.open(show)
    try:
        with ShowReader(show) as reader:
            turns = replay(core, reader.events(), _put_aside)
            for number, turn in enumerate(turns, 1):
                journal.derive([(turn.seq, each) for each in turn.derived], core.pipeline.model)
                if number % COMMIT_EVERY == 0:
                    journal.commit()
    finally:
        journal.close()


def _put_aside(seq: int, exc: Exception) -> None:
    log.warning("event %d was put aside: %s", seq, type(exc).__name__)


def _line(facts: ShowFacts, say: Words) -> str:
    if facts.problem:
        mark = say("cli.mark_broken")
    else:
        mark = say("cli.mark_rehearsal") if facts.rehearsal else ""
        mark += "" if facts.closed else say("cli.mark_open")
    tell = Teller(say, clock.zone_offset_min())
    known = facts.opened_ms > 0
    return say(
        "cli.show_line",
        show=facts.show_id,
        opened=f"{tell.day(facts.opened_ms)} {tell.hour(facts.opened_ms)}" if known else "-",
        minutes=round(max(0, facts.last_ms - facts.opened_ms) / 60_000),
        comments=facts.comments,
        title=facts.title,
        mark=mark,
    )


def _put(row: ShowReview | ShowFacts) -> None:
    sys.stdout.write(_ENCODER.encode(row).decode() + "\n")
    sys.stdout.flush()
