"""The EventSub conversation over WebSocket, without the socket.

Twitch speaks, we only listen: a client that sends anything is thrown out (close code 4001).
Subscriptions are made over HTTP by the shell, which is told through ``welcomed``.

Source: dev.twitch.tv/docs/eventsub/handling-websocket-events.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from hostdesk.sources.eventsub_events import EventSubReader, Told
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import STALLED_MS, Fault, Frame, Step

KEEPALIVE_S = 10
"""We ask for a keepalive after so many silent seconds, the least that Twitch allows."""
OLDEST_MS = 600_000
"""A notification older than this may be replayed by somebody: dropped (Twitch's own advice)."""
KNOWN_MESSAGES = 8_192
"""Notifications remembered by id: Twitch delivers at least once."""
MAX_URL = 2_048

CHAT = "channel.chat.message"
MOVED = "twitch_moved"
"""Code of the fault that stands for "go on at ``reconnect_url``"."""

_GONE = frozenset({"authorization_revoked", "user_removed", "moderator_removed"})
"""The whole login is of no more use, whatever the subscription was for."""


class SeenMessages:
    """Ids of notifications, over all connections of one room."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ids)

    def is_new(self, message_id: str) -> bool:
        """Whether it comes for the first time. Without an id nobody can tell: new."""
        if not message_id:
            return True
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > KNOWN_MESSAGES:
            self._ids.popitem(last=False)
        return True


class EventSubProtocol:
    """One EventSub session. Fits `SocketProtocol`.

    Attributes:
        session_id: what subscriptions are made for; empty before the welcome.
        reconnect_url: where Twitch wants us to go on, as it is; empty if it does not.
    """

    def __init__(
        self,
        reader: EventSubReader,
        seen: SeenMessages,
        welcomed: Callable[["EventSubProtocol"], None],
        *,
        is_carried: bool = False,
    ) -> None:
        """``welcomed``: subscribe within 10 s, then call `subscribed` or `give_up`.

        ``is_carried``: this session goes on where another ended; it has its subscriptions.
        """
        self.stalled_ms = STALLED_MS
        self.session_id = ""
        self.reconnect_url = ""
        self._reader, self._seen, self._welcomed = reader, seen, welcomed
        self._is_carried = is_carried
        self._is_joined = self._is_told = False
        self._fault: Fault | None = None
        self._ahead_ms = 0
        """By how much Twitch's clock is ahead of ours; ours may be wrong by hours."""

    def subscribed(self) -> None:
        """The shell has subscribed to the chat: the feed is alive from the next step on."""
        self._is_joined = True

    def give_up(self, fault: Fault) -> None:
        """The shell could not subscribe: the next step says so."""
        self._fault = fault

    def opened(self, now_ms: int) -> Step:
        """Nothing to send, ever."""
        return Step()

    def received(self, frame: Frame, now_ms: int) -> Step:
        """One frame came. Never raises."""
        try:
            told = cleaning.mapping(msgspec.json.decode(frame))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return self._with_news(Step(skipped=1))
        metadata = cleaning.mapping(told.get("metadata"))
        payload = cleaning.mapping(told.get("payload"))
        return self._with_news(self._on_message(metadata, payload, now_ms))

    def passed(self, now_ms: int) -> Step:
        """Tells what the shell has found out meanwhile."""
        return self._with_news(Step())

    def _with_news(self, step: Step) -> Step:
        if self._is_joined and not self._is_told:
            self._is_told = step.joined = True
        if step.fault is None:
            step.fault = self._fault
        return step

    def _on_message(self, metadata: dict[str, Any], payload: dict[str, Any], now_ms: int) -> Step:
        match metadata.get("message_type"):
            case "notification":
                return self._on_notification(metadata, payload, now_ms)
            case "session_keepalive":
                return Step()
            case "session_welcome":
                return self._on_welcome(metadata, payload, now_ms)
            case "session_reconnect":
                return self._on_reconnect(payload)
            case "revocation":
                return self._on_revocation(payload)
            case str():
                return Step()  # a newer Twitch may say more than we know
            case _:
                return Step(skipped=1)

    def _on_welcome(self, metadata: dict[str, Any], payload: dict[str, Any], now_ms: int) -> Step:
        session_id = cleaning.identity(cleaning.mapping(payload.get("session")).get("id"))
        if not session_id or self.session_id:
            return Step(skipped=1)
        self.session_id = session_id
        sent_ms = cleaning.iso_ms(metadata.get("message_timestamp"))
        self._ahead_ms = sent_ms - now_ms if sent_ms is not None else 0
        if self._is_carried:
            self._is_joined = True
        else:
            self._welcomed(self)
        return Step()

    def _on_notification(
        self, metadata: dict[str, Any], payload: dict[str, Any], now_ms: int
    ) -> Step:
        sent_ms = cleaning.iso_ms(metadata.get("message_timestamp"))
        if sent_ms is not None and now_ms + self._ahead_ms - sent_ms > OLDEST_MS:
            return Step()
        if not self._seen.is_new(cleaning.identity(metadata.get("message_id"))):
            return Step()
        kind = metadata.get("subscription_type")
        if not isinstance(kind, str):
            kind = cleaning.mapping(payload.get("subscription")).get("type")
        if not isinstance(kind, str):
            return Step(skipped=1)
        event = cleaning.mapping(payload.get("event"))
        found = self._reader.events(kind, Told(event=event, at_ms=now_ms, sent_ms=sent_ms))
        return Step(skipped=1) if found is None else Step(events=found)

    def _on_reconnect(self, payload: dict[str, Any]) -> Step:
        url = cleaning.mapping(payload.get("session")).get("reconnect_url")
        if isinstance(url, str) and len(url) <= MAX_URL:
            self.reconnect_url = url
        return Step(fault=Fault(code=MOVED))

    def _on_revocation(self, payload: dict[str, Any]) -> Step:
        subscription = cleaning.mapping(payload.get("subscription"))
        status = cleaning.name(subscription.get("status"))
        if status in _GONE:
            return self._ended(Fault(code="twitch_revoked", state="logged_out"))
        if subscription.get("type") != CHAT:
            return Step()  # a lesser one: the chat goes on
        params: dict[str, str | int] = {"status": status}
        return self._ended(Fault(code="twitch_withdrawn", state="refused", params=params))

    def _ended(self, fault: Fault) -> Step:
        self._fault = fault
        return Step(fault=fault)
