"""A login at Twitch: asked for with a code, renewed when it lapses, looked at every hour.

`token` and `renew` are all that reading (`eventsub`) and speaking (`hostdesk.outputs.helix`)
need of it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

import httpx

from hostdesk.ports import NowMs
from hostdesk.sources import twitch_http
from hostdesk.sources.steps import Fault, SourceFaultError
from hostdesk.sources.twitch_device import (
    LOST,
    READ_SCOPES,
    Account,
    DeviceCode,
    DeviceFlow,
    Tokens,
    account_of,
    device_code_of,
    renewed,
)

log = logging.getLogger("hostdesk.sources")

BASE = "https://id.twitch.tv"
VALIDATE_S = 3_600.0
"""Twitch asks every application to look this often whether its login still holds."""
AGAIN_S = 60.0
"""Where Twitch could not be asked."""
_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_UNAUTHORISED = 401

Found = TypeVar("Found", DeviceCode, Tokens, Account)

Keep = Callable[[Tokens], Awaitable[object]]
"""Puts new tokens into the keyring at once: the old ones are worth nothing any more."""


class TwitchLogin:
    """One person's login for one application of the public kind (it has no secret)."""

    def __init__(
        self,
        client_id: str,
        *,
        now_ms: NowMs,
        keep: Keep,
        tokens: Tokens | None = None,
        base: str = BASE,
    ) -> None:
        self._client_id, self._now_ms, self._keep = client_id, now_ms, keep
        self._tokens = tokens or Tokens(access="", refresh="")
        self._base = base.rstrip("/")
        self._renewing: asyncio.Future[str] | None = None

    def token(self) -> str:
        """The access token as it is now; empty where a person must log in."""
        return self._tokens.access

    async def ask(self, scopes: Sequence[str] = READ_SCOPES) -> DeviceCode:
        """A code to show, with the address of the page where it is typed.

        Raises:
            SourceFaultError: Twitch is away, or does not know the application.
        """
        form = {"client_id": self._client_id, "scopes": " ".join(scopes)}
        async with await twitch_http.client() as http:
            answer = await self._post(http, "/oauth2/device", form)
        return _or_raise(device_code_of(answer.status, answer.told, self._now_ms()))

    async def wait(self, code: DeviceCode, scopes: Sequence[str] = READ_SCOPES) -> Tokens:
        """Until the code is typed; the login is kept then.

        Raises:
            SourceFaultError: refused, or the code has lapsed. Ask for another one.
        """
        flow = DeviceFlow(code, self._now_ms())
        form = {
            "client_id": self._client_id,
            "scopes": " ".join(scopes),
            "device_code": code.device_code,
            "grant_type": _GRANT,
        }
        async with await twitch_http.client() as http:
            while True:
                await asyncio.sleep(max(flow.next_ms - self._now_ms(), 0) / 1000)
                told = await self._typed(http, flow, form)
                if told is not None:
                    return await self._take(_or_raise(told))

    async def renew(self, stale: str) -> str:
        """A token other than ``stale``, which Twitch has refused; empty: log in again.

        Raises:
            SourceFaultError: Twitch cannot be asked now.
        """
        if self.token() != stale:
            return self.token()  # somebody else was faster
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.ensure_future(self._renew())
            self._renewing.add_done_callback(_heard)
        # whoever asks may run out of time: the answer must not be lost, it is the whole login
        return await asyncio.shield(self._renewing)

    async def validate(self) -> Account:
        """Whose login it is. A token that has lapsed is renewed first.

        Raises:
            SourceFaultError: "logged_out" where a person must log in; else Twitch is away.
        """
        token = self.token()
        answer = await self._look(token)
        if answer.status == _UNAUTHORISED:
            token = await self.renew(token)
            answer = await self._look(token)
        return _or_raise(account_of(answer.status, answer.told))

    async def watch(self) -> Fault:
        """Look every hour. Returns once a person must log in again, with the reason."""
        while True:
            wait_s = VALIDATE_S
            try:
                await self.validate()
            except SourceFaultError as exc:
                if exc.fault.state != "reconnecting":
                    return exc.fault
                wait_s = max(AGAIN_S, exc.fault.retry_s)
            await asyncio.sleep(wait_s)

    async def log_out(self) -> None:
        """Forget the login here; at Twitch too, if it can be told."""
        token = self.token()
        await self._take(Tokens(access="", refresh=""))
        if token:
            async with await twitch_http.client() as http:
                form = {"client_id": self._client_id, "token": token}
                await self._post(http, "/oauth2/revoke", form)

    async def _renew(self) -> str:
        if not self._tokens.refresh:
            return ""
        form = {
            "client_id": self._client_id,
            "grant_type": "refresh_token",
            "refresh_token": self._tokens.refresh,
        }
        async with await twitch_http.client() as http:
            answer = await self._post(http, "/oauth2/token", form)
        found = renewed(answer.status, answer.told)
        if found is LOST:
            log.info("the login at Twitch is lost")
            found = Tokens(access="", refresh="")
        return (await self._take(_or_raise(found))).access

    async def _typed(
        self, http: httpx.AsyncClient, flow: DeviceFlow, form: Mapping[str, str]
    ) -> Tokens | Fault | None:
        try:
            answer = await self._post(http, "/oauth2/token", form)
        except SourceFaultError:
            return flow.missed(self._now_ms())  # the line may come back before the code lapses
        return flow.answered(answer.status, answer.told, self._now_ms())

    async def _look(self, token: str) -> twitch_http.Answer:
        if not twitch_http.is_sendable(token):
            raise SourceFaultError(LOST)
        headers = {"Authorization": f"OAuth {token}"}
        async with await twitch_http.client() as http:
            url = f"{self._base}/oauth2/validate"
            return await twitch_http.ask(http, "GET", url, self._now_ms, headers=headers)

    async def _post(
        self, http: httpx.AsyncClient, path: str, form: Mapping[str, str]
    ) -> twitch_http.Answer:
        """Secrets travel in the body: addresses are logged."""
        return await twitch_http.ask(http, "POST", self._base + path, self._now_ms, data=form)

    async def _take(self, tokens: Tokens) -> Tokens:
        self._tokens = tokens
        await self._keep(tokens)
        return tokens


def _heard(renewing: asyncio.Future[str]) -> None:
    """Nobody may be waiting for it any more; its fault is not worth a traceback then."""
    if not renewing.cancelled():
        renewing.exception()


def _or_raise(found: Found | Fault) -> Found:
    if isinstance(found, Fault):
        raise SourceFaultError(found)
    return found
