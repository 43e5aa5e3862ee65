"""Which shows there are, told quickly."""

from pathlib import Path

import msgspec

from hostdesk.errors import JournalError
from hostdesk.journal.reader import ShowReader

SUFFIX = ".hostdesk"


class ShowFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``hostdesk shows``."""

    show_id: str
    path: Path
    title: str = ""
    opened_ms: int = 0
    last_ms: int = 0
    comments: int = 0
    rehearsal: bool = False
    closed: bool = False
    problem: str = ""
    """Error code where the file cannot be opened."""


def list_shows(folder: Path) -> list[ShowFacts]:
    """All shows of a folder, oldest first. A file that cannot be opened is listed as such."""
    return [_facts(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def _facts(path: Path) -> ShowFacts:
    show_id = path.name.removesuffix(SUFFIX)
    try:
        with ShowReader(path) as reader:
            meta = reader.meta()
            return ShowFacts(
                show_id=show_id,
                path=path,
                title=meta.get("title", ""),
                opened_ms=int(meta.get("opened_ms", "0")),
                last_ms=reader.last_at_ms(),
                comments=reader.count(),
                rehearsal=meta.get("rehearsal") == "1",
                closed=reader.is_closed(),
            )
    except JournalError as exc:
        return ShowFacts(show_id=show_id, path=path, problem=exc.code)
    except ValueError:  # a number in meta is none
        return ShowFacts(show_id=show_id, path=path, problem=JournalError.code)
