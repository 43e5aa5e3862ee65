"""``hostdesk --selfcheck``: starts all that needs no network and says how each part is."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from hostdesk import __version__, clock, launching, paths, settings_file
from hostdesk.analysis.pipeline import classify
from hostdesk.broadcast.pictures import Pictures
from hostdesk.broadcast.pictures_protocol import SafeArea
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.content.shows import demo_shows
from hostdesk.errors import HostdeskError
from hostdesk.events import AuthorId, Comment
from hostdesk.journal.reader import ShowReader
from hostdesk.secret_store import Secrets
from hostdesk.settings import Settings
from hostdesk.show_keeper import ShowKeeper
from hostdesk.sources.recordings import open_recording
from hostdesk.text import Words

CANVAS = (1920, 1080)
Part = Callable[[], str]


class _NotWellError(Exception):
    """A part does not do what it is for."""


def command(args: argparse.Namespace, say: Words) -> int:
    """A line for each part; 1 where one of them is not well."""
    print(say("check.version", version=__version__, python=sys.version.split()[0]))
    parts: dict[str, Part] = {
        "data": _data,
        "settings": _settings,
        "content": _content,
        "shows": _shows,
        "judging": lambda: _judging(say),
        "journal": _journal,
        "pictures": lambda: asyncio.run(_pictures(say.locale)),
        "screen": lambda: say("check.yes" if launching.has_screen() else "check.no_screen"),
        "keyring": lambda: say("check.yes" if Secrets().is_kept_now() else "check.no_keyring"),
    }
    bad = sum(not _is_well(name, part, say) for name, part in parts.items())
    print(say("check.some_bad", n=bad) if bad else say("check.all_well"))
    return 1 if bad else 0


def _is_well(name: str, part: Part, say: Words) -> bool:
    began = time.perf_counter()
    well = False
    try:
        fact = part()
        well = True
    except HostdeskError as exc:
        fact = " ".join(say.error(exc.code, exc.params))
    except Exception as exc:  # noqa: BLE001  (a check reports whatever is wrong)
        fact = f"{type(exc).__name__}: {exc}"
    took_ms = round((time.perf_counter() - began) * 1000)
    mark = say("check.well" if well else "check.bad")
    print(f"{mark}\t{say(f'check.{name}')}\t{fact}\t{took_ms} ms")
    return well


def _data() -> str:
    folder = paths.make_private(paths.data_folder())
    with tempfile.NamedTemporaryFile(dir=folder):
        return str(folder)


def _settings() -> str:
    settings, problem = settings_file.load(paths.data_folder())
    if problem is not None:
        raise problem
    return f"{settings.locale} · {settings.platform} · OBS {settings.obs_host}:{settings.obs_port}"


def _content() -> str:
    counsel = load_counsel()
    tables = load_tables()
    return f"{counsel.content_hash} · {tables.fingerprint} · {len(counsel.platforms)}"


def _shows() -> str:
    told = []
    for show in demo_shows():
        recording = open_recording(show.path)
        events = sum(len(batch) for batch in recording.batches())
        if not events or recording.skipped:
            raise _NotWellError(show.name)
        told.append(f"{show.name} {events}")
    return ", ".join(told)


def _judging(say: Words) -> str:
    verdict = classify("洗一次就起球了，客服也不理人", load_tables())
    if not verdict.labels:
        raise _NotWellError("no label")
    return ", ".join(say(f"label.{label.value}") for label in verdict.labels)


def _journal() -> str:
    """A show is written, left open as by a crash, and resumed."""
    comment = Comment(at_ms=clock.now_ms(), author_id=AuthorId("a"), text="多少钱")
    with tempfile.TemporaryDirectory() as folder:
        keeper = ShowKeeper(
            Path(folder),
            settings=Settings(),
            tables=load_tables(),
            counsel=load_counsel(),
            rehearsal=True,
        )
        journal, core, opened = keeper.open(comment.at_ms, "check")
        journal.append([opened], 0)
        journal.append([comment], None)
        core.judge(2, comment)
        journal.checkpoint(2, keeper.save(core))
        journal.close()
        path = keeper.interrupted(comment.at_ms)
        if path is None:
            raise _NotWellError("not found again")
        resumed, _, last_seq = keeper.resume(path)
        resumed.close()
        with ShowReader(path) as reader:
            return f"{reader.count()} · {last_seq}"


async def _pictures(locale: str) -> str:
    """A notice is painted, put on a picture, and found on it."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = Pictures()
        try:
            painted = await pictures.paint(
                "recovery",
                "画面恢复了，刚才的价格重讲一遍 🙏",
                locale=locale,
                canvas=CANVAS,
                safe=SafeArea(),
                path=str(Path(folder) / "notice.png"),
            )
            shot = Path(folder) / "scene.png"
            await pictures.compose(painted, CANVAS, moving=1, path=str(shot))
            compared = await pictures.compare(shot.read_bytes(), painted, CANVAS)
        finally:
            await pictures.close()
    if not compared.seen:
        raise _NotWellError("not seen")
    return f"{painted.width}×{painted.height} · {compared.similarity:.2f}"
