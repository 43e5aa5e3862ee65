"""HTTPS with Twitch's Helix API: the login, the limits, and what a refusal means.

Source: dev.twitch.tv/docs/api/guide ("Rate limits") and docs/api/reference.
"""

import asyncio
import email.utils
import math
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import msgspec
from typing_extensions import override

from hostdesk.errors import HostdeskError
from hostdesk.outputs.helix_errors import (
    TwitchAwayError,
    TwitchBusyError,
    TwitchLoggedOutError,
    TwitchRefusedError,
    TwitchScopeError,
    TwitchUnsureError,
)
from hostdesk.ports import NowMs

API = "https://api.twitch.tv"
ANSWER_S = 8.0
MAX_ANSWER = 1 << 18
LONGEST_WAIT_S = 2.0
"""A person waits so long for a limit to pass; for a longer one we say so instead."""
LONGEST_TOLD_S = 600.0
MAX_WORDS = 200

Token = Callable[[], str]
Renew = Callable[[str], Awaitable[str]]
"""Takes a token that Twitch refused, gives another one, or "" where a person must log in."""

_OK, _UNAUTHORISED, _FORBIDDEN, _TOO_MANY, _SERVER = 200, 401, 403, 429, 500


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What Twitch answered."""

    status: int
    told: dict[str, Any]

    @property
    def is_ok(self) -> bool:
        """Whether it was done as asked."""
        return _OK <= self.status < 300

    @property
    def message(self) -> str:
        """Twitch's own words for a refusal, as one short line."""
        words = self.told.get("message") or self.told.get("error")
        return " ".join(words.split())[:MAX_WORDS] if isinstance(words, str) else ""

    @property
    def first(self) -> dict[str, Any]:
        """The first entry of ``data``; an empty one where there is none."""
        data = self.told.get("data")
        entry = data[0] if isinstance(data, list) and data else None
        return entry if isinstance(entry, dict) else {}

    def or_raise(self) -> "Answer":
        """Itself where it was done as asked.

        Raises:
            TwitchRefusedError: Twitch understood, and said no.
        """
        if self.is_ok:
            return self
        if self.status >= _SERVER:
            raise TwitchAwayError(status=self.status)
        raise TwitchRefusedError(status=self.status, reason=self.message or str(self.status))


class HelixHttp:
    """Calls as one person. Holds no secret: it asks for the token each time."""

    def __init__(
        self,
        client_id: str,
        token: Token,
        *,
        now_ms: NowMs,
        renew: Renew | None = None,
        api: str = API,
    ) -> None:
        self._client_id, self._token, self._renew = client_id, token, renew
        self._now_ms, self._api = now_ms, api.rstrip("/")
        self._free_ms = 0
        """Until then Twitch's bucket of points is empty."""
        self._kept: httpx.AsyncClient | None = None

    @override
    def __repr__(self) -> str:
        return "HelixHttp()"

    async def close(self) -> None:
        """Let go of the connections."""
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.aclose()

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: object = None,
    ) -> Answer:
        """One call, again where it certainly was not done: renewed login, a short limit.

        Raises:
            TwitchLoggedOutError, TwitchScopeError: a person must log in (again).
            TwitchBusyError: Twitch wants less, for longer than a person waits.
            TwitchAwayError: no way to Twitch; nothing was done.
            TwitchUnsureError: asked, and not answered; it may have been done.
        """
        token = self._token()
        await self._wait_until_free()
        answer = await self._call_as(token, method, path, params, json)
        if answer.status == _UNAUTHORISED and not _is_about_scope(answer) and self._renew:
            token = await self._renewed(token)
            answer = await self._call_as(token, method, path, params, json)
        if answer.status == _TOO_MANY:
            await self._wait_until_free()
            answer = await self._call_as(token, method, path, params, json)
        return self._or_raise(answer)

    async def _renewed(self, token: str) -> str:
        assert self._renew is not None
        try:
            return await self._renew(token)
        except HostdeskError:
            raise TwitchAwayError(status=0) from None  # the login stands, but nobody answers

    def _or_raise(self, answer: Answer) -> Answer:
        if answer.status in (_UNAUTHORISED, _FORBIDDEN) and _is_about_scope(answer):
            raise TwitchScopeError
        if answer.status == _UNAUTHORISED:
            raise TwitchLoggedOutError
        if answer.status == _TOO_MANY:
            raise TwitchBusyError(seconds=self._seconds_to_wait())
        return answer

    def _seconds_to_wait(self) -> int:
        return max(1, math.ceil((self._free_ms - self._now_ms()) / 1000))

    async def _wait_until_free(self) -> None:
        wait_s = (self._free_ms - self._now_ms()) / 1000
        if wait_s > LONGEST_WAIT_S:
            raise TwitchBusyError(seconds=self._seconds_to_wait())
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    async def _call_as(
        self, token: str, method: str, path: str, params: Mapping[str, str] | None, json: object
    ) -> Answer:
        if not (_is_sendable(token) and _is_sendable(self._client_id)):
            raise TwitchLoggedOutError
        http = await self._client()
        request = http.build_request(
            method,
            f"{self._api}/helix/{path}{_query(params)}",
            headers={"Authorization": f"Bearer {token}", "Client-Id": self._client_id},
            json=json,
        )
        # "from None": some of these errors quote a header, and with it the token
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._answer(http, request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise TwitchAwayError(status=0) from None
        except (httpx.HTTPError, OSError, TimeoutError):
            raise (TwitchAwayError(status=0) if method == "GET" else TwitchUnsureError()) from None

    async def _client(self) -> httpx.AsyncClient:
        if self._kept is None:
            # reading the certificates takes 30 ms and more: not in the loop
            tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
            self._kept = self._kept or httpx.AsyncClient(
                verify=tls,
                headers={"Accept-Encoding": "identity"},
                timeout=ANSWER_S,
                trust_env=False,
                follow_redirects=False,
            )
        return self._kept

    async def _answer(self, http: httpx.AsyncClient, request: httpx.Request) -> Answer:
        response = await http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_ANSWER:
                    break
        finally:
            await response.aclose()
        self._learn_limits(response)
        return Answer(status=response.status_code, told=_read(bytes(body)))

    def _learn_limits(self, response: httpx.Response) -> None:
        """``Ratelimit-*``: when the bucket is empty, nothing is worth sending before the reset."""
        headers, now_ms = response.headers, self._now_ms()
        is_empty = headers.get("ratelimit-remaining", "").strip() == "0"
        if response.status_code != _TOO_MANY and not is_empty:
            return
        wait_s = _number(headers.get("retry-after"))
        if wait_s is None and (reset_s := _number(headers.get("ratelimit-reset"))) is not None:
            wait_s = reset_s - _server_s(headers.get("date", ""), now_ms)
        wait_s = 1.0 if wait_s is None else min(max(wait_s, 0.0), LONGEST_TOLD_S)
        self._free_ms = now_ms + round(wait_s * 1000)


def _is_about_scope(answer: Answer) -> bool:
    return "scope" in answer.message.lower()


def _is_sendable(secret: str) -> bool:
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


def _query(params: Mapping[str, str] | None) -> str:
    return f"?{urllib.parse.urlencode(params)}" if params else ""


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body) if body else {}
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "")[:20])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _server_s(date: str, now_ms: int) -> float:
    """Twitch's own time where it tells it: the clock of this computer may be wrong."""
    try:
        return email.utils.parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return now_ms / 1000
