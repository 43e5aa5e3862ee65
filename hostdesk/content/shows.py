"""The shipped rehearsals (``resources/shows/index.toml``)."""

from pathlib import Path

import msgspec

from hostdesk.content.files import locate, read_entries

INDEX = "shows/index.toml"


class DemoShow(msgspec.Struct, frozen=True, kw_only=True):
    """One rehearsal: what viewers, host and stream did."""

    name: str
    file: str
    minutes: int
    title: dict[str, str]

    @property
    def path(self) -> Path:
        """The show file."""
        return locate(f"shows/{self.file}")


def demo_shows() -> list[DemoShow]:
    """All of them, in the order of the index.

    Raises:
        ContentError: the index is wrong.
    """
    return read_entries(INDEX, "show", DemoShow)
