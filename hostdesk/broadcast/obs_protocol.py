"""The obs-websocket 5 conversation, without the socket.

Source: obs-websocket docs/generated/protocol.md, RPC version 1 (OBS 28 and newer).
"""

import base64
import enum
import hashlib
from typing import Any

import msgspec

from hostdesk.errors import ObsProtocolError

RPC_VERSION = 1


class Op(enum.IntEnum):
    """Message kinds we speak (protocol.md, "Message Types (OpCodes)")."""

    HELLO = 0
    IDENTIFY = 1
    IDENTIFIED = 2
    EVENT = 5
    REQUEST = 6
    RESPONSE = 7


class Subscription(enum.IntFlag):
    """Which events OBS should send (protocol.md, "EventSubscription")."""

    GENERAL = 1 << 0
    CONFIG = 1 << 1
    SCENES = 1 << 2
    INPUTS = 1 << 3
    OUTPUTS = 1 << 6
    SCENE_ITEMS = 1 << 7
    UI = 1 << 10
    INPUT_VOLUME_METERS = 1 << 16


class CloseCode(enum.IntEnum):
    """Why OBS ended the conversation (protocol.md, "WebSocketCloseCode")."""

    AUTHENTICATION_FAILED = 4009
    UNSUPPORTED_RPC_VERSION = 4010
    SESSION_INVALIDATED = 4011


class Status(enum.IntEnum):
    """How a request ended, as far as we tell them apart (protocol.md, "RequestStatus")."""

    NOT_READY = 207
    NOT_FOUND = 600
    ALREADY_EXISTS = 601


WANTED = (
    Subscription.GENERAL
    | Subscription.CONFIG
    | Subscription.SCENES
    | Subscription.INPUTS
    | Subscription.OUTPUTS
    | Subscription.SCENE_ITEMS
    | Subscription.UI
    | Subscription.INPUT_VOLUME_METERS
)


class Identified(msgspec.Struct, frozen=True):
    """OBS let us in; requests are answered from now on."""

    rpc_version: int


class ObsReply(msgspec.Struct, frozen=True, kw_only=True):
    """OBS's answer to one request."""

    request_id: str
    request: str
    ok: bool
    status: int
    comment: str = ""
    data: dict[str, Any] = {}


class ObsEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in OBS."""

    name: str
    data: dict[str, Any] = {}


class _Frame(msgspec.Struct):
    op: int
    d: msgspec.Raw


class _Challenge(msgspec.Struct):
    challenge: str
    salt: str


class _Hello(msgspec.Struct, rename="camel"):
    rpc_version: int
    authentication: _Challenge | None = None


class _Identified(msgspec.Struct, rename="camel"):
    negotiated_rpc_version: int


class _Event(msgspec.Struct, rename="camel"):
    event_type: str
    event_data: dict[str, Any] | None = None


class _RequestStatus(msgspec.Struct):
    result: bool
    code: int
    comment: str | None = None


class _Response(msgspec.Struct, rename="camel"):
    request_type: str
    request_id: str
    request_status: _RequestStatus
    response_data: dict[str, Any] | None = None


class ObsProtocol:
    """One conversation with OBS.

    Give every text frame to `receive`; send every string that `to_send` returns.
    Neither does I/O, and neither blocks. A new connection wants a new ObsProtocol.
    """

    def __init__(self, password: str = "") -> None:
        self._password = password
        self._identified = False
        self._outbox: list[str] = []
        self._held: list[str] = []

    def request(self, request_id: str, name: str, data: dict[str, Any] | None = None) -> None:
        """Queue a request. It waits until OBS has identified us."""
        body: dict[str, Any] = {"requestType": name, "requestId": request_id}
        if data:
            body["requestData"] = data
        (self._outbox if self._identified else self._held).append(_encode(Op.REQUEST, body))

    def receive(self, text: str) -> list[ObsReply | ObsEvent | Identified]:
        """Take one text frame and return what it carried.

        Raises:
            ObsProtocolError: the frame is not obs-websocket's. Close the connection.
        """
        try:
            frame = msgspec.json.decode(text, type=_Frame)
            return self._on_frame(frame)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as exc:
            raise ObsProtocolError(detail=type(exc).__name__) from exc

    def to_send(self) -> list[str]:
        """Take the frames to send now, oldest first."""
        frames, self._outbox = self._outbox, []
        return frames

    def _on_frame(self, frame: _Frame) -> list[ObsReply | ObsEvent | Identified]:
        match frame.op:
            case Op.HELLO:
                self._on_hello(msgspec.json.decode(frame.d, type=_Hello))
            case Op.IDENTIFIED:
                return [self._on_identified(msgspec.json.decode(frame.d, type=_Identified))]
            case Op.EVENT:
                event = msgspec.json.decode(frame.d, type=_Event)
                return [ObsEvent(name=event.event_type, data=event.event_data or {})]
            case Op.RESPONSE:
                return [_reply(msgspec.json.decode(frame.d, type=_Response))]
            case _:
                pass  # a newer OBS may say more than we know
        return []

    def _on_hello(self, hello: _Hello) -> None:
        if self._identified:
            raise ObsProtocolError(detail="a second Hello")
        if hello.rpc_version < RPC_VERSION:
            raise ObsProtocolError(detail=f"RPC version {hello.rpc_version}")
        body: dict[str, Any] = {"rpcVersion": RPC_VERSION, "eventSubscriptions": int(WANTED)}
        if asked := hello.authentication:
            body["authentication"] = sign(self._password, asked.salt, asked.challenge)
        self._outbox.append(_encode(Op.IDENTIFY, body))

    def _on_identified(self, told: _Identified) -> Identified:
        self._identified = True
        self._outbox += self._held
        self._held = []
        return Identified(told.negotiated_rpc_version)


def sign(password: str, salt: str, challenge: str) -> str:
    """Answer OBS's challenge (protocol.md, "Creating an authentication string")."""
    secret = _b64_sha256(password + salt)
    return _b64_sha256(secret + challenge)


def _reply(response: _Response) -> ObsReply:
    status = response.request_status
    return ObsReply(
        request_id=response.request_id,
        request=response.request_type,
        ok=status.result,
        status=status.code,
        comment=status.comment or "",
        data=response.response_data or {},
    )


def _b64_sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _encode(op: Op, body: dict[str, Any]) -> str:
    return msgspec.json.encode({"op": int(op), "d": body}).decode()
