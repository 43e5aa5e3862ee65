"""``hostdesk connect``: rooms added, listed, removed, and the state of each."""

import argparse
import asyncio
import getpass
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from hostdesk import clock, launching, paths, settings_file
from hostdesk.desk.rows import SourceRow
from hostdesk.errors import (
    PlatformUnknownError,
    RoomExistsError,
    RoomFieldError,
    RoomIncompleteError,
    RoomUnknownError,
)
from hostdesk.events import AnyEvent, SourceState
from hostdesk.rooms import Rooms, title, wanted_rooms
from hostdesk.seats import link_file, scripting
from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import SaveSettings, SettingsNow
from hostdesk.secret_store import Secrets
from hostdesk.settings import PLATFORMS, Room, Settings
from hostdesk.settings_keeper import SettingsKeeper
from hostdesk.source_building import build
from hostdesk.sources.orders_csv import OrderList, read_orders
from hostdesk.text import Words

_WELL = ("live", "quiet")
_SETTLED = (*_WELL, "refused", "logged_out", "covered", "ended")
_ADDRESS = {"twitch": "channel", "youtube": "channel", "bilibili": "app_id", "barrage_grab": "url"}
_FIELDS = ("name", "channel", "app_id", "client_id", "url", "expected", "budget", "is_on")


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
        "inbox": _inbox,
        "orders": _orders,
    }[args.action](args, say)


def _list(args: argparse.Namespace, say: Words) -> int:
    rows = {row.source_id: row for row in _states()}
    settings = _settings()
    for room in settings.rooms:
        row = rows.get(room.room_id)
        state = row.state if row else ("off" if not room.is_on else "")
        _print_room(room, state, args, say)
    if not settings.rooms:
        print(say("connect.none"), file=sys.stderr)
    return 0


def _add(args: argparse.Namespace, say: Words) -> int:
    platform, *rest = args.words or [""]
    kind = PLATFORMS.get(platform)
    if kind is None:
        raise PlatformUnknownError(platform=platform, known=" ".join(PLATFORMS))
    settings = _settings()
    fields = _pairs(platform, [*([f"{_ADDRESS[platform]}={rest[0]}"] if rest else []), *args.set])
    room_id = args.id or _free_id(platform, settings)
    if any(room.room_id == room_id for room in settings.rooms):
        raise RoomExistsError(name=room_id)
    room = _room({"room_id": room_id, "platform": platform, **fields}, platform)
    missing = [name for name in kind.needs if not getattr(room, name)]
    if missing:
        raise RoomIncompleteError(room=title(room), missing=" ".join(missing))
    given = _ask_secrets(room, kind.secrets, say)
    _keep(msgspec.structs.replace(settings, rooms=(*settings.rooms, room)), given, say)
    print(say("connect.added", id=room_id, name=title(room)), file=sys.stderr)
    lacking = [name for name in kind.secrets if f"{room_id}.{name}" not in given]
    if lacking:
        what = " · ".join(say.get(f"setting.secret.{name}", name) for name in lacking)
        print(
            say("connect.lacking", what=what, id=room_id, names=" ".join(lacking)), file=sys.stderr
        )
    return 0


def _set(args: argparse.Namespace, say: Words) -> int:
    room_id, *pairs = args.words or [""]
    settings = _settings()
    room = _known(settings, room_id)
    kind = PLATFORMS[room.platform]
    names = (*kind.secrets, *kind.logins)
    secret_names = [pair for pair in pairs if pair in names]
    plain_pairs = [pair for pair in pairs if pair not in names] + args.set
    changed = _room(
        {**msgspec.to_builtins(room), **_pairs(room.platform, plain_pairs)}, room.platform
    )
    rooms = tuple(changed if each is room else each for each in settings.rooms)
    given = _ask_secrets(room, secret_names, say)
    _keep(msgspec.structs.replace(settings, rooms=rooms), given, say)
    print(say("connect.changed", id=room_id), file=sys.stderr)
    return 0


def _remove(args: argparse.Namespace, say: Words) -> int:
    settings = _settings()
    room = _known(settings, (args.words or [""])[0])
    rooms = tuple(each for each in settings.rooms if each is not room)
    _keep(msgspec.structs.replace(settings, rooms=rooms), {}, say)
    print(say("connect.removed", id=room.room_id), file=sys.stderr)
    return 0


def _retry(args: argparse.Namespace, say: Words) -> int:
    room = _known(_settings(), (args.words or [""])[0])
    facts = _engine()
    if facts is None:
        print(say("cli.not_running"), file=sys.stderr)
        return 1
    scripting.try_again(facts, room.room_id)
    return 0


def _inbox(args: argparse.Namespace, say: Words) -> int:
    """``inbox on|off``: listen for what other programs push; tells address and token."""
    wish = (args.words or ["on"])[0]
    settings = msgspec.structs.replace(_settings(), inbox=wish != "off")
    if args.port:
        settings = msgspec.convert(
            {**msgspec.to_builtins(settings), "inbox_port": args.port}, Settings
        )
    if not settings.inbox:
        _keep(settings, {}, say)
        print(say("connect.inbox_off"), file=sys.stderr)
        return 0
    answer = _keep(settings, {}, say)
    print(say("connect.inbox_on", port=settings.inbox_port), file=sys.stderr)
    if answer.password_is_kept or _engine() is not None:
        print(answer.inbox_token)
    else:
        print(say("connect.inbox_later"), file=sys.stderr)
    return 0


def _orders(args: argparse.Namespace, say: Words) -> int:
    """``orders FILE``: match this list to those who write; ``orders off``: no longer."""
    wish = (args.words or [""])[0]
    if wish == "off" or not wish:
        _keep(msgspec.structs.replace(_settings(), orders=""), {}, say)
        print(say("connect.orders_off"), file=sys.stderr)
        return 0
    path = Path(wish).resolve()
    listed = read_orders(path, zone_offset_min=clock.zone_offset_min())
    told = [say("orders.read", orders=len(listed.orders), shop=listed.shop)]
    if listed.skipped:
        lines = " ".join(map(str, listed.skipped_lines))
        told.append(say("orders.skipped", skipped=listed.skipped, lines=lines))
    told += [say(f"orders.{name}", **{name: n}) for name, n in _others(listed) if n]
    if not listed.can_match:
        told.append(say("orders.no_buyer"))
    _keep(msgspec.structs.replace(_settings(), orders=str(path)), {}, say)
    print("\n".join(told), file=sys.stderr)
    return 0


def _others(listed: OrderList) -> list[tuple[str, int]]:
    return [("unpaid", listed.unpaid), ("beyond", listed.beyond)]


# --------------------------------------------------------------------------- the state of each


def _check(args: argparse.Namespace, say: Words) -> int:
    """Ask the running engine, or else try every room for a while without one."""
    settings = _settings()
    if not settings.rooms and not settings.inbox:
        print(say("connect.none"), file=sys.stderr)
        return 0
    facts = _engine()
    rows = scripting.sources_of(facts) if facts else asyncio.run(_try_all(settings, args.seconds))
    well = True
    for row in rows:
        if row.state == "ended" and not row.error_code:
            continue
        well &= row.state in _WELL
        _print_state(row, args, say)
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

    rooms = Rooms(settings, Secrets(), build, clock.SteadyClock())
    task = asyncio.ensure_future(rooms.run(post))
    try:
        async with asyncio.timeout(seconds):
            await settled.wait()
    except TimeoutError:
        pass
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return tuple(
        SourceRow(
            source_id=event.source_id,
            state=event.state,
            last_ms=event.at_ms,
            error_code=event.error_code,
            params=event.params,
            skipped=event.skipped,
            platform=event.platform,
            room=event.room,
            masked=event.masked,
        )
        for event in latest.values()
    )


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


def _known(settings: Settings, name: str) -> Room:
    for room in settings.rooms:
        if name and name in (room.room_id, room.name, room.channel):
            return room
    raise RoomUnknownError(name=name)


def _free_id(platform: str, settings: Settings) -> str:
    taken = {room.room_id for room in settings.rooms}
    stem = platform.replace("_", "-")
    return next(f"{stem}-{n}" for n in range(1, 1000) if f"{stem}-{n}" not in taken)


def _pairs(platform: str, pairs: Sequence[str]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in _FIELDS:
            raise RoomFieldError(platform=platform, field=name, known=" ".join(_fields(platform)))
        fields[name] = value
    if platform == "youtube" and isinstance(fields.get("channel"), str):
        fields["channel"] = _video_id(str(fields["channel"]))
    return fields


def _fields(platform: str) -> tuple[str, ...]:
    kind = PLATFORMS[platform]
    return ("name", "is_on", *kind.needs, *kind.takes, *kind.secrets, *kind.logins)


def _room(fields: dict[str, object], platform: str) -> Room:
    try:
        return msgspec.convert(fields, Room, strict=False)
    except msgspec.ValidationError as exc:
        raise RoomFieldError(
            platform=platform, field=str(exc), known=" ".join(_fields(platform))
        ) from exc


def _video_id(text: str) -> str:
    """The id in any of YouTube's addresses, or the text itself."""
    found = re.search(r"(?:v=|youtu\.be/|/live/|/video/)([A-Za-z0-9_-]{11})", text)
    return found[1] if found else text


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


def _keep(settings: Settings, given: dict[str, str], say: Words) -> SettingsNow:
    """By the engine where one runs, so that it works with them at once."""
    facts = _engine()
    if facts is not None:
        answer = scripting.save(facts, settings, given)
    else:
        before, problem = settings_file.load(paths.data_folder())
        keeper = SettingsKeeper(before, problem, Secrets(), ())
        answer = asyncio.run(keeper.serve(SaveSettings(settings=settings, secrets=given)))
    if answer.error_code:
        print(" ".join(say.error(answer.error_code, answer.params)), file=sys.stderr)
    elif given and answer.keyring_error:
        print(" ".join(say.error(answer.keyring_error, {})), file=sys.stderr)
    return answer


def _print_room(room: Room, state: str, args: argparse.Namespace, say: Words) -> None:
    if args.json:
        known = {**msgspec.to_builtins(room), "state": state}
        print(json.dumps(known, ensure_ascii=False))
        return
    words = say.get(f"status.source.{state}", "") if state != "off" else say("connect.off")
    print(f"{room.room_id}\t{room.platform}\t{title(room)}\t{words}")


def _print_state(row: SourceRow, args: argparse.Namespace, say: Words) -> None:
    if args.json:
        print(json.dumps(msgspec.to_builtins(row), ensure_ascii=False))
        return
    words = say.get(f"status.source.{row.state}", row.state)
    trouble = " ".join(say.error(row.error_code, row.params)) if row.error_code else ""
    masked = say("status.masked") if row.masked else ""
    if "quota_minutes" in row.params and not row.error_code:
        trouble = say("youtube.quota", **row.params)
    print("\t".join([row.source_id, row.room, words, " ".join(filter(None, (trouble, masked)))]))
