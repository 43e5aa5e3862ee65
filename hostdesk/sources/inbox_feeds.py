"""All feeds that are pushed to the inbox, and which message belongs to which of them."""

from collections.abc import Iterator

import msgspec

from hostdesk.events import AnyEvent
from hostdesk.sources.inbox_feed import Feed, Tally
from hostdesk.sources.inbox_formats import Reading
from hostdesk.sources.inbox_formats.own import plain
from hostdesk.sources.inbox_schema import Item
from hostdesk.sources.recordings import cleaning

MAX_FEEDS = 32
MAX_ODD = 10
"""Messages in a row that cannot be read: then the sender is not what it says to be."""
SLICE = 150
"""Items that become events before the loop gets a turn: about a millisecond."""
FORGET_MS = 30 * 60 * 1000
"""A feed that is gone for so long makes room when another one comes."""
NOBODY = "program"
"""The feed of a program that gives no name."""
_LIFE = frozenset({"status", "gap", "heartbeat", "other"})
"""Kinds that no viewer did."""


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """What a program said about itself when it came: holds where a message does not say it."""

    source: str = ""
    platform: str = ""
    room: str = ""


class Feeds:
    """Every feed by the name that its program gives it, and by its room."""

    def __init__(self) -> None:
        self._feeds: dict[tuple[str, str], Feed] = {}

    def __iter__(self) -> Iterator[Feed]:
        return iter(self._feeds.values())

    def take(
        self, reading: Reading, sender: Sender, holder: int, now_ms: int, tally: Tally
    ) -> Iterator[list[AnyEvent]]:
        """The events of one message, a slice at a time; ``holder`` 0 is a POST."""
        tally.skipped += reading.skipped
        common = _common(reading, sender)
        if not reading.items:
            yield self._beat(reading, common, holder, now_ms)
        if len(reading.items) > SLICE:
            yield []  # decoding took its time already
        skipped = reading.skipped
        for name, items in _runs(reading.items, common):
            feed = self._feed(name, holder, now_ms)
            if feed is None:
                tally.skipped += len(items)
                continue
            yield from _slices(feed, items, now_ms, tally, skipped)
            skipped = 0

    def unreadable(self, sender: Sender, holder: int, now_ms: int) -> list[AnyEvent]:
        """A message that nobody can read came from there."""
        mine = [feed for feed in self if holder and holder in feed.holders]
        if not mine:
            feed = self._feed(sender, holder, now_ms)
            mine = [feed] if feed else []
        return [event for feed in mine for event in feed.unreadable(now_ms, MAX_ODD)]

    def greets(self, sender: Sender, holder: int, now_ms: int) -> list[AnyEvent]:
        """A program came and said its name."""
        feed = self._feed(sender, holder, now_ms) if sender.source else None
        return feed.alive(now_ms) if feed else []

    def answered(self, holder: int, now_ms: int) -> list[AnyEvent]:
        """A connection answered a ping."""
        mine = [feed for feed in self if holder in feed.holders]
        return [event for feed in mine for event in feed.answered(now_ms)]

    def left(self, holder: int, now_ms: int) -> list[AnyEvent]:
        """A connection ended."""
        mine = [feed for feed in self if holder in feed.holders]
        return [event for feed in mine for event in feed.left(holder, now_ms)]

    def passed(self, now_ms: int) -> list[AnyEvent]:
        """A second went by."""
        return [event for feed in self for event in feed.passed(now_ms)]

    def ended(self, now_ms: int) -> list[AnyEvent]:
        """The inbox is closed."""
        return [event for feed in self for event in feed.ended(now_ms)]

    def _beat(self, reading: Reading, common: Sender, holder: int, now_ms: int) -> list[AnyEvent]:
        """A message without items: a sign of life; of our own kind, a promise of more."""
        feed = self._feed(common, holder, now_ms)
        if feed is None:
            return []
        if reading.form == "own" and not reading.skipped:
            feed.beats()
        return feed.alive(now_ms, skipped=reading.skipped)

    def _feed(self, name: Sender, holder: int, now_ms: int) -> Feed | None:
        """The feed of that name, made where there is none; None where there are too many."""
        source = name.source or NOBODY
        feed = self._feeds.get((source, name.room)) or self._related(source, name.room)
        if feed is None:
            feed = self._new(source, name, now_ms)
        if feed is not None:
            feed.platform = name.platform or feed.platform
            if holder:
                feed.holders.add(holder)
        return feed

    def _related(self, source: str, room: str) -> Feed | None:
        """A room is told by some messages of a program only: the same feed all the same."""
        if room:
            feed = self._feeds.pop((source, ""), None)
            if feed is not None:
                self._feeds[source, room] = feed
                feed.room = room
            return feed
        same = [feed for (name, _), feed in self._feeds.items() if name == source]
        return same[0] if len(same) == 1 else None

    def _new(self, source: str, name: Sender, now_ms: int) -> Feed | None:
        if len(self._feeds) >= MAX_FEEDS and not self._makes_room(now_ms):
            return None
        source_id = f"inbox:{source}/{name.room}" if name.room else f"inbox:{source}"
        feed = self._feeds[source, name.room] = Feed(source_id, name.platform, name.room)
        return feed

    def _makes_room(self, now_ms: int) -> bool:
        lost = [(feed.last_ms, key) for key, feed in self._feeds.items() if feed.is_lost]
        silent = [
            (feed.last_ms, key)
            for key, feed in self._feeds.items()
            if not feed.holders and now_ms - feed.last_ms > FORGET_MS
        ]
        if not lost and not silent:
            return False
        del self._feeds[min(lost or silent)[1]]
        return True


def _common(reading: Reading, sender: Sender) -> Sender:
    """Our own messages name their feed; of the others the format knows only its own name."""
    mine = Sender(source=reading.source, platform=reading.platform, room=reading.room)
    first, second = (mine, sender) if reading.form == "own" else (sender, mine)
    return Sender(
        source=first.source or second.source,
        platform=first.platform or second.platform,
        room=first.room or second.room,
    )


def _runs(items: list[Item], common: Sender) -> Iterator[tuple[Sender, list[Item]]]:
    """Items that follow one another and belong to one feed."""
    run: list[Item] = []
    known: tuple[object, object, object] = (None, None, None)
    name = common
    for item in items:
        told = (item.source, item.platform, item.room)
        if told != known:
            if run:
                yield name, run
            run, known = [], told
            name = Sender(
                source=cleaning.name(item.source) or common.source,
                platform=cleaning.name(item.platform) or common.platform,
                room=plain(item.room) or common.room,
            )
        run.append(item)
    if run:
        yield name, run


def _slices(
    feed: Feed, items: list[Item], now_ms: int, tally: Tally, skipped: int
) -> Iterator[list[AnyEvent]]:
    before = tally.skipped
    said = any(item.kind not in _LIFE for item in items)
    first = feed.alive(now_ms, said=said, skipped=skipped)
    for start in range(0, len(items), SLICE):
        events = feed.take(items[start : start + SLICE], now_ms, tally)
        yield first + events
        first = []
    if tally.skipped > before:
        yield feed.alive(now_ms, skipped=tally.skipped - before)
