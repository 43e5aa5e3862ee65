"""The 0600 file that tells windows how to reach an engine: port, pid, version, token."""

import os
from pathlib import Path

import msgspec

from hostdesk import paths
from hostdesk.seats.protocol import VERSION


class LinkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach one running engine."""

    port: int
    pid: int
    token: str
    protocol: int = VERSION
    rehearsal: bool = False


def write(data: Path, facts: LinkFacts) -> None:
    """Write the file so that nobody else can read it, not even for a moment."""
    file = paths.link_file(data)
    paths.make_private(file.parent)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.encode(facts))
    new.replace(file)


def read(data: Path) -> LinkFacts | None:
    """The facts, or None where no engine of ``data`` has left any."""
    try:
        return msgspec.json.decode(paths.link_file(data).read_bytes(), type=LinkFacts)
    except (OSError, msgspec.DecodeError):
        return None


def remove(data: Path) -> None:
    """The engine ends."""
    paths.link_file(data).unlink(missing_ok=True)
