"""HTTPS with Twitch: bounded in time and size, never with a secret in an address or an error."""

import asyncio
import email.utils
import functools
import ssl
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
from typing_extensions import override

from hostdesk.ports import NowMs
from hostdesk.sources.faults import LONGEST_RETRY_S, refused
from hostdesk.sources.http_faults import fault_behind
from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import Fault, SourceFaultError

ANSWER_S = 8.0
"""An answer is there within this time, or the line is taken for cut."""
MAX_ANSWER = 1 << 18
"""Bytes; the largest answer that we ask for has a few kilobytes."""

_UNAUTHORISED, _FORBIDDEN, _TOO_MANY = 401, 403, 429


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What Twitch answered. Its body may hold a token: it has no repr."""

    status: int
    headers: Mapping[str, str]
    told: dict[str, Any]

    @property
    def message(self) -> str:
        """Twitch's own words for a refusal."""
        return cleaning.name(self.told.get("message") or self.told.get("error"))

    @override
    def __repr__(self) -> str:
        return f"Answer({self.status})"


async def client() -> httpx.AsyncClient:
    """A client that follows nobody and takes nothing from the environment."""
    return httpx.AsyncClient(
        verify=await asyncio.to_thread(_certificates),
        headers={"Accept-Encoding": "identity"},
        timeout=ANSWER_S,
        trust_env=False,
        follow_redirects=False,
    )


async def ask(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    now_ms: NowMs,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str] | None = None,
    data: Mapping[str, str] | None = None,
    json: object = None,
) -> Answer:
    """One call, whatever its status.

    Raises:
        SourceFaultError: no answer, or not one of Twitch.
    """
    request = http.build_request(
        method, url, headers=dict(headers or {}), params=params, data=data, json=json
    )
    try:
        async with asyncio.timeout(ANSWER_S):
            return await _answer(http, request)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as exc:
        # "from None": some of these errors quote a header, and with it the token
        raise SourceFaultError(fault_behind(exc, now_ms())) from None


def fault_of_answer(answer: Answer, now_ms: int) -> Fault:
    """The fault of an answer that is not success."""
    if answer.status == _TOO_MANY:
        wait_s = _reset_s(answer.headers, now_ms)
        return refused(_TOO_MANY, answer.headers.get("retry-after") or f"{wait_s:.0f}", now_ms)
    if answer.status in (_UNAUTHORISED, _FORBIDDEN) and "scope" in answer.message.lower():
        return Fault(code="twitch_scope", state="logged_out")
    return refused(answer.status, answer.headers.get("retry-after", ""), now_ms)


def is_sendable(secret: str) -> bool:
    """Whether it can stand in a header; what cannot is no token of Twitch's."""
    return bool(secret) and secret.isascii() and secret.isprintable() and " " not in secret


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust. Reading it takes 30 ms and more: once, and not in the loop."""
    return httpx.create_ssl_context(trust_env=False)


async def _answer(http: httpx.AsyncClient, request: httpx.Request) -> Answer:
    response = await http.send(request, stream=True)
    try:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise SourceFaultError(Fault(code="source_protocol"))
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_ANSWER:
                raise SourceFaultError(Fault(code="source_too_big"))
    finally:
        await response.aclose()
    return Answer(status=response.status_code, headers=response.headers, told=_read(bytes(body)))


def _read(body: bytes) -> dict[str, Any]:
    try:
        return cleaning.mapping(msgspec.json.decode(body)) if body else {}
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {}


def _reset_s(headers: Mapping[str, str], now_ms: int) -> float:
    """Seconds until ``Ratelimit-Reset``, by Twitch's own clock where it tells the time."""
    reset_s = cleaning.real(headers.get("ratelimit-reset"))
    if reset_s is None:
        return 0.0
    try:
        now_s = email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        now_s = now_ms / 1000
    return min(max(reset_s - now_s, 0.0), LONGEST_RETRY_S)
