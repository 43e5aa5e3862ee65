"""Feed, analysis and desk as one machine: what the engine drives, and replay drives again.

Events in line are judged in order of their number. Urgent events are handled at once,
ahead of comments that still wait; the journal keeps beside each how far judging had
come (``judged``), and `replay` puts it at the same place. So the same journal always
gives the same findings and the same commands, however it was batched.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import msgspec

from hostdesk.analysis.pipeline import Pipeline
from hostdesk.commands import AnyCommand
from hostdesk.desk.desk import Desk
from hostdesk.desk.feed import Feed
from hostdesk.desk.rows import FeedRow
from hostdesk.errors import HostdeskError
from hostdesk.events import URGENT, AnyEvent, CardRestored, CardSettled, Stream
from hostdesk.findings import Derived, Verdict


class Turn(msgspec.Struct, frozen=True):
    """What one event brought about."""

    seq: int
    derived: list[Derived] = []
    commands: list[AnyCommand] = []


class Core:
    """State of one show. ``judged`` is the number of the last event in line that was judged."""

    def __init__(self, pipeline: Pipeline, desk: Desk) -> None:
        self.feed = Feed()
        self.pipeline = pipeline
        self.desk = desk
        self.judged = 0
        self.handled = 0
        """The number of the last urgent event that was handled."""

    def row(self, seq: int, event: AnyEvent) -> FeedRow | None:
        """On receipt, in order of numbers: the row to show now, before anyone judges it."""
        if isinstance(event, Stream):
            self.desk.uplink(event)
        return self.feed.receive(seq, event)

    def urgent(self, seq: int, event: AnyEvent) -> list[AnyCommand]:
        """Handle an urgent event.

        Raises:
            AskRefusedError: what was asked cannot be done now.
        """
        self.handled = seq
        undone = self._is_wrong_flag(event)
        commands = self.desk.receive(event)
        if isinstance(event, CardSettled) and event.how == "wrong_flag":
            for text in self.desk.cards.texts(event.card_id):
                self.pipeline.wrong_flag(text)
        if isinstance(event, CardRestored) and undone:
            for text in self.desk.cards.texts(event.card_id):
                self.pipeline.right_flag(text)
        return commands

    def _is_wrong_flag(self, event: AnyEvent) -> bool:
        """Whether this takes back a 误报."""
        card = self.desk.cards.get(event.card_id) if isinstance(event, CardRestored) else None
        return card is not None and card.settled_how == "wrong_flag"

    def judge(self, seq: int, event: AnyEvent) -> Turn:
        """Judge the next event in line."""
        self.judged = seq
        commands = self.desk.receive(event)
        derived = [each for each in self.pipeline.receive(seq, event) if _is_telling(each)]
        if derived:
            self.desk.judged(event, derived)
        return Turn(seq, derived, commands)


def _is_telling(derived: Derived) -> bool:
    """Most comments are chatter; a verdict that says nothing is not worth keeping."""
    return not isinstance(derived, Verdict) or bool(derived.labels or derived.lane)


def replay(
    core: Core,
    events: Iterable[tuple[int, int | None, AnyEvent]],
    quarantine: Callable[[int, Exception], None],
) -> Iterator[Turn]:
    """Drive ``core`` through (seq, judged, event) rows of a journal, exactly as it went live.

    Rows that the core has behind it (a checkpoint's) are skipped. An event that makes
    the core raise goes to ``quarantine``, as it did live.
    """
    waiting: deque[tuple[int, AnyEvent]] = deque()
    for seq, judged, event in events:
        if seq > core.feed.last_seq:
            core.row(seq, event)
        if judged is None:
            if seq > core.judged:
                waiting.append((seq, event))
            continue
        while waiting and waiting[0][0] <= judged:
            yield from _try(core, *waiting.popleft(), quarantine)
        if seq > core.handled:
            yield from _try(core, seq, event, quarantine)
    for seq, event in waiting:
        yield from _try(core, seq, event, quarantine)


def _try(
    core: Core, seq: int, event: AnyEvent, quarantine: Callable[[int, Exception], None]
) -> Iterator[Turn]:
    try:
        if isinstance(event, URGENT):
            yield Turn(seq, commands=core.urgent(seq, event))
        else:
            yield core.judge(seq, event)
    except HostdeskError:
        pass  # a refused ask: it was refused live as well
    except Exception as exc:  # noqa: BLE001  (one bad event must not end a show)
        quarantine(seq, exc)
