"""The engine's side of the pictures process: kept warm, started again when it dies."""

import asyncio
import contextlib
import itertools
import logging
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from typing import TypeVar

from hostdesk.broadcast.pictures_protocol import (
    Compare,
    Compared,
    Compose,
    Composed,
    Failed,
    Hash,
    Hashed,
    Paint,
    Painted,
    Reply,
    Request,
    SafeArea,
    Unframer,
    pack,
    read_reply,
)
from hostdesk.errors import PicturesError
from hostdesk.events import NoticeKind

ANSWER_TIMEOUT_S = 5.0
START_TIMEOUT_S = 30.0
"""The first answer of a child, while it loads Qt and its fonts on a cold disk."""

_CHUNK_BYTES = 1 << 16
_log = logging.getLogger(__name__)

R = TypeVar("R", Painted, Compared, Composed, Hashed)


class Pictures:
    """Paints, compares and hashes in a child process; one request at a time."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = tuple(command) or (sys.executable, "-m", "hostdesk.pictures_main")
        self._ids = itertools.count(1)
        self._turn = asyncio.Lock()
        self._child: Process | None = None
        self._unframer = Unframer()
        self._answered = False

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def warm(self) -> None:
        """Start the child and wait until it answers, so that the first notice is quick.

        Raises:
            PicturesError: it cannot be started.
        """
        with contextlib.suppress(_RefusedError):  # an empty picture: any answer will do
            await self.hash(b"")

    async def paint(
        self,
        kind: NoticeKind,
        text: str,
        *,
        locale: str,
        canvas: tuple[int, int],
        safe: SafeArea,
        path: str,
    ) -> Painted:
        """Paint a notice's panel into ``path``. Raises PicturesError."""

        def request(request_id: int) -> Request:
            return Paint(
                request_id=request_id,
                notice_kind=kind,
                text=text,
                locale=locale,
                canvas_width=canvas[0],
                canvas_height=canvas[1],
                safe=safe,
                path=path,
            )

        return await self._ask(request, Painted)

    async def compare(
        self, screenshot: bytes, painted: Painted, canvas: tuple[int, int]
    ) -> Compared:
        """Look for ``painted`` in a screenshot of the whole scene. Raises PicturesError."""

        def request(request_id: int) -> Request:
            return Compare(
                request_id=request_id,
                screenshot=screenshot,
                painted_path=painted.path,
                x=painted.x,
                y=painted.y,
                width=painted.width,
                height=painted.height,
                canvas_width=canvas[0],
                canvas_height=canvas[1],
            )

        return await self._ask(request, Compared)

    async def compose(
        self, painted: Painted | None, canvas: tuple[int, int], *, moving: int, path: str
    ) -> Composed:
        """Draw the rehearsal's picture, with the notice where one stands. Raises PicturesError."""

        def request(request_id: int) -> Request:
            return Compose(
                request_id=request_id,
                painted_path=painted.path if painted else "",
                x=painted.x if painted else 0,
                y=painted.y if painted else 0,
                width=painted.width if painted else 0,
                height=painted.height if painted else 0,
                canvas_width=canvas[0],
                canvas_height=canvas[1],
                moving=moving,
                path=path,
            )

        return await self._ask(request, Composed)

    async def hash(self, screenshot: bytes) -> Hashed:
        """The perceptual hash of a screenshot, and whether it is black. Raises PicturesError."""

        def request(request_id: int) -> Request:
            return Hash(request_id=request_id, screenshot=screenshot)

        return await self._ask(request, Hashed)

    async def close(self) -> None:
        """End the child. A later request starts a new one."""
        async with self._turn:
            await self._end()

    async def _ask(self, request: Callable[[int], Request], expected: type[R]) -> R:
        async with self._turn:
            reply = await self._twice(request(next(self._ids)))
        if isinstance(reply, Failed):
            raise _RefusedError(detail=reply.detail)
        if not isinstance(reply, expected):
            raise PicturesError(detail=f"{type(reply).__name__} for {expected.__name__}")
        return reply

    async def _twice(self, request: Request) -> Reply:
        """A child that died meanwhile (killed for memory, say) is started again, once."""
        try:
            return await self._converse(request)
        except _DiedError:
            _log.warning("the pictures process died; starting it again")
            return await self._converse(request)

    async def _converse(self, request: Request) -> Reply:
        child = await self._warm_child()
        limit_s = ANSWER_TIMEOUT_S if self._answered else START_TIMEOUT_S
        try:
            async with asyncio.timeout(limit_s):
                reply = await self._exchange(child, request)
        except TimeoutError as exc:
            await self._end()
            raise PicturesError(detail=f"no answer in {limit_s:g} s") from exc
        except (PicturesError, asyncio.CancelledError):
            await self._end()  # half a reply may be under way: the next request gets a new child
            raise
        self._answered = True
        return reply

    async def _exchange(self, child: Process, request: Request) -> Reply:
        assert child.stdin
        assert child.stdout
        try:
            child.stdin.write(pack(request))
            await child.stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as exc:
            raise _DiedError(detail="pipe closed") from exc
        while True:
            data = await child.stdout.read(_CHUNK_BYTES)
            if not data:
                raise _DiedError(detail="ended")
            for body in self._unframer.receive(data):
                reply = read_reply(body)
                if reply.request_id == request.request_id:
                    return reply

    async def _warm_child(self) -> Process:
        if self._child and self._child.returncode is None:
            return self._child
        await self._end()
        self._unframer, self._answered = Unframer(), False
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, env=environment
            )
        except OSError as exc:
            raise PicturesError(detail=str(exc)) from exc
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin:
            child.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.communicate()  # waits for it, and reads what is left so that the pipes close


class _DiedError(PicturesError):
    """The child ended before it answered."""


class _RefusedError(PicturesError):
    """The child answered that it cannot do this."""
