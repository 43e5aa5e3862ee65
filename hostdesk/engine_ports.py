"""The shapes that the engine needs from its surroundings, told in terms of the desk."""

from typing import Protocol

from hostdesk.desk.core import Core
from hostdesk.desk.rows import Digest
from hostdesk.events import ShowOpened
from hostdesk.ports import Journal


class Audience(Protocol):
    """Who is told what the desk looks like now: the seats."""

    def publish(self, digest: Digest) -> None:
        """Give every seat this digest, merged with what it has not taken yet."""
        ...


class Shows(Protocol):
    """Opens and ends the shows of one data folder."""

    def open(self, at_ms: int, title: str) -> tuple[Journal, Core, ShowOpened]:
        """A new show: its journal and its core, before the first event."""
        ...

    def lobby(self, at_ms: int) -> Core:
        """A core for the time when no show is open."""
        ...

    def begin_checkpoint(self, seq: int, core: Core) -> None:
        """Start to save the core as it stands after event ``seq``; takes no time here."""
        ...

    def checkpoint(self) -> tuple[int, bytes] | None:
        """(seq, state) of a checkpoint that is complete, once."""
        ...

    def closed(self, show_id: str) -> None:
        """The show's journal is complete; take it into the book."""
        ...
