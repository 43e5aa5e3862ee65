"""One connection to OBS: requests with a time limit, events as they come."""

import asyncio
import base64
import binascii
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from hostdesk.broadcast.obs_answers import Nothing, Screenshot
from hostdesk.broadcast.obs_protocol import (
    CloseCode,
    Identified,
    ObsEvent,
    ObsProtocol,
    ObsReply,
)
from hostdesk.errors import (
    ObsError,
    ObsKickedError,
    ObsPasswordError,
    ObsProtocolError,
    ObsRefusedError,
    ObsSilentError,
    ObsUnreachableError,
)

ANSWER_TIMEOUT_S = 3
"""OBS answers within milliseconds; after this it hangs."""

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A PNG of a busy 4K scene in base64 stays below this."""

_KICKED = (CloseCode.UNSUPPORTED_RPC_VERSION, CloseCode.SESSION_INVALIDATED)
_LOOPBACK = ("localhost", "127.", "::1", "[::1]")

T = TypeVar("T")


class ObsAddress(msgspec.Struct, frozen=True):
    """Where OBS listens, and its password (never logged)."""

    host: str = "127.0.0.1"
    port: int = 4455
    password: str = ""

    @property
    def is_here(self) -> bool:
        """OBS runs on this machine, so it can read the files that we write."""
        return self.host.startswith(_LOOPBACK)

    @property
    def url(self) -> str:
        """For the WebSocket client."""
        bare = self.host.strip("[]")
        return f"ws://[{bare}]:{self.port}" if ":" in bare else f"ws://{bare}:{self.port}"


class ObsLink:
    """A connection that OBS has let us into. `run` must run for `ask` to be answered."""

    def __init__(
        self, socket: ClientConnection, protocol: ObsProtocol, address: ObsAddress
    ) -> None:
        self._socket = socket
        self._protocol = protocol
        self._address = address
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[ObsReply]] = {}
        self._hung = asyncio.Event()
        self.over: ObsError | None = None
        """Why the conversation ended; None while it lasts."""

    async def run(self, on_event: Callable[[ObsEvent], None]) -> None:
        """Carry the conversation until it ends, which is always an error.

        Raises:
            ObsError: the connection is gone, and why.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(on_event))
                tasks.create_task(self._watch())
        except ExceptionGroup as group:
            self.over = first_known(group)
            raise self.over from group
        finally:
            self._release(self.over or self._gone())

    async def ask(self, name: str, into: type[T], **data: Any) -> T:
        """Send a request and wait for its answer.

        Raises:
            ObsRefusedError: OBS said no (params request, status, reason).
            ObsSilentError: no answer in `ANSWER_TIMEOUT_S`; the link ends.
            ObsError: the link ended meanwhile.
        """
        reply = await self._call(name, data)
        if not reply.ok:
            raise ObsRefusedError(request=name, status=reply.status, reason=reply.comment)
        try:
            return msgspec.convert(reply.data, into)
        except msgspec.ValidationError as exc:
            raise ObsProtocolError(detail=f"{name}: {exc}") from exc

    async def tell(self, name: str, **data: Any) -> None:
        """Send a request whose answer carries nothing. Raises as `ask`."""
        await self.ask(name, Nothing, **data)

    async def screenshot(self, scene: str, size: tuple[int, int], image_format: str) -> bytes:
        """The scene as viewers get it, as an encoded picture of ``size``. Raises as `ask`."""
        shot = await self.ask(
            "GetSourceScreenshot",
            Screenshot,
            sourceName=scene,
            imageFormat=image_format,
            imageWidth=size[0],
            imageHeight=size[1],
            imageCompressionQuality=90 if image_format != "png" else -1,
        )
        try:
            return base64.b64decode(shot.image_data.partition(",")[2], validate=True)
        except binascii.Error as exc:
            raise ObsProtocolError(detail="screenshot") from exc

    async def _call(self, name: str, data: dict[str, Any]) -> ObsReply:
        if self.over:
            raise self.over
        request_id = str(next(self._ids))
        answer: asyncio.Future[ObsReply] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        self._protocol.request(request_id, name, data)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._flush()
                return await answer
        except TimeoutError as exc:
            self._hung.set()
            raise ObsSilentError(seconds=ANSWER_TIMEOUT_S) from exc
        finally:
            self._waiting.pop(request_id, None)

    async def _flush(self) -> None:
        try:
            for frame in self._protocol.to_send():
                await self._socket.send(frame)
        except ConnectionClosed as exc:
            raise closed(exc, self._address) from exc

    async def _pump(self, on_event: Callable[[ObsEvent], None]) -> None:
        try:
            while True:
                for said in self._protocol.receive(await _text(self._socket)):
                    self._deliver(said, on_event)
        except ConnectionClosed as exc:
            raise closed(exc, self._address) from exc

    def _deliver(
        self, said: ObsReply | ObsEvent | Identified, on_event: Callable[[ObsEvent], None]
    ) -> None:
        if isinstance(said, ObsEvent):
            on_event(said)
        elif isinstance(said, ObsReply):
            answer = self._waiting.get(said.request_id)
            if answer and not answer.done():
                answer.set_result(said)

    async def _watch(self) -> None:
        await self._hung.wait()
        raise ObsSilentError(seconds=ANSWER_TIMEOUT_S)

    def _gone(self) -> ObsError:
        return ObsUnreachableError(host=self._address.host, port=self._address.port)

    def _release(self, error: ObsError) -> None:
        self.over = error
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(error)


@contextlib.asynccontextmanager
async def open_link(address: ObsAddress) -> AsyncIterator[ObsLink]:
    """Connect to OBS and identify; close the connection at the end.

    Raises:
        ObsUnreachableError: nobody listens there, or the connection broke.
        ObsSilentError: somebody listens but does not answer.
        ObsPasswordError: the password is wrong.
        ObsKickedError: OBS threw us out, or speaks another version.
        ObsProtocolError: what listens there is not OBS.
    """
    socket = await _connect(address)
    try:
        protocol = ObsProtocol(address.password)
        await _identify(socket, protocol, address)
        yield ObsLink(socket, protocol, address)
    finally:
        await _close(socket)


def closed(exc: ConnectionClosed, address: ObsAddress) -> ObsError:
    """What a closed connection means, by its close code."""
    code = exc.rcvd.code if exc.rcvd else 0
    if code == CloseCode.AUTHENTICATION_FAILED:
        return ObsPasswordError()
    if code in _KICKED:
        return ObsKickedError(close_code=code)
    return ObsUnreachableError(host=address.host, port=address.port)


def first_known(group: BaseExceptionGroup[BaseException]) -> ObsError:
    """The first failure of OBS in ``group``.

    Raises:
        BaseExceptionGroup: there is something else in it: our own bug.
    """
    known, other = group.split(ObsError)
    if other or not known:
        raise group
    leaf: BaseException = known
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    if not isinstance(leaf, ObsError):
        raise group
    return leaf


async def _connect(address: ObsAddress) -> ClientConnection:
    try:
        return await connect(
            address.url,
            open_timeout=ANSWER_TIMEOUT_S,
            close_timeout=1,
            ping_interval=None,  # the health reading asks every two seconds anyway
            max_size=MAX_MESSAGE_BYTES,
            compression=None,
            proxy=None,
        )
    except TimeoutError as exc:
        raise ObsSilentError(seconds=ANSWER_TIMEOUT_S) from exc
    except (InvalidHandshake, InvalidMessage) as exc:
        raise ObsProtocolError(detail=type(exc).__name__) from exc
    except (OSError, ConnectionClosed) as exc:
        raise ObsUnreachableError(host=address.host, port=address.port) from exc


async def _identify(socket: ClientConnection, protocol: ObsProtocol, address: ObsAddress) -> None:
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while not any(
                isinstance(said, Identified) for said in protocol.receive(await _text(socket))
            ):
                for frame in protocol.to_send():
                    await socket.send(frame)
    except TimeoutError as exc:
        raise ObsSilentError(seconds=ANSWER_TIMEOUT_S) from exc
    except ConnectionClosed as exc:
        raise closed(exc, address) from exc


async def _text(socket: ClientConnection) -> str:
    frame = await socket.recv()
    if isinstance(frame, bytes):
        raise ObsProtocolError(detail="binary frame")
    return frame


async def _close(socket: ClientConnection) -> None:
    """A hung OBS never answers our goodbye: do not wait for it."""
    try:
        async with asyncio.timeout(0.5):
            await socket.close()
    except TimeoutError:
        socket.transport.abort()
