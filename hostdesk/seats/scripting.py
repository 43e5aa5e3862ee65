"""A script's way to a running engine: a seat for the length of one command."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from hostdesk.desk.rows import ChatRow, SourceRow
from hostdesk.errors import AskRefusedError, EngineAwayError
from hostdesk.events import ChatAsked
from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import (
    MAX_FRAME,
    VERSION,
    Answer,
    FromEngine,
    Hello,
    LoginNow,
    LoginWish,
    Message,
    News,
    RoomAgain,
    SaveSettings,
    SeatAsk,
    SeatLinkError,
    SettingsNow,
    SettingsWanted,
    encode,
    read_from_engine,
)
from hostdesk.settings import Login, Settings

WAIT_S = 8.0
KEYRING_S = 75.0
"""Settings may wait for a person to unlock the keyring; the engine gives that up after 60 s."""

CHAT_S = 30.0
"""Three seconds to take it back, Twitch's own limits, ten seconds to see it."""
LOGIN_ASK_S = 100.0
"""The keyring may wait for a person, then the platform is asked."""
LOGIN_TYPED_S = 3_700.0
"""A code holds for an hour at most."""

_Wanted = TypeVar("_Wanted", bound=msgspec.Struct)


def settings_of(facts: LinkFacts) -> SettingsNow:
    """The settings that the engine works with.

    Raises:
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        seat.send(encode(SettingsWanted()))
        return _next(seat, SettingsNow, KEYRING_S)


def save(facts: LinkFacts, settings: Settings, secrets: dict[str, str]) -> SettingsNow:
    """Let the engine keep settings and secrets, and work with them at once.

    Raises:
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        seat.send(encode(SaveSettings(settings=settings, secrets=secrets)))
        return _next(seat, SettingsNow, KEYRING_S)


def try_again(facts: LinkFacts, room_id: str) -> None:
    """A person asks that a room is tried now.

    Raises:
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        seat.send(encode(RoomAgain(room_id=room_id)))


def sources_of(facts: LinkFacts) -> tuple[SourceRow, ...]:
    """How the engine's sources are doing now.

    Raises:
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        while True:
            status = _next(seat, News).digest.status
            if status is not None:
                return status.sources


def logins(facts: LinkFacts, wish: LoginWish) -> Iterator[Login]:
    """How the login that a person wants goes, step by step, until it has ended.

    Raises:
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        seat.send(encode(wish))
        limit_s = LOGIN_ASK_S
        while True:
            told = _next(seat, LoginNow, limit_s).login
            yield told
            if told.step != "code":
                return
            limit_s = LOGIN_TYPED_S


def chat(facts: LinkFacts, ask: ChatAsked) -> Iterator[ChatRow]:
    """What becomes of an act in a chat, until that is settled.

    Raises:
        AskRefusedError: it cannot be done now.
        EngineAwayError: it does not answer.
    """
    with _seat(facts) as seat:
        seat.send(encode(SeatAsk(ask=ask)))
        answer = _next(seat, Answer)
        if not answer.ok:
            raise AskRefusedError(**answer.params)
        chat_id = ""
        while True:
            panel = _next(seat, News, CHAT_S).digest.chat
            for row in panel.rows if panel else ():
                chat_id = chat_id or row.chat_id  # the newest, for ours was the last one
                if row.chat_id == chat_id:
                    yield row
                    if _is_settled(row):
                        return


def _is_settled(row: ChatRow) -> bool:
    if row.phase == "done":
        return row.act not in ("say", "pin")
    return row.phase in ("seen", "unseen", "failed", "undone")


@contextmanager
def _seat(facts: LinkFacts) -> Iterator[ClientConnection]:
    url = f"ws://127.0.0.1:{facts.port}"
    try:
        with connect(
            url, compression=None, open_timeout=WAIT_S, proxy=None, max_size=MAX_FRAME
        ) as socket:
            socket.send(encode(Hello(token=facts.token, protocol=VERSION, seat="script")))
            yield socket
    except (OSError, TimeoutError, WebSocketException, SeatLinkError) as exc:
        raise EngineAwayError(pid=facts.pid) from exc


def _next(socket: ClientConnection, wanted: type[_Wanted], limit_s: float = WAIT_S) -> _Wanted:
    """The next message of a kind. `TimeoutError` after ``limit_s``, whatever else is said."""
    until = time.monotonic() + limit_s
    while True:
        frame = socket.recv(timeout=max(until - time.monotonic(), 0.0))
        message: FromEngine | Message = read_from_engine(
            frame if isinstance(frame, bytes) else frame.encode()
        )
        if isinstance(message, wanted):
            return message
