"""A Twitch chat read with a login: HTTP around the EventSub WebSocket.

For each session: find the people, open the socket, subscribe within 10 s of its welcome. When
Twitch moves us to another server, the new socket is welcomed before the old one is closed, so
that nothing is missed.
"""

import asyncio
import contextlib
import logging
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping

import httpx
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from hostdesk.ports import NowMs, Post
from hostdesk.sources import twitch_http
from hostdesk.sources.eventsub_events import KINDS, PLATFORM, EventSubReader
from hostdesk.sources.eventsub_protocol import KEEPALIVE_S, MOVED, EventSubProtocol, SeenMessages
from hostdesk.sources.link import OPEN_S, Dialled, SocketFeed
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import MAX_FRAME, Fault, SocketProtocol, SourceFaultError

log = logging.getLogger("hostdesk.sources")

API = "https://api.twitch.tv"
WS = "wss://eventsub.wss.twitch.tv/ws"
SUBSCRIBE_S = 9.0
"""Twitch closes a connection without a subscription after 10 s (code 4003)."""
DRAIN_S = 0.25
"""So long after its last frame an old connection counts as read to its end."""
DRAIN_LIMIT_S = 2.0
_OK, _ACCEPTED, _UNAUTHORISED, _FORBIDDEN, _CONFLICT = 200, 202, 401, 403, 409

Token = Callable[[], str]
Renew = Callable[[str], Awaitable[str]]
"""Takes a token that Twitch refused, gives another one, or "" where a person must log in."""


class TwitchChatRoom:
    """One channel. Fits `hostdesk.ports.Source`."""

    def __init__(
        self,
        source_id: str,
        *,
        channel: str,
        token: Token,
        client_id: str,
        now_ms: NowMs,
        renew: Renew | None = None,
        expected_room_id: str = "",
        api: str = API,
        ws: str = WS,
    ) -> None:
        """``channel``: its login, as in its address. ``expected_room_id``: Twitch's id of it."""
        self.source_id = source_id
        self._channel = channel.strip().lstrip("#@").lower()
        self._token, self._renew, self._client_id = token, renew, client_id
        self._now_ms, self._api, self._ws = now_ms, api.rstrip("/"), ws
        self._expected = expected_room_id
        self._reader, self._seen = EventSubReader(source_id), SeenMessages()
        self._welcomed: asyncio.Queue[EventSubProtocol] = asyncio.Queue()
        self._condition: dict[str, str] = {}
        self._feed = _MovingFeed(
            source_id, PLATFORM, self._channel, self._dial, now_ms, self._move_to
        )

    def try_again(self) -> None:
        """A person changed something, or asks for it: do not wait any longer."""
        self._feed.try_again()

    async def run(self, post: Post) -> None:
        """Post what the chat says until cancelled. Never gives up."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._subscribe_welcomed())
            await self._feed.run(post)

    async def _dial(self) -> Dialled:
        async with await twitch_http.client() as http:
            me, room = await self._person(http), await self._person(http, self._channel)
        if self._expected and room != self._expected:
            params: dict[str, str | int] = {"asked": self._expected, "found": room}
            raise SourceFaultError(Fault(code="source_other_room", state="refused", params=params))
        self._condition = {"broadcaster_user_id": room, "user_id": me}
        protocol = EventSubProtocol(self._reader, self._seen, self._welcomed.put_nowait)
        mark = "&" if "?" in self._ws else "?"
        url = f"{self._ws}{mark}keepalive_timeout_seconds={KEEPALIVE_S}"
        return Dialled(url=url, protocol=protocol)

    def _move_to(self, url: str) -> Dialled:
        """The session that goes on where another ended, at the address that Twitch gave."""
        if not _is_same_house(url, self._ws):
            raise SourceFaultError(Fault(code="source_protocol"))
        protocol = EventSubProtocol(
            self._reader, self._seen, self._welcomed.put_nowait, is_carried=True
        )
        return Dialled(url=url, protocol=protocol)

    async def _subscribe_welcomed(self) -> None:
        while True:
            protocol = await self._welcomed.get()
            try:
                async with asyncio.timeout(SUBSCRIBE_S), await twitch_http.client() as http:
                    await self._subscribe(http, protocol)
            except SourceFaultError as exc:
                protocol.give_up(exc.fault)
            except TimeoutError:
                protocol.give_up(Fault(code="source_timeout"))

    async def _subscribe(self, http: httpx.AsyncClient, protocol: EventSubProtocol) -> None:
        """To the chat; and to the lesser kinds, without which it can be read too."""
        first, *others = KINDS
        answer = await self._subscribe_to(http, protocol.session_id, first)
        if answer.status not in (_OK, _ACCEPTED, _CONFLICT):
            raise SourceFaultError(self._refusal(answer))
        protocol.subscribed()
        for kind in others:
            answer = await self._subscribe_to(http, protocol.session_id, kind)
            if answer.status not in (_OK, _ACCEPTED, _CONFLICT):
                log.info("%s: %s is not to be had (%d)", self.source_id, kind, answer.status)

    async def _subscribe_to(
        self, http: httpx.AsyncClient, session_id: str, kind: str
    ) -> twitch_http.Answer:
        body = {
            "type": kind,
            "version": "1",
            "condition": self._condition,
            "transport": {"method": "websocket", "session_id": session_id},
        }
        return await self._call(http, "POST", "/helix/eventsub/subscriptions", json=body)

    def _refusal(self, answer: twitch_http.Answer) -> Fault:
        fault = twitch_http.fault_of_answer(answer, self._now_ms())
        if answer.status == _FORBIDDEN and fault.code == "source_forbidden":
            params: dict[str, str | int] = {"channel": self._channel}
            return Fault(code="twitch_not_allowed", state="refused", params=params)
        return fault

    async def _person(self, http: httpx.AsyncClient, login: str = "") -> str:
        """The id of ``login``, or of whose token it is."""
        params = {"login": login} if login else {}
        answer = await self._call(http, "GET", "/helix/users", params=params)
        if answer.status not in (_OK, 400):
            raise SourceFaultError(twitch_http.fault_of_answer(answer, self._now_ms()))
        found = [cleaning.mapping(each) for each in cleaning.listing(answer.told.get("data"))]
        user_id = cleaning.identity(found[0].get("id")) if found else ""
        if not user_id:
            params_told: dict[str, str | int] = {"channel": login}
            raise SourceFaultError(
                Fault(code="twitch_channel_unknown", state="refused", params=params_told)
            )
        return user_id

    async def _call(
        self,
        http: httpx.AsyncClient,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> twitch_http.Answer:
        """One call with the login; once more with a renewed one where it has lapsed."""
        token = self._token()
        answer = await self._call_as(token, http, method, path, params=params, json=json)
        if answer.status == _UNAUTHORISED and self._renew is not None:
            if twitch_http.fault_of_answer(answer, 0).code == "twitch_scope":
                return answer
            token = await self._renew(token)
            answer = await self._call_as(token, http, method, path, params=params, json=json)
        return answer

    async def _call_as(
        self,
        token: str,
        http: httpx.AsyncClient,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None,
        json: object,
    ) -> twitch_http.Answer:
        if not (twitch_http.is_sendable(token) and twitch_http.is_sendable(self._client_id)):
            raise SourceFaultError(Fault(code="twitch_no_login", state="logged_out"))
        headers = {"Authorization": f"Bearer {token}", "Client-Id": self._client_id}
        url = self._api + path
        return await twitch_http.ask(
            http, method, url, self._now_ms, headers=headers, params=params, json=json
        )


class _MovingFeed(SocketFeed):
    """A feed that goes on at another server without a gap when it is told to."""

    def __init__(
        self,
        source_id: str,
        platform: str,
        room: str,
        dial: Callable[[], Awaitable[Dialled]],
        now_ms: NowMs,
        move_to: Callable[[str], Dialled],
    ) -> None:
        super().__init__(source_id, platform, room, dial, now_ms)
        self._move_to = move_to

    @override
    async def _converse(self, socket: ClientConnection, protocol: SocketProtocol) -> None:
        async with contextlib.AsyncExitStack() as sockets:
            await super()._converse(socket, protocol)
            while self._fault is not None and self._fault.code == MOVED:
                assert isinstance(protocol, EventSubProtocol)
                dialled = self._move_to(protocol.reconnect_url)
                new = await sockets.enter_async_context(_opened(dialled.url))
                await self._welcome(new, dialled.protocol)
                await self._drain(socket, protocol)
                await socket.close()
                if self._fault is not None and self._fault.code != MOVED:
                    return  # the last thing it said ends the login
                self._fault = None
                socket, protocol = new, dialled.protocol
                await super()._converse(socket, protocol)

    async def _welcome(self, socket: ClientConnection, protocol: SocketProtocol) -> None:
        """Until the new session is welcomed; the old one is still told everything till then."""
        assert isinstance(protocol, EventSubProtocol)
        async with asyncio.timeout(OPEN_S):
            while not protocol.session_id:
                frame = await socket.recv()
                await self._follow(protocol.received(frame, self._now_ms()), socket, frame)

    async def _drain(self, socket: ClientConnection, protocol: SocketProtocol) -> None:
        """What the old connection was told before the new one took over."""
        with contextlib.suppress(TimeoutError, ConnectionClosed):
            async with asyncio.timeout(DRAIN_LIMIT_S):
                while True:
                    async with asyncio.timeout(DRAIN_S):
                        frame = await socket.recv()
                    await self._follow(protocol.received(frame, self._now_ms()), socket, frame)


def _opened(url: str) -> connect:
    return connect(
        url,
        max_size=MAX_FRAME,
        open_timeout=OPEN_S,
        close_timeout=1.0,
        ping_interval=None,
        compression=None,
        proxy=None,
    )


def _is_same_house(url: str, known: str) -> bool:
    """Whether ``url`` is as safe as ``known`` and at the same host or below its domain."""
    try:
        parts, ours = urllib.parse.urlsplit(url), urllib.parse.urlsplit(known)
        host, our_host = parts.hostname or "", ours.hostname or ""
    except ValueError:
        return False
    is_near = host == our_host or host.endswith((f".{our_host}", ".wss.twitch.tv"))
    return parts.scheme == ours.scheme and is_near
