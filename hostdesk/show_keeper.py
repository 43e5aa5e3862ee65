"""Opens, resumes and ends shows: joins journal, content, analysis and desk for one data folder."""

import datetime
import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from hostdesk import __version__, checkpoint, clock, paths
from hostdesk.analysis.pipeline import Pipeline
from hostdesk.analysis.tables import Tables
from hostdesk.commands import AnyCommand
from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.core import Core, replay
from hostdesk.desk.desk import Desk
from hostdesk.errors import HostdeskError
from hostdesk.events import ShowClosed, ShowOpened
from hostdesk.journal.book import Book
from hostdesk.journal.reader import ShowReader
from hostdesk.journal.show_file import ShowJournal
from hostdesk.settings import Settings
from hostdesk.settings_file import fingerprint
from hostdesk.snapshots import Snapshots

log = logging.getLogger("hostdesk.shows")

RESUME_MS = 30 * 60_000
"""A show that went on this lately is continued after a crash; an older one is closed."""
RECENT_FILES = 20


class ShowKeeper:
    """The shows of one data folder. Fits `hostdesk.engine.Shows`."""

    def __init__(
        self,
        data: Path,
        *,
        settings: Settings,
        tables: Tables,
        counsel: Counsel,
        rehearsal: bool,
        title: str = "",
        recording: str = "",
        book: Book | None = None,
        on_closed: Callable[[Path], None] = lambda path: None,
    ) -> None:
        self._folder = paths.make_private(paths.shows_folder(data))
        self._settings, self._rehearsal = settings, rehearsal
        self._title, self._recording = title, recording
        self._tables, self._counsel = tables, counsel
        self._book, self._on_closed = book, on_closed
        self._snapshots: Snapshots = Snapshots(self._saved, self._folder)

    def use(self, settings: Settings) -> None:
        """The settings changed; they hold from the next show on."""
        self._settings = settings

    def open(self, at_ms: int, title: str) -> tuple[ShowJournal, Core, ShowOpened]:
        """A new show: its journal and its core, before the first event."""
        opened = self._opened(at_ms, title or self._title)
        journal = ShowJournal.create(self._path(opened.show_id), opened)
        return journal, self.core(opened), opened

    def lobby(self, at_ms: int) -> Core:
        """A core for the time when no show is open: nothing of it is kept."""
        opened = msgspec.structs.replace(self._opened(at_ms, ""), show_id="", title="", promises=())
        return self.core(opened)

    def core(self, opened: ShowOpened) -> Core:
        """A fresh core for a show that opened so."""
        return Core(Pipeline(self._tables, opened.learned), Desk(opened, self._counsel))

    def save(self, core: Core) -> bytes:
        """The core's state as bytes."""
        return checkpoint.save(core, self._version(core), self._static())

    def _saved(self, core: object) -> bytes:
        assert isinstance(core, Core)
        return self.save(core)

    def begin_checkpoint(self, seq: int, core: Core) -> None:
        """Start to save the core as it stands after event ``seq``."""
        self._snapshots.begin(seq, core)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """(seq, state) of a checkpoint that is complete, once."""
        return self._snapshots.ready()

    def closed(self, show_id: str) -> None:
        """The show's journal is complete."""
        self._snapshots.drop()
        if show_id:
            self._on_closed(self._path(show_id))

    def interrupted(self, now_ms: int) -> Path | None:
        """The show that a crash cut off lately. Older ones are closed as unexpected.

        ``now_ms`` is the wall clock's; how long ago is told by the file, because a
        rehearsal's own time may run faster.
        """
        found = None
        newest_first = sorted(self._folder.glob("*.hostdesk"), key=_written_ms, reverse=True)
        for path in newest_first[:RECENT_FILES]:
            try:
                opened, last_ms = _unfinished(path)
                if opened is None:
                    continue
                fits = opened.recording == self._recording
                if found is None and fits and now_ms - _written_ms(path) <= RESUME_MS:
                    found = path
                else:
                    self._close_unexpected(path, last_ms)
            except HostdeskError as exc:  # one file that cannot be used must not keep us from work
                log.warning("a show file was left as it is: %s", exc.code)
        return found

    def resume(self, path: Path) -> tuple[ShowJournal, Core, int]:
        """Journal, core as it stood, and the number of the last stored event.

        Raises:
            JournalError: it cannot be read, or not be written.
        """
        journal = ShowJournal.open(path)
        try:
            core = self._replayed(path, journal)
        except HostdeskError:
            journal.close()
            raise
        log.info("resumed at event %d", journal.last_seq)
        return journal, core, journal.last_seq

    def _replayed(self, path: Path, journal: ShowJournal) -> Core:
        with ShowReader(path) as reader:
            core = self._restored(reader) or self.core(reader.opened())
            begin = min(core.judged, core.handled)
            journal.forget_derived(core.judged)
            recorded = [command for after, command in reader.commands() if after > core.handled]
            issued: list[AnyCommand] = []
            for turn in replay(core, reader.events(from_seq=begin + 1), _put_aside):
                issued += turn.commands
                journal.derive([(turn.seq, each) for each in turn.derived], core.pipeline.model)
        if issued[: len(recorded)] != recorded:
            log.error("replay issued other commands than were recorded")
        journal.commit()
        return core

    def _restored(self, reader: ShowReader) -> Core | None:
        saved = reader.last_checkpoint()
        if saved is None:
            return None
        fresh = self.core(reader.opened())
        try:
            core = checkpoint.load(saved[1], self._version(fresh), self._static())
        except checkpoint.CheckpointError as exc:
            log.warning("checkpoint not used (%s): replaying the whole show", exc)
            return None
        return core if isinstance(core, Core) else None

    def _static(self) -> dict[str, object]:
        return {"tables": self._tables, "counsel": self._counsel}

    def _version(self, core: Core) -> str:
        return f"{__version__}:{core.pipeline.model}:{self._counsel.content_hash}"

    def _close_unexpected(self, path: Path, last_ms: int) -> None:
        journal = ShowJournal.open(path)
        journal.append([ShowClosed(at_ms=last_ms, why="unexpected")], journal.last_seq)
        journal.commit()
        journal.close()
        self._on_closed(path)

    def _opened(self, at_ms: int, title: str) -> ShowOpened:
        settings = self._settings
        return ShowOpened(
            at_ms=at_ms,
            show_id=self._fresh_id(at_ms),
            title=title,
            version=__version__,
            zone_offset_min=clock.zone_offset_min(),
            rehearsal=self._rehearsal,
            model_hash=self._tables.fingerprint,
            content_hash=self._counsel.content_hash,
            settings_hash=fingerprint(settings),
            locale=settings.locale,
            platform=settings.platform,
            contact=settings.contact,
            recording=self._recording,
            learned=self._book.learned(settings.platform) if self._book else {},
            promises=self._book.open_promises() if self._book else (),
        )

    def _fresh_id(self, at_ms: int) -> str:
        offset = datetime.timedelta(minutes=clock.zone_offset_min())
        local = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.timezone(offset))
        base = local.strftime("%Y%m%d-%H%M%S")
        show_id, number = base, 1
        while self._path(show_id).exists():
            number += 1
            show_id = f"{base}-{number}"
        return show_id

    def _path(self, show_id: str) -> Path:
        return self._folder / f"{show_id}.hostdesk"


def _written_ms(path: Path) -> int:
    """When a show file was last written, its write-ahead log included."""
    files = (path, path.with_name(f"{path.name}-wal"))
    return max(round(file.stat().st_mtime * 1000) for file in files if file.exists())


def _unfinished(path: Path) -> tuple[ShowOpened | None, int]:
    """How a show opened that never came to its end, and the time of its last event."""
    with ShowReader(path) as reader:
        if reader.is_closed() or not reader.count("show_opened"):
            return None, 0
        return reader.opened(), reader.last_at_ms()


def _put_aside(seq: int, exc: Exception) -> None:
    log.warning("event %d was put aside on replay: %s", seq, type(exc).__name__)
