"""What a person can say and do in a Twitch channel, through the official Helix API.

Source: dev.twitch.tv/docs/api/reference. Nothing here happens by itself: each call is the
press of a key. An act that returns was confirmed by Twitch; "in chat" is only what the feed
brings back under the id that `send` returns.
"""

from typing import Any, Literal

import msgspec

from hostdesk.outputs.helix_errors import (
    TwitchDroppedError,
    TwitchRefusedError,
    TwitchTooLongError,
)
from hostdesk.outputs.helix_http import Answer, HelixHttp

MAX_TEXT = 500
"""Characters of a message, an announcement, or a reason."""
LONGEST_TIME_OUT_S = 1_209_600
PIN_S = range(30, 1_801)
"""Seconds that a message may stay pinned; without a number: until the stream ends."""

Colour = Literal["primary", "blue", "green", "orange", "purple"]

DROP_REASONS = frozenset(
    {
        "channel_settings",
        "msg_banned",
        "msg_channel_suspended",
        "msg_duplicate",
        "msg_emoteonly",
        "msg_followersonly",
        "msg_ratelimit",
        "msg_rejected",
        "msg_rejected_mandatory",
        "msg_slowmode",
        "msg_subsonly",
        "msg_timedout",
        "msg_verified_email",
    }
)
"""Reasons for which ``reason.twitch_<code>`` has our own words; of others we show Twitch's."""

_BAD_REQUEST, _CONFLICT = 400, 409
_PINS = "chat/pins"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at Twitch."""

    user_id: str
    login: str
    name: str


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The message that is pinned now."""

    message_id: str
    text: str
    ends_at: str = ""
    """RFC 3339; empty = until the stream ends."""


async def person(http: HelixHttp, login: str = "") -> Person | None:
    """Who ``login`` is, or whose login we use; None where nobody has that name."""
    answer = await http.call("GET", "users", params={"login": login} if login else None)
    if answer.status == _BAD_REQUEST:
        return None  # not even a possible name
    told = answer.or_raise().first
    user_id = _text(told, "id")
    if not user_id:
        return None
    return Person(user_id=user_id, login=_text(told, "login"), name=_text(told, "display_name"))


class TwitchChannel:
    """Acts in one channel as one person, who is its owner or a moderator there."""

    def __init__(self, http: HelixHttp, *, channel_id: str, user_id: str) -> None:
        """``channel_id``: Twitch's id of the channel's owner; ``user_id``: of who acts."""
        self._http = http
        self._channel_id, self._user_id = channel_id, user_id
        self._pin_ways: tuple[tuple[bool, bool], ...] = ((True, True), (True, False), (False, True))
        """Where the fields of a pin go: (in the address, in the body), the best first."""

    async def send(self, text: str, *, reply_to: str = "", is_pinned: bool = False) -> str:
        """Say ``text`` in the chat; the id under which the feed brings it back.

        Raises:
            TwitchDroppedError: Twitch took it and shows it to nobody.
            TwitchTooLongError: more than `MAX_TEXT` characters.
        """
        _check_length(text)
        body: dict[str, object] = {
            "broadcaster_id": self._channel_id,
            "sender_id": self._user_id,
            "message": text,
        }
        if reply_to:
            body["reply_parent_message_id"] = reply_to
        if is_pinned:
            body["pin"] = True
        answer = await self._http.call("POST", "chat/messages", json=body)
        told = answer.or_raise().first
        if told.get("is_sent") is not True:
            raise TwitchDroppedError(reason=_drop_reason(told))
        return _text(told, "message_id")

    async def announce(self, text: str, colour: Colour = "primary") -> None:
        """Say it as a banner of the chat. At most one in 2 s."""
        _check_length(text)
        await self._act("POST", "chat/announcements", json={"message": text, "color": colour})

    async def pin(self, message_id: str, seconds: int | None = None) -> None:
        """Pin a message, or change for how long it stays pinned."""
        fields = {"message_id": _known(message_id)}
        if seconds is not None:
            fields["duration_seconds"] = str(min(max(seconds, PIN_S[0]), PIN_S[-1]))
        answer = await self._pin_as_it_likes("PUT", fields)
        if answer.status == _CONFLICT:  # it is pinned already
            answer = await self._pin_as_it_likes("PATCH", fields)
        answer.or_raise()

    async def unpin(self, message_id: str) -> None:
        """Take a pinned message down."""
        await self._act("DELETE", _PINS, {"message_id": _known(message_id)})

    async def pinned(self) -> Pinned | None:
        """What is pinned now."""
        told = (await self._act("GET", _PINS)).first
        message = told.get("message")
        if not _text(told, "message_id"):
            return None
        return Pinned(
            message_id=_text(told, "message_id"),
            text=_text(message, "text") if isinstance(message, dict) else "",
            ends_at=_text(told, "ends_at"),
        )

    async def delete(self, message_id: str) -> None:
        """Take back one message, of a viewer, at most 6 hours old."""
        await self._act("DELETE", "moderation/chat", {"message_id": _known(message_id)})

    async def time_out(self, user_id: str, seconds: int, reason: str = "") -> None:
        """Silence a viewer for a while."""
        await self._ban(user_id, reason, min(max(seconds, 1), LONGEST_TIME_OUT_S))

    async def ban(self, user_id: str, reason: str = "") -> None:
        """Shut a viewer out until `unban`."""
        await self._ban(user_id, reason, None)

    async def unban(self, user_id: str) -> None:
        """Undo of `ban` and of `time_out`."""
        await self._act("DELETE", "moderation/bans", {"user_id": _known(user_id)})

    async def set_shield(self, *, is_on: bool) -> None:
        """Shield mode (防刷屏模式) on or off."""
        told = await self._act("PUT", "moderation/shield_mode", json={"is_active": is_on})
        if told.first.get("is_active") is not is_on:
            raise TwitchRefusedError(status=told.status, reason="is_active")

    async def is_shielded(self) -> bool:
        """Whether shield mode is on."""
        told = await self._act("GET", "moderation/shield_mode")
        is_on: object = told.first.get("is_active")
        return is_on is True

    async def _ban(self, user_id: str, reason: str, seconds: int | None) -> None:
        data: dict[str, object] = {"user_id": _known(user_id), "reason": reason[:MAX_TEXT]}
        if seconds is not None:
            data["duration"] = seconds
        await self._act("POST", "moderation/bans", json={"data": data})

    async def _act(
        self, method: str, path: str, params: dict[str, str] | None = None, json: object = None
    ) -> Answer:
        params = {**self._who(), **(params or {})}
        return (await self._http.call(method, path, params=params, json=json)).or_raise()

    async def _pin_as_it_likes(self, method: str, fields: dict[str, str]) -> Answer:
        """Clients put the fields into the address or into the body; no document says which."""
        fields = {**self._who(), **fields}
        body: dict[str, object] = dict(fields)
        if "duration_seconds" in fields:
            body["duration_seconds"] = int(fields["duration_seconds"])
        answer = Answer(status=_BAD_REQUEST, told={})
        for in_address, in_body in self._pin_ways:
            answer = await self._http.call(
                method,
                _PINS,
                params=fields if in_address else None,
                json=body if in_body else None,
            )
            if answer.status != _BAD_REQUEST:
                self._pin_ways = ((in_address, in_body),) if answer.is_ok else self._pin_ways
                break
        return answer

    def _who(self) -> dict[str, str]:
        return {"broadcaster_id": self._channel_id, "moderator_id": self._user_id}


def _check_length(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise TwitchTooLongError(limit=MAX_TEXT, length=len(text))


def _known(identity: str) -> str:
    """An id that is there: without one, Twitch would take everything."""
    if not identity:
        raise ValueError("no id")
    return identity


def _drop_reason(told: dict[str, Any]) -> str:
    drop = told.get("drop_reason")
    drop = drop if isinstance(drop, dict) else {}
    code = _text(drop, "code")
    if code in DROP_REASONS:
        return f"twitch_{code}"
    return " ".join(_text(drop, "message").split())[:200] or code or "twitch_untold"


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
