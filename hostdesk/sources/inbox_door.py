"""Who may push to the inbox: this machine, our token, and no web page that was not allowed to.

Any page in a browser can reach a port of 127.0.0.1. So a request with an ``Origin`` is refused
unless that origin is allowed, and so is one whose ``Host`` is a name that somebody made point
to us (DNS rebinding). The token is compared in constant time, and never logged.
"""

import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import parse_qsl, urlsplit

import msgspec

from hostdesk.sources.inbox_feeds import Sender
from hostdesk.sources.recordings import cleaning

Headers = Iterable[tuple[str, str]]

EXTENSIONS = ("chrome-extension://", "moz-extension://")
"""Schemes for which ``scheme://*`` may stand in the list: Firefox makes a new id for each user."""
MAX_TARGET = 4_096
_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_CHECKED = frozenset({"host", "origin", "authorization"})


class Visit(msgspec.Struct, kw_only=True):
    """What the head of a request tells about who is there."""

    path: str = ""
    origin: str = ""
    """Allowed, if there is one."""
    has_token: bool = False
    shows_token: bool = False
    """It showed one, right or wrong."""
    sender: Sender = Sender()
    refusal: str = ""
    """"host" or "origin" where it must go no further."""


class Door:
    """Looks at the head of each request."""

    def __init__(
        self,
        token: str | Callable[[], str],
        allowed_origins: Sequence[str] | Callable[[], Sequence[str]] = (),
    ) -> None:
        self._token, self._allowed = token, allowed_origins

    def looks(self, target: str, headers: Headers) -> Visit:
        """Who is it? ``target``: path and query as they were asked for."""
        told = _once(headers)
        if told is None or not _LOOPBACK.fullmatch(told.get("host", "")):
            return Visit(refusal="host")
        origin = told.get("origin", "")
        if origin and not self._allows(origin):
            return Visit(refusal="origin")
        path, query = _parts(target)
        shown = _bearer(told.get("authorization", "")) or query.get("token", "")
        return Visit(
            path=path,
            origin=origin,
            has_token=self.opens_with(shown),
            shows_token=bool(shown),
            sender=Sender(
                source=cleaning.name(query.get("source")),
                platform=cleaning.name(query.get("platform")),
                room=cleaning.name(query.get("room")),
            ),
        )

    def opens_with(self, shown: str | None) -> bool:
        """Whether that is the token. Without a token of ours nothing opens."""
        token = self._token() if callable(self._token) else self._token
        if not token or not shown:
            return False
        return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())

    def _allows(self, origin: str) -> bool:
        allowed = self._allowed() if callable(self._allowed) else self._allowed
        any_of = tuple(scheme for scheme in EXTENSIONS if f"{scheme}*" in allowed)
        return origin in allowed or (bool(any_of) and origin.startswith(any_of))


def _once(headers: Headers) -> dict[str, str] | None:
    """The headers that are checked; None where one of them comes twice."""
    told: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        if name in _CHECKED:
            if name in told:
                return None
            told[name] = value.strip()
    return told


def _parts(target: str) -> tuple[str, dict[str, str]]:
    """Path and query. What is no address is no path of ours."""
    try:
        parts = urlsplit(target[:MAX_TARGET])
        return parts.path, dict(parse_qsl(parts.query, max_num_fields=16))
    except ValueError:
        return "", {}


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
