"""One feed that a program pushes: what it said, whether it is alive, what it repeated."""

from collections import OrderedDict

import msgspec

from hostdesk.events import AnyEvent, Comment, SourceState
from hostdesk.sources.inbox_items import Masking, event_of, id_of, is_masked
from hostdesk.sources.inbox_schema import HEARTBEAT, OTHER, Item
from hostdesk.sources.liveness import Liveness
from hostdesk.sources.steps import STALLED_MS, Fault

SILENT_MS = 90_000
"""A program that posts only when somebody speaks, and shows no other sign of life."""
KNOWN_IDS = 8_192
"""Items remembered by id, so that what a bridge sends again is dropped."""

_NEVER_REPEATED = frozenset({"status", "gap", "removed", HEARTBEAT, OTHER})
_AWAY = {
    "page_changed": Fault(code="inbox_page_changed", state="refused"),
    "logged_out": Fault(code="inbox_logged_out", state="logged_out"),
    "reconnecting": Fault(code="inbox_bridge_away"),
    "stalled": Fault(code="inbox_bridge_away"),
    "offline": Fault(code="inbox_bridge_away"),
}
_HERE = frozenset({"live", "quiet", "starting"})
_PAGES = frozenset({"list_hidden", "by_shape"})
"""Reasons of a bridge that say more than its state does."""


class Tally(msgspec.Struct, kw_only=True):
    """What became of the items of one message."""

    taken: int = 0
    repeated: int = 0
    skipped: int = 0


class Feed:
    """A source of its own, with its own liveness."""

    def __init__(self, source_id: str, platform: str, room: str) -> None:
        self.source_id, self.platform, self.room = source_id, platform, room
        self.holders: set[int] = set()
        """The connections over which it comes; none where it is posted by HTTP."""
        self.last_ms = 0
        self._liveness = Liveness(source_id, platform, room, stalled_ms=SILENT_MS)
        self._masking = Masking()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._beats = False
        """It sends heartbeats of its own: then nothing less will do."""
        self._is_away = False
        """The bridge itself said that it cannot read; only it can take that back."""
        self._said_last = ""
        """The state that its last status told."""
        self._odd = 0
        """Messages in a row that could not be read."""

    @property
    def state(self) -> str:
        """The state that was told last."""
        return self._liveness.state

    @property
    def is_lost(self) -> bool:
        """Nobody would miss it."""
        return not self.holders and not self._liveness.is_joined

    def take(self, items: list[Item], now_ms: int, tally: Tally) -> list[AnyEvent]:
        """Items of one message, in order."""
        events: list[AnyEvent] = []
        for item in items:
            if item.kind == "status":
                events += self._status(item, now_ms, tally)
            elif item.kind in (HEARTBEAT, OTHER):
                self._beats |= item.kind == HEARTBEAT
                tally.taken += 1
            else:
                self._add(item, now_ms, tally, events)
        return events

    def alive(self, now_ms: int, *, said: bool = False, skipped: int = 0) -> list[AnyEvent]:
        """A message came; ``said``: with something that a viewer did."""
        self.last_ms = now_ms
        self._odd = 0
        if self._is_away and not said:
            return []
        self._is_away = False
        self._judge_by()
        back: list[AnyEvent] = []
        if self.state == "stalled" and (self.holders or self._beats):
            self._liveness.starts(now_ms)  # so that what was missed becomes a gap
        if not self._liveness.is_joined:
            back += self._liveness.joined(now_ms)
        return self._named(back + self._liveness.alive(now_ms, said=said, skipped=skipped))

    def beats(self) -> None:
        """It sends heartbeats of its own."""
        self._beats = True

    def answered(self, now_ms: int) -> list[AnyEvent]:
        """Its connection answered a ping; enough where it sends no heartbeats of its own."""
        if self._beats or self._is_away:
            return []
        return self._named(self._liveness.alive(now_ms))

    def unreadable(self, now_ms: int, limit: int) -> list[AnyEvent]:
        """A message could not be read; after ``limit`` in a row the feed says so."""
        self._odd += 1
        if self._odd < limit:
            return self._named(self._liveness.alive(now_ms, skipped=1))
        return self._named(self._liveness.lost(Fault(code="inbox_rubbish"), now_ms))

    def left(self, holder: int, now_ms: int) -> list[AnyEvent]:
        """A connection ended."""
        self.holders.discard(holder)
        if self.holders or self.state == "ended":
            return []
        self._is_away = False
        return self._named(self._liveness.lost(Fault(code="inbox_bridge_gone"), now_ms))

    def ended(self, now_ms: int) -> list[AnyEvent]:
        """The inbox is closed: nothing can come any more."""
        return self._named(self._liveness.ended(now_ms))

    def passed(self, now_ms: int) -> list[AnyEvent]:
        """A second went by."""
        self._judge_by()
        return self._named(self._liveness.passed(now_ms))

    def _judge_by(self) -> None:
        certain = bool(self.holders) or self._beats
        self._liveness.stalled_ms = STALLED_MS if certain else SILENT_MS

    def _add(self, item: Item, now_ms: int, tally: Tally, events: list[AnyEvent]) -> None:
        """One thing that happened, unless it is known."""
        if self._is_known(item):
            tally.repeated += 1
            return
        event = event_of(item, self.source_id, self.platform, now_ms)
        if event is None:
            tally.skipped += 1
            return
        tally.taken += 1
        if isinstance(event, Comment):
            masked = self._masking.takes(masked=is_masked(event))
            if masked is not None:
                events += self._named(self._liveness.masked(now_ms, is_masked=masked))
        events.append(event)

    def _is_known(self, item: Item) -> bool:
        if (item.comment_id is None and item.id is None) or item.kind in _NEVER_REPEATED:
            return False
        key = (item.kind, id_of(item))
        if not key[1]:
            return False
        if key in self._known:
            return True
        self._known[key] = None
        if len(self._known) > KNOWN_IDS:
            self._known.popitem(last=False)
        return False

    def _status(self, item: Item, now_ms: int, tally: Tally) -> list[AnyEvent]:
        told: list[AnyEvent] = []
        state = item.state or ("live" if item.masked is not None else "")
        self._beats |= state == self._said_last  # what says the same again is a heartbeat
        self._said_last = state
        self._liveness.page = item.reason if item.reason in _PAGES else ""
        if state in _AWAY:
            self._is_away = True
            told += self._liveness.lost(_AWAY[state], now_ms)
        elif state == "ended":
            self._is_away = True
            told += self._liveness.ended(now_ms)
        elif state == "covered" or state in _HERE:
            told += self._sees(now_ms, is_covered=state == "covered")
        else:
            tally.skipped += 1
            return []
        tally.taken += 1
        if item.masked is not None:
            told += self._liveness.masked(now_ms, is_masked=item.masked)
        return self._named(told)

    def _sees(self, now_ms: int, *, is_covered: bool) -> list[AnyEvent]:
        self._is_away = False
        told = [] if self._liveness.is_joined else self._liveness.joined(now_ms)
        if is_covered or self.state == "covered":
            told += self._liveness.covered(now_ms, is_covered=is_covered)
        return told

    def _named(self, events: list[AnyEvent]) -> list[AnyEvent]:
        """With the room and platform as they are known by now."""
        return [
            msgspec.structs.replace(event, room=self.room, platform=self.platform)
            if isinstance(event, SourceState)
            else event
            for event in events
        ]
