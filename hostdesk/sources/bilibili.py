"""A Bilibili room by the official Open Live: the user's own key, the host's identity code."""

import asyncio
import contextlib
import logging

from hostdesk.ports import NowMs, Post
from hostdesk.sources.bilibili_app import Game, OpenApp, client_for
from hostdesk.sources.bilibili_codes import ENDED
from hostdesk.sources.bilibili_commands import PLATFORM
from hostdesk.sources.bilibili_protocol import BilibiliProtocol, RoomMemory
from hostdesk.sources.bilibili_signing import Keys
from hostdesk.sources.link import Dialled, SocketFeed
from hostdesk.sources.steps import Fault, SourceFaultError

log = logging.getLogger("hostdesk.sources")

BASE = "https://live-open.biliapi.com"
KEEP_S = 20.0
"""How often the platform wants to hear that the game is still used."""
KEEP_AGAIN_S = 5.0
"""After a call that did not come through."""
LONGEST_UNKEPT_MS = 60_000
"""After this the platform has ended the game, told or not."""
LEAST_TRIES = 3
"""Connections to one game, at least, before another is begun."""
END_S = 3.0


class BilibiliRoom:
    """One room, for as long as the show runs. Fits `hostdesk.ports.Source`.

    ``code`` is the host's identity code (身份码), ``key_id`` and ``key_secret`` are the user's
    own. ``expected_room``: the room's number, or its owner's name or id; another room is refused.
    """

    def __init__(
        self,
        source_id: str,
        *,
        code: str,
        app_id: int | str,
        key_id: str,
        key_secret: str,
        now_ms: NowMs,
        base: str = BASE,
        expected_room: str = "",
        name: str = "",
        keep_s: float = KEEP_S,
    ) -> None:
        self.source_id = source_id
        self._code, self._app_id = code.strip(), str(app_id).strip()
        self._keys, self._base = Keys(key_id, key_secret), base
        self._expected, self._keep_s = expected_room.strip(), keep_s
        self._now_ms = now_ms
        self._feed = SocketFeed(source_id, PLATFORM, name or self._expected, self._dial, now_ms)
        self._memory = RoomMemory()
        self._app: OpenApp | None = None
        self._game: Game | None = None
        self._protocol: BilibiliProtocol | None = None

    def try_again(self) -> None:
        """A person changed something, or asks for it: do not wait any longer."""
        self._feed.try_again()

    async def run(self, post: Post) -> None:
        """Post what the room says until cancelled; then let go of the room."""
        async with await client_for() as http:
            self._app = OpenApp(http, self._keys, self._now_ms, self._base)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._feed.run(post))
                    tasks.create_task(self._keep())
            finally:
                await self._end()

    # ------------------------------------------------------------------------ connecting

    async def _dial(self) -> Dialled:
        """The next connection: to the game that is open, or to a new one."""
        game = self._game
        if game is None or self._is_spent(game):
            game = await self._begin()
        self._protocol = BilibiliProtocol(
            self.source_id,
            auth_body=game.auth_body,
            game_id=game.game_id,
            memory=self._memory,
            on_live=self._told_live,
        )
        return Dialled(url=game.next_link(), protocol=self._protocol)

    def _is_spent(self, game: Game) -> bool:
        """Whether another connection to this game is of no use."""
        if self._protocol is not None and self._protocol.is_joined:
            game.tries = 0
        is_over = self._protocol is not None and self._protocol.is_over
        is_unkept = bool(game.game_id) and self._now_ms() - game.alive_ms > LONGEST_UNKEPT_MS
        return is_over or is_unkept or game.tries >= max(LEAST_TRIES, len(game.links))

    async def _begin(self) -> Game:
        """Open the room anew, and see that it is the one that was asked for."""
        assert self._app is not None
        app_id = self._checked_app_id()
        await self._end()
        game = await self._app.start(self._code, app_id)
        self._game, self._protocol = game, None
        if self._expected and not game.owner.is_named(self._expected):
            await self._end()
            told = {"asked": self._expected, "found": str(game.owner), "found_id": game.owner.key}
            raise SourceFaultError(
                Fault(code="source_other_room", state="refused", params={**told})
            )
        return game

    def _checked_app_id(self) -> int:
        if not self._keys.is_usable:
            raise SourceFaultError(Fault(code="bilibili_key", state="refused"))
        if not (self._app_id.isascii() and self._app_id.isdigit()) or len(self._app_id) > 18:
            raise SourceFaultError(Fault(code="bilibili_app", state="refused"))
        return int(self._app_id)

    async def _end(self) -> None:
        """Let go of the game; where that does not come through, it ends by itself in 60 s."""
        game, self._game = self._game, None
        if game is None or not game.game_id or self._app is None:
            return
        with contextlib.suppress(SourceFaultError, TimeoutError):
            async with asyncio.timeout(END_S):
                await self._app.end(game.game_id, int(self._app_id))

    # -------------------------------------------------------------------------- keeping

    async def _keep(self) -> None:
        """Tell the platform regularly that the game is in use."""
        wait_s = self._keep_s
        while True:
            await asyncio.sleep(wait_s)
            wait_s = self._keep_s
            game = self._game
            if game is not None and game.game_id and not await self._is_kept(game):
                wait_s = min(KEEP_AGAIN_S, self._keep_s)

    async def _is_kept(self, game: Game) -> bool:
        assert self._app is not None
        try:
            await self._app.keep(game.game_id)
        except SourceFaultError as exc:
            log.info("%s: not kept, %s %s", self.source_id, exc.fault.code, exc.fault.params)
            if exc.fault.code == ENDED and self._game is game and self._protocol is not None:
                self._protocol.give_up(exc.fault)
            return False
        game.alive_ms = self._now_ms()
        return True

    def _told_live(self, is_live: bool) -> None:
        """Only noted: what viewers get, OBS knows better."""
        log.info("%s: the platform says %s air", self.source_id, "on" if is_live else "off")
