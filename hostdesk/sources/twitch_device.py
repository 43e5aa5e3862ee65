"""Logging in to Twitch with a code that is typed elsewhere: what follows from each answer.

Pure. Source: dev.twitch.tv/docs/authentication/getting-tokens-oauth ("Device code grant flow",
an application of the public kind, so without a secret) and RFC 8628.
"""

import urllib.parse
from typing import Any

import msgspec
from typing_extensions import override

from hostdesk.sources.recordings import cleaning
from hostdesk.sources.steps import Fault

READ_SCOPES = ("user:read:chat",)
SPEAK_SCOPES = ("user:write:chat",)
MODERATE_SCOPES = (
    "moderator:manage:announcements",
    "moderator:manage:banned_users",
    "moderator:manage:chat_messages",
    "moderator:manage:shield_mode",
)

LEAST_INTERVAL_S = 1.0
USUAL_INTERVAL_S = 5.0
SLOWER_MS = 5_000
"""By how much to ask less often when told to slow down (RFC 8628, 3.5)."""
LONGEST_CODE_S = 3_600.0
MAX_SECRET = 1_024

_OK, _UNAUTHORISED, _FORBIDDEN, _TOO_MANY, _SERVER = 200, 401, 403, 429, 500
LOST = Fault(code="twitch_login_lost", state="logged_out")
CLIENT = Fault(code="twitch_client", state="refused")
_EXPIRED = Fault(code="twitch_code_expired", state="logged_out")
_DENIED = Fault(code="twitch_denied", state="logged_out")
_ODD = Fault(code="source_protocol")


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a person types at Twitch's page, and until when."""

    user_code: str
    url: str
    expires_ms: int
    interval_ms: int
    device_code: str
    """Ours alone: who has it gets the login."""

    @override
    def __repr__(self) -> str:
        return f"DeviceCode({self.user_code})"


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """A login. Both are secrets; the refresh token is another one after each use."""

    access: str
    refresh: str
    scopes: tuple[str, ...] = ()

    @override
    def __repr__(self) -> str:
        return f"Tokens({' '.join(self.scopes)})"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose login it is."""

    user_id: str
    login: str
    scopes: tuple[str, ...] = ()


class DeviceFlow:
    """Asks whether the code was typed, no more often than Twitch wants, until it lapses."""

    def __init__(self, code: DeviceCode, now_ms: int) -> None:
        self._code = code
        self._interval_ms = code.interval_ms
        self.next_ms = now_ms + self._interval_ms
        """When to ask next."""

    def answered(self, status: int, told: dict[str, Any], now_ms: int) -> Tokens | Fault | None:
        """Take an answer to the question; None: ask again at ``next_ms``."""
        if status == _OK:
            return tokens_of(told) or _ODD
        why = _why(told)
        if "slow_down" in why or status == _TOO_MANY:
            self._interval_ms += SLOWER_MS
        elif (ended := _ended(status, why)) is not None:
            return ended
        return self.missed(now_ms)

    def missed(self, now_ms: int) -> Fault | None:
        """No answer, or not yet: None where there is time to ask again."""
        self.next_ms = now_ms + self._interval_ms
        return _EXPIRED if self.next_ms >= self._code.expires_ms else None


def device_code_of(status: int, told: dict[str, Any], now_ms: int) -> DeviceCode | Fault:
    """The answer to asking for a code."""
    if status != _OK:
        return CLIENT if status < _SERVER and status != _TOO_MANY else _status(status)
    device_code, url = _secret(told.get("device_code")), told.get("verification_uri")
    user_code = cleaning.name(told.get("user_code"))
    if not (device_code and user_code and isinstance(url, str) and _is_page(url)):
        return _ODD
    interval_s = cleaning.real(told.get("interval"))
    lasts_s = cleaning.real(told.get("expires_in"))
    if lasts_s is None or not LEAST_INTERVAL_S <= lasts_s <= LONGEST_CODE_S:
        lasts_s = LONGEST_CODE_S
    interval_s = max(USUAL_INTERVAL_S if interval_s is None else interval_s, LEAST_INTERVAL_S)
    return DeviceCode(
        user_code=user_code,
        url=url,
        device_code=device_code,
        expires_ms=now_ms + round(lasts_s * 1000),
        interval_ms=round(min(interval_s, lasts_s) * 1000),
    )


def tokens_of(told: dict[str, Any]) -> Tokens | None:
    """The tokens in an answer; None where there are none."""
    access, refresh = _secret(told.get("access_token")), _secret(told.get("refresh_token"))
    if not access or not refresh:
        return None
    return Tokens(access=access, refresh=refresh, scopes=_scopes(told.get("scope")))


def renewed(status: int, told: dict[str, Any]) -> Tokens | Fault:
    """The answer to the use of a refresh token."""
    if status == _OK:
        return tokens_of(told) or _ODD
    if status >= _SERVER or status == _TOO_MANY:
        return _status(status)
    return CLIENT if "client" in _why(told) else LOST


def account_of(status: int, told: dict[str, Any]) -> Account | Fault:
    """The answer to asking whose token it is, and whether it still holds."""
    if status == _UNAUTHORISED:
        return LOST
    if status != _OK:
        return _status(status)
    user_id, login = cleaning.identity(told.get("user_id")), cleaning.name(told.get("login"))
    if not user_id or not login:
        return _ODD
    return Account(user_id=user_id, login=login, scopes=_scopes(told.get("scopes")))


def _ended(status: int, why: str) -> Fault | None:
    """Why asking on is of no use; None where it is."""
    if status >= _SERVER or "authorization_pending" in why:
        return None
    if "access_denied" in why:
        return _DENIED
    if "client" in why or status == _FORBIDDEN:
        return CLIENT
    return _EXPIRED  # "invalid device code": lapsed, or used


def _why(told: dict[str, Any]) -> str:
    """Twitch says it in "message", RFC 8628 in "error"."""
    return f"{cleaning.name(told.get('message'))} {cleaning.name(told.get('error'))}".lower()


def _status(status: int) -> Fault:
    code = "source_too_many" if status == _TOO_MANY else "source_status"
    params: dict[str, str | int] = {"status": status, "seconds": 60}
    return Fault(code=code, params=params, retry_s=60.0 if status == _TOO_MANY else 0.0)


def _secret(value: object) -> str:
    """A token as it is: never cut, cleaned or quoted."""
    if not isinstance(value, str) or not 0 < len(value) <= MAX_SECRET:
        return ""
    return value if value.isascii() and value.isprintable() and " " not in value else ""


def _scopes(value: object) -> tuple[str, ...]:
    names = (cleaning.name(each) for each in cleaning.listing(value)[:200])
    return tuple(name for name in names if name)


def _is_page(url: str) -> bool:
    """A page that may be shown to a person: encrypted, or on this very machine (tests)."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return False
    if len(url) > 2_048 or not url.isprintable():
        return False
    is_local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or is_local)
