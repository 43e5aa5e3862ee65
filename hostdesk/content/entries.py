"""Entries of a content folder: shipped ones, and those with which the user replaced them."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from hostdesk import paths
from hostdesk.content import files
from hostdesk.counsel.topics import TOPICS
from hostdesk.errors import ContentError


class Entry(Protocol):
    """Content that has a name of its own."""

    @property
    def id(self) -> str:
        """Unique among its kind."""
        ...


E = TypeVar("E", bound=Entry)
Found = tuple[str, E]
"""An entry and the name of the file in which it stands, for errors."""


def names(folder: str) -> list[str]:
    """The files of a folder, for `files.fingerprint`."""
    return files.listing(folder, ".toml")


def collect(folder: str, table: str, kind: type[E]) -> list[tuple[str, E]]:
    """All entries of a folder in the order of its files; the user's own win over the shipped.

    Raises:
        ContentError: an entry is wrong, or its id is there twice.
    """
    found: dict[str, tuple[str, E]] = {}
    for name in names(folder):
        for entry in _read(name, table, kind):
            known = found.get(entry.id)
            if known is None or (_is_own(name) and not _is_own(known[0])):
                found[entry.id] = (name, entry)
            elif _is_own(name) == _is_own(known[0]):
                raise ContentError(
                    file=name, entry=entry.id, field="id", detail=f"stands in {known[0]} as well"
                )
    return list(found.values())


def check_topics(name: str, entry_id: str, topics: Iterable[str]) -> None:
    """Every topic is one that the analysis knows.

    Raises:
        ContentError: with the first that is not.
    """
    for topic in topics:
        if topic not in TOPICS:
            raise ContentError(
                file=name, entry=entry_id, field="topics", detail=f"no such topic: {topic}"
            )


def _read(name: str, table: str, kind: type[E]) -> list[E]:
    try:
        return files.read_entries(name, table, kind)
    except (AttributeError, TypeError) as exc:
        raise ContentError(
            file=name, entry="", field=table, detail=f"write [[{table}]] above each entry"
        ) from exc


def _is_own(name: str) -> bool:
    return files.locate(name).is_relative_to(paths.own_content())
