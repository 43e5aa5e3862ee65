"""The calls of Bilibili's Open Live: begin a game in a room, keep it, end it."""

import asyncio
import urllib.parse
import uuid
from typing import TypeVar

import httpx
import msgspec
from typing_extensions import override

from hostdesk.ports import NowMs
from hostdesk.sources.bilibili_codes import fault_of_code
from hostdesk.sources.bilibili_signing import Keys
from hostdesk.sources.faults import refused
from hostdesk.sources.http_faults import fault_behind
from hostdesk.sources.steps import Fault, SourceFaultError

ANSWER_S = 10.0
MAX_ANSWER = 256 * 1024
MAX_LINKS = 10
_OK = 200

T = TypeVar("T")


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose room it is."""

    room_id: int | str = ""
    uid: int | str = ""
    open_id: str = ""
    uname: str = ""

    def is_named(self, name: str) -> bool:
        """Whether ``name`` is the number of the room, or one of the names of its owner."""
        return name in (str(self.room_id), str(self.uid), self.open_id, self.uname)

    @property
    def key(self) -> str:
        """The surest of its names: what to ask for to get this room."""
        names = map(str, (self.room_id, self.open_id, self.uid))
        return next((name for name in names if name not in ("", "0")), self.uname)

    @override
    def __str__(self) -> str:
        """For people."""
        return f"{self.uname} ({self.room_id})" if self.uname else str(self.room_id)


class Game:
    """A feed that the platform opened for us. Its ``auth_body`` is a secret: it has no repr."""

    __slots__ = ("alive_ms", "auth_body", "game_id", "links", "owner", "tries")

    def __init__(
        self, game_id: str, auth_body: str, links: list[str], owner: Owner, now_ms: int
    ) -> None:
        self.game_id, self.auth_body, self.links, self.owner = game_id, auth_body, links, owner
        self.alive_ms = now_ms
        """When the platform last confirmed it."""
        self.tries = 0
        """Connections since one of them was let in."""

    def next_link(self) -> str:
        """Where to connect: each of the links in turn."""
        self.tries += 1
        return self.links[(self.tries - 1) % len(self.links)]


class OpenApp:
    """Signed calls, one at a time. Each raises `SourceFaultError` where it is refused."""

    def __init__(self, http: httpx.AsyncClient, keys: Keys, now_ms: NowMs, base: str) -> None:
        self._http, self._keys, self._now_ms = http, keys, now_ms
        self._base = base.rstrip("/")

    async def start(self, code: str, app_id: int) -> Game:
        """Open the feed of the room whose owner gave out the identity ``code``."""
        told = await self._ask("start", {"code": code, "app_id": app_id}, _Started)
        links = [link for link in told.websocket_info.wss_link if self._is_fit(link)][:MAX_LINKS]
        if not links:
            raise SourceFaultError(Fault(code="bilibili_answer"))
        return Game(
            told.game_info.game_id if told.game_info else "",
            told.websocket_info.auth_body,
            links,
            told.anchor_info,
            self._now_ms(),
        )

    async def keep(self, game_id: str) -> None:
        """Tell that we are still here; the platform ends a game after 60 s without."""
        await self._ask("heartbeat", {"game_id": game_id}, _Nothing)

    async def end(self, game_id: str, app_id: int) -> None:
        """Let go of the room, so that it can be opened again at once."""
        await self._ask("end", {"game_id": game_id, "app_id": app_id}, _Nothing)

    async def _ask(self, name: str, said: dict[str, str | int], into: type[T]) -> T:
        body = msgspec.json.encode(said)
        headers = self._keys.headers(body, nonce=str(uuid.uuid4()), now_s=self._now_ms() // 1000)
        headers["Accept-Encoding"] = "identity"  # packed, its size could not be bounded
        try:
            async with asyncio.timeout(ANSWER_S):
                content = await self._post(f"{self._base}/v2/app/{name}", body, headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as exc:
            raise SourceFaultError(fault_behind(exc, self._now_ms())) from exc
        return _told(content, into)

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> bytes:
        content = bytearray()
        async with self._http.stream("POST", url, content=body, headers=headers) as answer:
            if answer.status_code != _OK:
                wait = answer.headers.get("Retry-After", "")
                raise SourceFaultError(refused(answer.status_code, wait, self._now_ms()))
            async for piece in answer.aiter_raw():
                content += piece
                if len(content) > MAX_ANSWER:
                    raise SourceFaultError(Fault(code="bilibili_answer"))
        return bytes(content)

    def _is_fit(self, link: str) -> bool:
        """Encrypted wherever the calls are."""
        try:
            parts = urllib.parse.urlsplit(link)
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False
        schemes = ("ws", "wss") if self._base.startswith("http://") else ("wss",)
        return is_whole and parts.scheme in schemes


async def client_for() -> httpx.AsyncClient:
    """An HTTP client for one host; certificates are loaded off the loop, which takes long."""
    context = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
    return httpx.AsyncClient(
        verify=context,
        timeout=ANSWER_S,
        trust_env=False,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=2),
    )


class _Answer(msgspec.Struct):
    code: int
    data: msgspec.Raw = msgspec.Raw(b"{}")


class _GameInfo(msgspec.Struct):
    game_id: str = ""


class _SocketInfo(msgspec.Struct):
    auth_body: str
    wss_link: list[str]


class _Started(msgspec.Struct):
    websocket_info: _SocketInfo
    game_info: _GameInfo | None = None
    anchor_info: Owner = msgspec.field(default_factory=Owner)


class _Nothing(msgspec.Struct):
    pass


def _told(content: bytes, into: type[T]) -> T:
    """The ``data`` of an answer that says yes."""
    try:
        answer = msgspec.json.decode(content, type=_Answer, strict=False)
        if answer.code:
            raise SourceFaultError(fault_of_code(answer.code))
        told = b"{}" if bytes(answer.data) == b"null" else answer.data
        return msgspec.json.decode(told, type=into)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        # "from None": what the decoder quotes may be the secret in the answer
        raise SourceFaultError(Fault(code="bilibili_answer")) from None
