"""The shapes that the engine needs from the world. Edges fit them; tests fake them."""

from collections.abc import Callable, Sequence
from typing import Protocol

from hostdesk.commands import AnyCommand
from hostdesk.events import AnyEvent
from hostdesk.findings import Derived, Verdict

Post = Callable[[Sequence[AnyEvent]], None]
"""Hand a batch of events to the engine, from the loop's own thread. Returns at once."""

NowMs = Callable[[], int]


class Source(Protocol):
    """Where comments come from."""

    source_id: str

    async def run(self, post: Post) -> None:
        """Post batches until the source ends or is cancelled. Reconnects by itself.

        A source that has posted for 4 ms without waiting calls ``asyncio.sleep(0)``.
        """
        ...


class Output(Protocol):
    """What carries commands out."""

    async def perform(self, command: AnyCommand) -> None:
        """Return once the world has confirmed it; raise a HostdeskError if it did not."""
        ...


class Journal(Protocol):
    """Where the show is kept. Writes are inline and short; `commit` every 250 ms."""

    def append(self, events: Sequence[AnyEvent], judged: int | None) -> int:
        """Store events on receipt; return the number (seq) of the first one.

        ``judged`` is None for events in line; for urgent ones it is the seq up to which
        comments had been judged.
        """
        ...

    def derive(self, derived: Sequence[tuple[int, Derived]], model: str) -> None:
        """Store verdicts and findings beside the seq of the event they follow from."""
        ...

    def issue(self, after_seq: int, commands: Sequence[AnyCommand]) -> None:
        """Store commands before they leave."""
        ...

    def page(self, from_seq: int, until_seq: int) -> list[tuple[int, AnyEvent, Verdict | None]]:
        """Events from ``from_seq`` up to and with ``until_seq``, with their verdicts."""
        ...

    def read(self, from_seq: int, limit: int) -> list[tuple[int, int | None, AnyEvent]]:
        """At most ``limit`` (seq, judged, event) from ``from_seq`` on."""
        ...

    def checkpoint(self, seq: int, state: bytes) -> None:
        """Store the desk's state as it is after ``seq``."""
        ...

    def commit(self) -> None:
        """Make everything so far durable.

        Raises:
            DiskFullError: it is kept in memory and tried again next time.
        """
        ...

    def close(self) -> None:
        """Commit, and let go of the file."""
        ...
