"""``hostdesk connect``: rooms added, listed, removed, and the state of each."""

import argparse
import asyncio
import contextlib
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hostdesk import cli_chat, cli_login, clock, launching, paths, settings_file
from hostdesk.accounts import Accounts
from hostdesk.cli_states import print_room, print_state, row_of, starting
from hostdesk.desk.rows import SourceRow
from hostdesk.errors import (
    PlatformUnknownError,
    RoomExistsError,
    RoomUnnamedError,
    SettingsUnkeptError,
)
from hostdesk.events import AnyEvent, SourceState
from hostdesk.room_fields import changed_room, free_id, inbox_settings, new_room, room_named
from hostdesk.rooms import Rooms, title, wanted_rooms
from hostdesk.seats import link_file, scripting
from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import SaveSettings, SettingsNow
from hostdesk.secret_store import Secrets
from hostdesk.settings import PLATFORMS, Room, Settings
from hostdesk.settings_keeper import SettingsKeeper
from hostdesk.source_building import builder
from hostdesk.source_words import before_adding, before_reading
from hostdesk.sources.orders_csv import read_orders
from hostdesk.text import Words

_WELL = ("live", "quiet")
_SETTLED = (*_WELL, "refused", "logged_out", "covered", "ended")


def command(args: argparse.Namespace, say: Words) -> int:
    """Run one ``connect``; 0, or 1 where ``--check`` found a source that is not well."""
    if args.check:
        return _check(args, say)
    return {
        "list": _list,
        "add": _add,
        "set": _set,
        "remove": _remove,
        "retry": _retry,
        "login": _login,
        "logout": _login,
        "inbox": _inbox,
        "orders": _orders,
        **dict.fromkeys(cli_chat.ACTS, _chat),
    }[args.action](args, say)


def _list(args: argparse.Namespace, say: Words) -> int:
    rows = {row.source_id: row for row in _states()}
    settings = _settings()
    for room in settings.rooms:
        row = rows.get(room.room_id)
        state = "off" if not room.is_on else row.state if row else ""
        print_room(room, state, args, say)
    if not settings.rooms:
        print(say("connect.none"), file=sys.stderr)
    return 0


def _add(args: argparse.Namespace, say: Words) -> int:
    platform, *rest = args.words or [""]
    kind = PLATFORMS.get(platform)
    if kind is None:
        raise PlatformUnknownError(platform=platform, known=" ".join(PLATFORMS))
    settings = _settings()
    room_id = args.id or free_id(platform, settings)
    if any(room.room_id == room_id for room in settings.rooms):
        raise RoomExistsError(name=room_id)
    room = new_room(platform, [*rest, *args.set], room_id)
    given = _ask_secrets(room, kind.secrets, say)
    answer = _keep(msgspec.structs.replace(settings, rooms=(*settings.rooms, room)), given)
    print(say("connect.added", id=room_id, name=title(room)), file=sys.stderr)
    for sentence in before_adding(platform, say):
        print(sentence, file=sys.stderr)
    lacking = [name for name in kind.secrets if f"{room_id}.{name}" not in given]
    if lacking:
        what = " · ".join(say.get(f"setting.secret.{name}", name) for name in lacking)
        names = " ".join(lacking)
        print(say("connect.lacking", what=what, id=room_id, names=names), file=sys.stderr)
    return _told_keyring(answer, room, given, say)


def _set(args: argparse.Namespace, say: Words) -> int:
    settings = _settings()
    room = room_named(settings, args.words, "set")
    kind = PLATFORMS.get(room.platform)
    if kind is None:
        raise PlatformUnknownError(platform=room.platform, known=" ".join(PLATFORMS))
    told, secrets = args.words[1:], (*kind.secrets, *kind.logins)
    changed = changed_room(room, [word for word in told if word not in secrets] + args.set)
    rooms = tuple(changed if each is room else each for each in settings.rooms)
    given = _ask_secrets(room, [word for word in told if word in secrets], say)
    answer = _keep(msgspec.structs.replace(settings, rooms=rooms), given)
    print(say("connect.changed", id=room.room_id), file=sys.stderr)
    is_switched_on = changed.is_on and not room.is_on
    for sentence in before_reading(room.platform, say) if is_switched_on else ():
        print(sentence, file=sys.stderr)
    return _told_keyring(answer, room, given, say)


def _remove(args: argparse.Namespace, say: Words) -> int:
    settings = _settings()
    room = room_named(settings, args.words, "remove")
    rooms = tuple(each for each in settings.rooms if each is not room)
    _keep(msgspec.structs.replace(settings, rooms=rooms), {})
    print(say("connect.removed", id=room.room_id), file=sys.stderr)
    return 0


def _retry(args: argparse.Namespace, say: Words) -> int:
    room = room_named(_settings(), args.words, "retry")
    facts = _engine()
    if facts is None:
        print(say("cli.not_running"), file=sys.stderr)
        return 1
    scripting.try_again(facts, room.room_id)
    return 0


def _login(args: argparse.Namespace, say: Words) -> int:
    return cli_login.command(args, say, _settings(), _engine())


def _chat(args: argparse.Namespace, say: Words) -> int:
    return cli_chat.command(args, say, _settings(), _engine())


def _inbox(args: argparse.Namespace, say: Words) -> int:
    """``inbox on|off``: listen for what other programs push; tells address and token."""
    settings = inbox_settings(_settings(), (args.words or ["on"])[0], args.port, args.origin)
    answer = _keep(settings, {})
    if not settings.inbox:
        print(say("connect.inbox_off"), file=sys.stderr)
        return 0
    print(say("connect.inbox_on", port=settings.inbox_port), file=sys.stderr)
    if settings.inbox_origins:
        print(say("connect.origins", pages=" ".join(settings.inbox_origins)), file=sys.stderr)
    if answer.password_is_kept or _engine() is not None:
        print(answer.inbox_token)
    else:
        print(say("connect.inbox_later"), file=sys.stderr)
    return 0


def _orders(args: argparse.Namespace, say: Words) -> int:
    """``orders FILE``: match this list to those who write; ``orders off``: no longer."""
    wish = (args.words or [""])[0]
    if not wish:
        raise RoomUnnamedError(action="orders")
    if wish == "off":
        _keep(msgspec.structs.replace(_settings(), orders=""), {})
        print(say("connect.orders_off"), file=sys.stderr)
        return 0
    path = Path(wish).resolve()
    listed = read_orders(path, zone_offset_min=clock.zone_offset_min())
    told = [say("orders.read", orders=len(listed.orders), shop=listed.shop)]
    if listed.skipped:
        lines = " ".join(map(str, listed.skipped_lines))
        told.append(say("orders.skipped", skipped=listed.skipped, lines=lines))
    counts = {"unpaid": listed.unpaid, "beyond": listed.beyond}
    told += [say(f"orders.{name}", **{name: n}) for name, n in counts.items() if n]
    if not listed.can_match:
        told.append(say("orders.no_buyer"))
    _keep(msgspec.structs.replace(_settings(), orders=str(path)), {})
    print("\n".join(told), file=sys.stderr)
    return 0


# --------------------------------------------------------------------------- the state of each


def _check(args: argparse.Namespace, say: Words) -> int:
    """Ask the running engine, or else try every room for a while without one."""
    settings = _settings()
    if not settings.rooms and not settings.inbox:
        print(say("connect.none"), file=sys.stderr)
        return 0
    facts = _engine()
    rows = scripting.sources_of(facts) if facts else asyncio.run(_try_all(settings, args.seconds))
    known = {row.source_id for row in rows}
    waiting = [room for room in wanted_rooms(settings) if room.room_id not in known]
    well = True
    for row in (*rows, *map(starting, waiting)):
        if row.state == "ended" and not row.error_code:
            continue
        well &= row.state in _WELL
        print_state(row, args, say)
    return 0 if well else 1


async def _try_all(settings: Settings, seconds: float) -> tuple[SourceRow, ...]:
    latest: dict[str, SourceState] = {}
    settled = asyncio.Event()
    wanted = {room.room_id for room in wanted_rooms(settings)}

    def post(events: Sequence[AnyEvent]) -> None:
        for event in events:
            if isinstance(event, SourceState):
                latest[event.source_id] = event
        if all(name in latest and latest[name].state in _SETTLED for name in wanted):
            settled.set()

    secrets, now_ms = Secrets(), clock.SteadyClock()
    rooms = Rooms(settings, secrets, builder(Accounts(secrets, clock.now_ms)), now_ms)
    task = asyncio.ensure_future(rooms.run(post))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await settled.wait()
    found = tuple(map(row_of, latest.values()))  # being stopped is news as well
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return found


# ------------------------------------------------------------------------------------- helpers


def _engine() -> LinkFacts | None:
    facts = link_file.read(paths.data_folder())
    return facts if facts is not None and launching.is_engine(facts.pid) else None


def _states() -> tuple[SourceRow, ...]:
    facts = _engine()
    return scripting.sources_of(facts) if facts else ()


def _settings() -> Settings:
    settings, problem = settings_file.load(paths.data_folder())
    if problem is not None:
        raise problem
    return settings


def _ask_secrets(room: Room, names: Sequence[str], say: Words) -> dict[str, str]:
    """From the terminal without showing them, or a line each from standard input."""
    given: dict[str, str] = {}
    for name in names:
        prompt = say("connect.secret", what=say.get(f"setting.secret.{name}", name))
        if sys.stdin.isatty():
            value = getpass.getpass(prompt)
        else:
            print(prompt, file=sys.stderr)
            value = sys.stdin.readline()
        if value.strip():
            given[f"{room.room_id}.{name}"] = value.strip()
    return given


def _keep(settings: Settings, given: dict[str, str]) -> SettingsNow:
    """By the engine where one runs, so that it works with them at once.

    Raises:
        SettingsUnkeptError: the file cannot be written; nothing has changed.
    """
    facts = _engine()
    if facts is not None:
        answer = scripting.save(facts, settings, given)
    else:
        before, problem = settings_file.load(paths.data_folder())
        keeper = SettingsKeeper(before, problem, Secrets(), ())
        answer = asyncio.run(keeper.serve(SaveSettings(settings=settings, secrets=given)))
    if answer.error_code:
        raise SettingsUnkeptError(**answer.params)
    return answer


def _told_keyring(answer: SettingsNow, room: Room, given: dict[str, str], say: Words) -> int:
    """Say where secrets are not kept; 1 where they are lost with the end of this command."""
    if not given or not answer.keyring_error:
        return 0
    if _engine() is not None:
        print(" ".join(say.error(answer.keyring_error, {})), file=sys.stderr)
        return 0
    names = " ".join(name.partition(".")[2] for name in given)
    print(say("connect.not_kept", id=room.room_id, names=names), file=sys.stderr)
    return 1
