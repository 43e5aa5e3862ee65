"""Composition root of the engine process: builds, joins, starts and stops in order. No Qt."""

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock, Timeout

from hostdesk import allocator, clock, launching, logs, paths, settings_file
from hostdesk.accounts import Accounts
from hostdesk.broadcast.pictures import Pictures
from hostdesk.commands import ShowNotice
from hostdesk.content.counsel import load_counsel
from hostdesk.content.lexicons import load_tables
from hostdesk.desk.feed import row_of
from hostdesk.desk.telling import flag_of
from hostdesk.engine import Engine
from hostdesk.errors import EngineRunningError, HostdeskError, PicturesError
from hostdesk.events import AnyAsk, AnyEvent, ChatAsked, Comment, WallJumped
from hostdesk.journal.book import Book
from hostdesk.journal.reader import ShowReader
from hostdesk.playing import Playing
from hostdesk.rooms import Rooms, merged
from hostdesk.seats import link_file
from hostdesk.seats.protocol import Answer, LoginWish, Page
from hostdesk.seats.server import SeatServer
from hostdesk.secret_store import OBS_PASSWORD, Secrets
from hostdesk.settings import Login, Settings
from hostdesk.settings_keeper import SettingsKeeper
from hostdesk.shop_facts import ShopFacts
from hostdesk.show_keeper import ShowKeeper
from hostdesk.source_building import House, builder
from hostdesk.speaking import Chat, Outputs
from hostdesk.stage import Stage, chosen_stage

log = logging.getLogger("hostdesk.engine_main")

IDLE_END_S = 600.0
"""The engine ends ten minutes after the last seat and the last source."""
REHEARSAL_IDLE_END_S = 20.0
FIRST_SEAT_S = 60.0
WALL_JUMP_MS = 2_000
EXIT_BUG = 1
EXIT_RUNNING = 3
GC_EVERY = (1_000, 4, 500)
"""A pass over everything takes 20 ms and finds next to nothing: after two million new objects."""
LOOK_BACK = 5_000
"""Events in which a person is looked for by name."""
NICE = 5
"""The broadcast software comes first."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one engine until it is told to stop, or has nothing left to do."""
    args = _parser().parse_args(argv)
    data = Path(args.data) if args.data else paths.data_folder()
    if args.replay:
        data = paths.rehearsal_folder() if not args.data else data
    paths.make_private(data)
    logs.start(paths.logs_folder(data), "engine")
    lock = FileLock(data / "engine.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say_running(data)
        return EXIT_RUNNING
    with lock:
        gc.collect()
        gc.freeze()  # 57,000 import-time objects: one full pass over them stalls for 30 ms
        gc.set_threshold(*GC_EVERY)
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.nice(NICE)
        try:
            asyncio.run(_Process(args, data).run())
        except HostdeskError as exc:
            log.error("cannot run: %s", exc)  # noqa: TRY400  (known, no traceback)
            print(f"{exc.code}\t{exc.params}", file=sys.stderr)  # noqa: T201
            return 2
        except Exception as exc:  # noqa: BLE001  (the last place where it can be told)
            log.critical("ended by a bug of ours: %s", logs.where(exc))
            print(logs.where(exc), file=sys.stderr)  # noqa: T201  (what it quotes may be a secret)
            return EXIT_BUG
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hostdesk.engine_main")
    parser.add_argument("--data", default="")
    parser.add_argument("--replay", default="")
    parser.add_argument("--title", default="")
    parser.add_argument("--speed", default="1")
    parser.add_argument("--lang", default="", help="language of a rehearsal")
    parser.add_argument("--with-obs", action="store_true")
    parser.add_argument("--stay", action="store_true", help="do not end when idle")
    return parser


def _say_running(data: Path) -> None:
    facts = link_file.read(data)
    error = EngineRunningError(pid=facts.pid if facts else 0)
    log.warning("%s", error)
    print(f"{error.code}\t{error.params}", file=sys.stderr)  # noqa: T201


def _unexpected(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A bug of ours that nobody waits for. asyncio itself would write what the error quotes."""
    exc = context.get("exception")
    told = logs.where(exc) if isinstance(exc, BaseException) else ""
    log.error("%s: %s", context.get("message", ""), told)


class _Process:
    """Everything of one engine, built in the order of dependence."""

    def __init__(self, args: argparse.Namespace, data: Path) -> None:
        self._args, self._data = args, data
        self._rehearsal = bool(args.replay)
        self._plays_alone = self._rehearsal and not args.with_obs
        self._store = Secrets()
        settings, problem = settings_file.load(paths.data_folder())
        if problem is not None:
            log.warning("%s", problem)
        if self._rehearsal and args.lang:
            settings = msgspec.convert(
                {**msgspec.to_builtins(settings), "locale": args.lang}, Settings
            )
        self._playing: Playing | None = None
        if self._rehearsal:
            self._playing = Playing(Path(args.replay), args.speed)
        self._now_ms = self._playing.now_ms if self._playing else clock.SteadyClock()
        self._counsel = counsel = load_counsel()
        self._keeper = ShowKeeper(
            data,
            settings=settings,
            tables=load_tables(),
            counsel=counsel,
            rehearsal=self._rehearsal,
            title=args.title,
            recording=args.replay,
            book=None if self._rehearsal else Book(data),
            on_closed=self._into_the_book,
        )
        self._pictures = Pictures()
        self._stage: Stage = chosen_stage(
            data,
            settings,
            counsel,
            pictures=self._pictures,
            password="",  # asked for in `_run_stage`: the keyring may take its time
            now_ms=self._now_ms,
            rehearsal=self._rehearsal,
            with_obs=args.with_obs,
        )
        self._accounts = Accounts(self._store, clock.now_ms)
        self._chat = Chat(self._accounts, lambda: self._chosen.settings, clock.now_ms)
        self._engine = Engine(
            shows=self._keeper,
            output=Outputs(self._stage, None if self._rehearsal else self._chat),
            now_ms=self._now_ms,
            clock=time.monotonic,
            pace=self._playing.pace if self._playing else 1.0,
        )
        self._sources_alive = 0
        self._chosen = SettingsKeeper(
            settings,
            problem,
            self._store,
            tuple((each.id, each.name(settings.locale)) for each in counsel.platforms.values()),
        )
        self._chosen.used = self._use
        self._facts = ShopFacts(clock.zone_offset_min())
        house = House(
            waiting=lambda: self._engine.waiting,
            origins=lambda: self._chosen.settings.inbox_origins,
        )
        build = builder(self._accounts, house)
        self._rooms = Rooms(settings, self._store, build, self._now_ms)
        self._server = SeatServer(
            pid=os.getpid(),
            rehearsal=self._rehearsal,
            asked=self._asked,
            paged=self._paged,
            snapshot=self._engine.snapshot,
            settings=self._chosen.serve,
            again=self._rooms.try_again,
            log_in=self._log_in,
            stop=self._engine.stop,
        )

    async def run(self) -> None:
        """Work until stopped; then end in order: show, stage, link."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_unexpected)
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # Windows: `stop` comes by the link
                loop.add_signal_handler(number, self._engine.stop)
        self._begin()
        gc.freeze()  # lexicons and replies as well: they stay until the end
        async with self._server.serving() as port:
            self._engine.audience = self._server
            link_file.write(
                self._data,
                link_file.LinkFacts(
                    port=port,
                    pid=os.getpid(),
                    token=self._server.token,
                    rehearsal=self._rehearsal,
                ),
            )
            log.info("serving on port %d", port)
            try:
                async with asyncio.TaskGroup() as tasks:
                    self._tasks = tasks
                    helpers = [
                        tasks.create_task(self._run_stage()),
                        tasks.create_task(self._warm_pictures()),
                        tasks.create_task(self._run_source()),
                        tasks.create_task(self._run_rooms()),
                        tasks.create_task(self._watch_idle()),
                        tasks.create_task(self._watch_wall()),
                        tasks.create_task(allocator.tidy()),
                    ]
                    await self._engine.run()
                    for helper in helpers:
                        helper.cancel()
            finally:
                link_file.remove(self._data)
                await self._stage.close()
                await self._pictures.close()
                await self._chat.close()
        log.info("ended")

    def _begin(self) -> None:
        """Go on with what a crash cut off; a rehearsal then plays the rest of its recording."""
        path = self._keeper.interrupted(clock.now_ms())
        if path is None:
            if self._playing is not None:
                self._engine.open_show(self._now_ms(), self._args.title)
            return
        try:
            journal, core, last_seq = self._keeper.resume(path)
        except HostdeskError as exc:
            log.error("the show of before cannot go on: %s", exc.code)  # noqa: TRY400  (known)
            if self._playing is not None:
                self._engine.open_show(self._now_ms(), self._args.title)
            return
        if self._playing is not None:
            with ShowReader(path) as reader:
                self._playing.go_on(reader.count_played(), reader.last_at_ms())
        self._engine.resume_show(journal, core, last_seq)
        for command in self._engine.pending:
            if isinstance(command, ShowNotice):
                self._stage.expect(command)

    def _into_the_book(self, show: Path) -> None:
        """A closed show is taken into the book by a process of its own: it may take seconds."""
        if not self._rehearsal:
            launching.start(launching.BOOK, [str(self._data), str(show)])

    async def _run_stage(self) -> None:
        """The stage, and the password as soon as the keyring gives it (a person may be asked)."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._stage.run(self._engine.post))
            if not self._plays_alone:
                password = await self._store.get(OBS_PASSWORD)
                if password:
                    self._stage.use_address(self._chosen.settings, password)

    async def _run_rooms(self) -> None:
        """The live rooms; a rehearsal has none."""
        if not self._rehearsal:
            await self._chosen.make_token()
            await self._facts.use(self._chosen.settings.orders)
            await self._rooms.run(merged(self._engine.post, self._facts.stamp))

    async def _warm_pictures(self) -> None:
        """The first notice must not wait for a process to start."""
        with contextlib.suppress(PicturesError):  # said when a notice is asked
            await self._pictures.warm()

    async def _run_source(self) -> None:
        if self._playing is None:
            return
        self._sources_alive += 1
        try:
            await self._playing.run(self._post, lambda: self._engine.waiting)
        finally:
            self._sources_alive -= 1

    def _post(self, events: Sequence[AnyEvent]) -> None:
        self._stage.seen(events)
        self._engine.post(events)

    async def _watch_idle(self) -> None:
        """End when nobody is there any more (a headless engine stays)."""
        limit_s = FIRST_SEAT_S if self._rehearsal else IDLE_END_S
        idle_since = time.monotonic()
        while not self._args.stay:
            await asyncio.sleep(1.0)
            reads = self._sources_alive and not self._rehearsal
            if self._server.count and self._rehearsal:
                limit_s = REHEARSAL_IDLE_END_S
            if self._server.count or reads or self._rooms.count:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > limit_s and not self._engine.life_is_live:
                log.info("nobody is here any more")
                self._engine.stop()

    async def _watch_wall(self) -> None:
        """A jump of the system's clock, or waking from sleep, is an event."""
        steady = clock.SteadyClock()
        while self._playing is None:
            await asyncio.sleep(1.0)
            by_ms = clock.now_ms() - steady()
            if abs(by_ms) > WALL_JUMP_MS:
                if isinstance(self._now_ms, clock.SteadyClock):
                    self._now_ms.follow(by_ms)
                self._engine.post([WallJumped(at_ms=self._now_ms(), by_ms=by_ms)])
                steady = clock.SteadyClock()

    def _use(self, settings: Settings, renewed: Sequence[str]) -> None:
        """Settings or secrets changed: everybody works with them from now on."""
        self._keeper.use(settings)
        self._stage.use_address(settings, self._store.peek(OBS_PASSWORD))
        self._rooms.use(settings, renewed)
        self._tasks.create_task(self._facts.use(settings.orders))

    async def _log_in(self, wish: LoginWish) -> AsyncIterator[Login]:
        """How the login of a room goes; the room starts anew as soon as it is there, or gone."""
        async for told in self._accounts.serve(wish, self._chosen.settings):
            if told.step in ("done", "out"):
                self._rooms.use(self._chosen.settings, [told.room_id])
            yield told

    def _asked(self, ask: AnyAsk) -> Answer:
        if isinstance(ask, ChatAsked) and ask.author_name:
            ask = self._on_comment(ask)
        error = self._engine.ask(ask)
        if error is None:
            return Answer(ask_id=ask.ask_id, ok=True)
        return Answer(ask_id=ask.ask_id, ok=False, error_code=error.code, params=error.params)

    def _on_comment(self, ask: ChatAsked) -> ChatAsked:
        """The ask with the ids of the comment that is meant, so that the journal has them."""
        last = self._engine.core.feed.last_seq
        for _, event, _ in reversed(self._engine.page(max(1, last - LOOK_BACK), last)):
            if (
                isinstance(event, Comment)
                and event.source_id == ask.room_id
                and event.author_name.casefold() == ask.author_name.casefold()
            ):
                return msgspec.structs.replace(
                    ask, comment_id=event.comment_id, author_id=event.author_id
                )
        return ask

    def _paged(self, from_seq: int, until_seq: int) -> Page:
        found = self._engine.page(from_seq, until_seq)
        rows = [row for seq, event, _ in found if (row := row_of(seq, event)) is not None]
        flags = [flag_of(verdict) for _, _, verdict in found if verdict is not None]
        is_gone = self._engine.core.feed.removals.has
        return Page(
            from_seq=from_seq,
            until_seq=until_seq,
            rows=tuple(rows),
            flags=tuple(flags),
            gone=tuple(seq for seq, each, _ in found if is_gone(seq, each)),
        )


if __name__ == "__main__":
    sys.exit(main())
