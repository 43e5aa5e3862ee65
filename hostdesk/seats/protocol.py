"""What the engine and its windows say to each other, without the socket.

One binary frame is one message: msgpack of a tagged struct. A seat first says `Hello`
with the token of this run; until then nothing else is heard. Then the engine sends
`Welcome` and `News`; the seat sends asks, each answered once by `Answer`.
"""

import hmac
from typing import Literal

import msgspec

from hostdesk.desk.rows import Digest, FeedRow, RowFlag
from hostdesk.events import AnyAsk
from hostdesk.settings import Login, Settings

VERSION = 3
MAX_ROWS = 60
"""Rows of one digest; a window reads no more in 33 ms, the others can be paged."""
MAX_FLAGS = 5_000
MAX_GONE = 20_000
MAX_PAGE = 200
STALE_MS = 3_000
"""An ask older than this is not sent any more: the moment has passed."""
MAX_FRAME = 4 << 20

Refusal = Literal["token", "protocol", "garbled"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="m"):
    """One frame of the link."""


class Hello(Message, frozen=True, kw_only=True, tag="hello"):
    """First message of a seat."""

    token: str
    protocol: int
    seat: str


class SeatAsk(Message, frozen=True, kw_only=True, tag="ask"):
    """A person asks. ``at_ms`` of the ask is set by the engine on receipt."""

    ask: AnyAsk


class PageWanted(Message, frozen=True, kw_only=True, tag="page_wanted"):
    """Rows of the past, for scrolling back."""

    from_seq: int
    until_seq: int


class StopWanted(Message, frozen=True, kw_only=True, tag="stop"):
    """``hostdesk stop``, or the window of a rehearsal closing."""


class SettingsWanted(Message, frozen=True, kw_only=True, tag="settings_wanted"):
    """Show me the settings."""


class SaveSettings(Message, frozen=True, kw_only=True, tag="save_settings"):
    """Keep these settings. Never journaled: a password travels with them."""

    settings: Settings
    obs_password: str | None = None
    """None = as it was."""
    secrets: dict[str, str] = {}
    """Of rooms: ``<room_id>.<secret>`` and the value; empty = forget it."""


class RoomAgain(Message, frozen=True, kw_only=True, tag="room_again"):
    """重试: try this room now."""

    room_id: str


class LoginWanted(Message, frozen=True, kw_only=True, tag="login_wanted"):
    """登录: begin a login for this room; a new one takes the place of one that waits."""

    room_id: str
    reads_only: bool = False


class LogoutWanted(Message, frozen=True, kw_only=True, tag="logout_wanted"):
    """退出登录: forget the login of this room."""

    room_id: str


class LoginNow(Message, frozen=True, kw_only=True, tag="login_now"):
    """How a login goes."""

    login: Login


class SettingsNow(Message, frozen=True, kw_only=True, tag="settings_now"):
    """The settings as they stand."""

    settings: Settings
    has_password: bool
    password_is_kept: bool
    """False where this machine has no keyring: then it holds for this run only."""
    keyring_error: str = ""
    """Why it is not kept; its words are ``error.<code>``."""
    platforms: tuple[tuple[str, str], ...] = ()
    """Id and name of each platform that can be chosen."""
    known_secrets: tuple[str, ...] = ()
    """Names of the secrets of rooms that are there."""
    inbox_token: str = ""
    """What a browser bridge or a script must show; empty while the inbox is off."""
    error_code: str = ""
    params: dict[str, str | int] = {}


class Welcome(Message, frozen=True, kw_only=True, tag="welcome"):
    """The token was right."""

    protocol: int
    pid: int
    rehearsal: bool


class News(Message, frozen=True, kw_only=True, tag="news"):
    """What changed since the last news."""

    digest: Digest


class Answer(Message, frozen=True, kw_only=True, tag="answer"):
    """How an ask ended."""

    ask_id: str
    ok: bool
    error_code: str = ""
    params: dict[str, str | int] = {}


class Page(Message, frozen=True, kw_only=True, tag="page"):
    """Answer to `PageWanted`."""

    from_seq: int
    until_seq: int
    rows: tuple[FeedRow, ...]
    flags: tuple[RowFlag, ...]
    gone: tuple[int, ...] = ()
    """Rows that the platform took back."""


class Refused(Message, frozen=True, kw_only=True, tag="refused"):
    """The engine does not talk to this seat."""

    why: Refusal


class Bye(Message, frozen=True, kw_only=True, tag="bye"):
    """The engine ends in order."""


LoginWish = LoginWanted | LogoutWanted
FromSeat = (
    Hello
    | SeatAsk
    | PageWanted
    | StopWanted
    | SettingsWanted
    | SaveSettings
    | RoomAgain
    | LoginWish
)
FromEngine = Welcome | News | Answer | Page | SettingsNow | LoginNow | Refused | Bye

_ENCODER = msgspec.msgpack.Encoder()
_FROM_SEAT = msgspec.msgpack.Decoder(FromSeat)
_FROM_ENGINE = msgspec.msgpack.Decoder(FromEngine)


class SeatLinkError(Exception):
    """The other side sent something that is not of this protocol. Close the connection."""


def encode(message: Message) -> bytes:
    """One frame."""
    return _ENCODER.encode(message)


def read_from_engine(frame: bytes) -> FromEngine:
    """One message of the engine.

    Raises:
        SeatLinkError: not of this protocol.
    """
    try:
        message: FromEngine = _FROM_ENGINE.decode(frame)
    except (msgspec.DecodeError, UnicodeError) as exc:
        raise SeatLinkError(type(exc).__name__) from exc
    return message


class Door:
    """The engine's side of one connection: lets a seat in, then hands on what it says."""

    def __init__(self, token: str) -> None:
        self._token = token
        self.seat = ""
        self.refusal: Refusal | None = None

    @property
    def is_open(self) -> bool:
        """Whether the seat has shown the token."""
        return bool(self.seat)

    def receive(self, frame: bytes | str) -> FromSeat | None:
        """Take one frame. None where it was refused: send `Refused`, then close."""
        if isinstance(frame, str):
            return self._refuse("garbled")
        try:
            message = _FROM_SEAT.decode(frame)
        except (msgspec.DecodeError, UnicodeError):
            return self._refuse("garbled")
        return message if self.is_open else self._first(message)

    def _first(self, message: FromSeat) -> FromSeat | None:
        if not isinstance(message, Hello):
            return self._refuse("token")
        if not hmac.compare_digest(message.token.encode(), self._token.encode()):
            return self._refuse("token")
        if message.protocol != VERSION:
            return self._refuse("protocol")
        self.seat = message.seat or "seat"
        return message

    def _refuse(self, why: Refusal) -> FromSeat | None:
        self.refusal = why
        return None


def merge(waiting: Digest | None, new: Digest) -> Digest:
    """Two digests as one: every panel at its newest, rows sampled, flags all kept."""
    if waiting is None:
        return _trim(new)
    return _trim(
        Digest(
            now_ms=new.now_ms,
            last_seq=new.last_seq,
            total=new.total,
            rows=waiting.rows + new.rows,
            flags=waiting.flags + new.flags,
            flagged_rows=waiting.flagged_rows + new.flagged_rows,
            gone=(waiting.gone + new.gone)[-MAX_GONE:],
            status=new.status or waiting.status,
            cards=new.cards or waiting.cards,
            advice=new.advice or waiting.advice,
            plan=new.plan or waiting.plan,
            notice=new.notice or waiting.notice,
            templates=new.templates or waiting.templates,
            chat=new.chat or waiting.chat,
        )
    )


def _trim(digest: Digest) -> Digest:
    rows, flags, flagged = digest.rows, digest.flags, digest.flagged_rows
    if len(rows) <= MAX_ROWS and len(flags) <= MAX_FLAGS and len(flagged) <= MAX_FLAGS:
        return digest
    marked = {flag.seq for flag in flags}
    lost = tuple(row for row in rows[:-MAX_ROWS] if row.seq in marked)
    return msgspec.structs.replace(
        digest,
        rows=rows[-MAX_ROWS:],
        flags=flags[-MAX_FLAGS:],
        flagged_rows=(*flagged, *lost)[-MAX_FLAGS:],
    )
