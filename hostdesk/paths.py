"""Where things lie on this machine. Nothing here creates a file; folders on demand."""

import hashlib
import os
import sys
from pathlib import Path

import platformdirs

_APP = "hostdesk"


def resources() -> Path:
    """The shipped content: beside the package in a checkout, inside it in a wheel."""
    inside = Path(__file__).parent / "_resources"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "resources"


def data_folder() -> Path:
    """The user's shows, pictures and book. ``HOSTDESK_DATA`` names another one."""
    named = os.environ.get("HOSTDESK_DATA")
    return Path(named) if named else Path(platformdirs.user_data_dir(_APP, appauthor=False))


def rehearsal_folder() -> Path:
    """Data of rehearsals, apart from the real shows: own lock, no book."""
    return data_folder() / "rehearsal"


def own_content() -> Path:
    """Content files that the user changed; each wins over the shipped one of its name."""
    return data_folder() / "content"


def shows_folder(data: Path) -> Path:
    """Where the journals lie, one file per show."""
    return data / "shows"


def pictures_folder(data: Path) -> Path:
    """Where painted notices lie; OBS reads them from here."""
    return data / "pictures"


def logs_folder(data: Path) -> Path:
    """Where logs lie; they hold no viewer's name or words."""
    return data / "logs"


def link_file(data: Path) -> Path:
    """The 0600 file that tells windows how to reach the engine of ``data``."""
    key = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return _runtime_folder(data) / f"engine-{key}.json"


def make_private(folder: Path) -> Path:
    """Create ``folder`` for this user only, and return it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _runtime_folder(data: Path) -> Path:
    """The user's folder for things of this session; beside the data where there is none."""
    if sys.platform == "win32":
        return Path(platformdirs.user_runtime_dir(_APP, appauthor=False))
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    if session and os.access(session, os.W_OK | os.X_OK):
        return Path(session) / _APP
    return data / "run"
