"""What the inbox answers to what is pushed to it, without the socket.

A WebSocket is a `Conversation`: it shows the token in its handshake or in its first message.
A POST is one message, `posted`. Both are generators, so that the shell can give the loop a turn
between two slices of a big message.
"""

from collections.abc import Iterator

import msgspec

from hostdesk.events import AnyEvent
from hostdesk.sources.inbox_door import Door, Visit
from hostdesk.sources.inbox_feed import Tally
from hostdesk.sources.inbox_feeds import MAX_ODD, Feeds, Sender
from hostdesk.sources.inbox_formats import Reading, read
from hostdesk.sources.inbox_schema import MAX_ITEMS, Refused, Taken, Welcome

CLOSE_TOKEN = 4401
CLOSE_RUBBISH = 4400
POST_HOLDER = 0
"""A POST holds no connection."""


class Close(msgspec.Struct, frozen=True):
    """Send what was said before, then close the WebSocket."""

    code: int
    reason: str


class Answer(msgspec.Struct, frozen=True):
    """What a POST is answered."""

    status: int
    body: Taken | Refused


def text_of(answer: Taken | Refused | Welcome) -> str:
    """One text frame."""
    return msgspec.json.encode(answer).decode()


class Conversation:
    """One WebSocket. ``holder`` is its number, from 1 on."""

    def __init__(self, feeds: Feeds, door: Door, visit: Visit, holder: int) -> None:
        self._feeds, self._door, self._holder = feeds, door, holder
        self._sender = visit.sender
        self.is_in = visit.has_token
        """Whether the token was shown."""
        self._odd = 0

    def opened(self, now_ms: int) -> list[AnyEvent]:
        """The handshake is done; a program that gave its name there is here now."""
        return self._feeds.greets(self._sender, self._holder, now_ms) if self.is_in else []

    def received(self, frame: str | bytes, now_ms: int) -> Iterator[list[AnyEvent] | str | Close]:
        """One frame of at most `MAX_MESSAGE` bytes: events to post, texts to send, or the end."""
        if self.is_in and frame == "ping":
            yield self._feeds.answered(self._holder, now_ms)
            yield "pong"
            return
        reading = read(frame)
        if not self.is_in and not self._door.opens_with(reading.token):
            yield text_of(Refused(why="token"))
            yield Close(CLOSE_TOKEN, "token")
            return
        self.is_in = True
        if reading.is_greeting:
            yield from self._greeted(reading, now_ms)
        elif reading.is_unreadable:
            yield from self._unreadable(reading, now_ms)
        else:
            yield from self._take(reading, now_ms)

    def answered(self, now_ms: int) -> list[AnyEvent]:
        """The other side answered a ping."""
        return self._feeds.answered(self._holder, now_ms)

    def closed(self, now_ms: int) -> list[AnyEvent]:
        """The connection is gone."""
        return self._feeds.left(self._holder, now_ms)

    def _greeted(self, reading: Reading, now_ms: int) -> Iterator[list[AnyEvent] | str]:
        self._sender = Sender(
            source=reading.source or self._sender.source,
            platform=reading.platform or self._sender.platform,
            room=reading.room or self._sender.room,
        )
        yield self._feeds.greets(self._sender, self._holder, now_ms)
        yield text_of(Welcome())

    def _unreadable(self, reading: Reading, now_ms: int) -> Iterator[list[AnyEvent] | str | Close]:
        self._odd += 1
        yield self._feeds.unreadable(self._sender, self._holder, now_ms)
        yield text_of(Refused(why="unreadable", batch=reading.batch))
        if self._odd >= MAX_ODD:
            yield Close(CLOSE_RUBBISH, "unreadable")

    def _take(self, reading: Reading, now_ms: int) -> Iterator[list[AnyEvent] | str]:
        self._odd = 0
        if len(reading.items) > MAX_ITEMS:
            yield text_of(_too_many(reading))
            return
        tally = Tally()
        yield from self._feeds.take(reading, self._sender, self._holder, now_ms, tally)
        if reading.form == "own":  # other programs do not listen for an answer
            yield text_of(_taken(reading, tally))


def posted(
    feeds: Feeds, sender: Sender, body: bytes, now_ms: int
) -> Iterator[list[AnyEvent] | Answer]:
    """One POST whose token was right: events to post, at last the answer."""
    reading = read(body)
    if reading.is_unreadable:
        yield feeds.unreadable(sender, POST_HOLDER, now_ms)
        yield Answer(400, Refused(why="unreadable", batch=reading.batch))
        return
    if len(reading.items) > MAX_ITEMS:
        yield Answer(413, _too_many(reading))
        return
    tally = Tally()
    yield from feeds.take(reading, sender, POST_HOLDER, now_ms, tally)
    yield Answer(200, _taken(reading, tally))


def _taken(reading: Reading, tally: Tally) -> Taken:
    return Taken(
        batch=reading.batch, taken=tally.taken, repeated=tally.repeated, skipped=tally.skipped
    )


def _too_many(reading: Reading) -> Refused:
    return Refused(why="too_many_items", batch=reading.batch, limit=MAX_ITEMS)
