"""``sources``: five live rooms as one feed, and how fast each protocol reads."""

import json
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from itertools import islice, pairwise
from typing import TypeVar

from hostdesk import clock, settings_file
from hostdesk.bench.ending import GaveUpError, end
from hostdesk.bench.engines import EngineRun
from hostdesk.bench.ground import Ground
from hostdesk.bench.loads import Crowd
from hostdesk.bench.results import Bar, Figure, Result
from hostdesk.settings import Room, Settings
from hostdesk.sources.bilibili_packets import Op, Version, pack
from hostdesk.sources.bilibili_protocol import BilibiliProtocol
from hostdesk.sources.steps import Frame, SocketProtocol
from hostdesk.sources.twitch_protocol import TwitchProtocol

P = TypeVar("P", str, bytes)

ROOMS = tuple(f"room{number}" for number in range(1, 6))
PER_S = 400
SECONDS, QUICK_S = 60, 10
WAIT_S = 60.0
DECODED = 40_000
PER_FRAME = 20
BARS = (
    Bar("engine_cpu_percent", 60),
    Bar("lost", 0),
    Bar("out_of_order", 0),
    Bar("irc_per_s", 50_000, at_least=True),
    Bar("bilibili_per_s", 50_000, at_least=True),
)


def sources(ground: Ground) -> Result:
    """Five rooms of 400 comments a second each, then the protocols alone."""
    seconds = QUICK_S if ground.quick else max(3, round(SECONDS * ground.load))
    figures = _merged(ground, seconds)
    count = ground.scaled(DECODED, least=2_000)
    figures["irc_per_s"] = _decoded(TwitchProtocol("bench", channel="host", digits=1), _irc(count))
    bilibili = BilibiliProtocol("bench", auth_body="{}")
    figures["bilibili_per_s"] = _decoded(bilibili, _bilibili(count))
    return Result(name="sources", figures=figures, bars=BARS)


def _merged(ground: Ground, seconds: int) -> dict[str, Figure]:
    data = ground.fresh("sources")
    talking = subprocess.Popen(
        [
            *(sys.executable, "-m", "hostdesk.bench.chat_rooms", "--rooms", *ROOMS),
            *("--per-s", str(PER_S), "--seconds", str(seconds)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    engine = EngineRun(ground, data, None)
    try:
        assert talking.stdout is not None
        port = int(talking.stdout.readline())
        settings_file.save(data, Settings(rooms=tuple(_room(name, port) for name in ROOMS)))
        engine.start()
        engine.until_up()
        with engine.seat() as seat:
            seat.until(lambda: seat.total > 0, WAIT_S, "first comment")
            before, began = engine.cpu_s, time.monotonic()
            seat.ask_for(seconds - 1)
            used, passed = engine.cpu_s - before, time.monotonic() - began
            sent = json.loads(talking.stdout.readline())
            seat.until(lambda: seat.total >= sum(sent.values()), WAIT_S, "all comments")
            asks = list(seat.asks_ms)
    finally:
        end(talking)
        engine.stop()
    ground.asks_ms["sources"] = asks
    return {
        "engine_cpu_percent": round(100 * used / passed, 1),
        "comments": sum(sent.values()),
        "seconds": round(passed, 1),
        **_counted(engine, sent),
    }


def _room(name: str, port: int) -> Room:
    return Room(room_id=name, platform="twitch", channel=name, url=f"ws://127.0.0.1:{port}")


def _counted(engine: EngineRun, sent: dict[str, int]) -> dict[str, Figure]:
    """What of it the journal holds, and whether each room is in its order."""
    numbers: dict[str, list[int]] = {name: [] for name in sent}
    for comment in engine.comments():
        name, _, number = comment.comment_id.rpartition("-")
        numbers[name].append(int(number))
    lost = sum(sent[name] - len(set(kept)) for name, kept in numbers.items())
    wrong = sum(a > b for kept in numbers.values() for a, b in pairwise(kept))
    return {"lost": lost, "out_of_order": wrong}


def _decoded(protocol: SocketProtocol, frames: list[Frame]) -> int:
    """Comments a second of CPU time through one protocol."""
    now_ms = clock.now_ms()
    protocol.opened(now_ms)
    began = time.process_time()
    events = sum(len(protocol.received(frame, now_ms).events) for frame in frames)
    took = time.process_time() - began
    if not events:
        raise GaveUpError("decode")
    return round(events / took)


def _irc(count: int) -> list[Frame]:
    def said(number: int, line: dict[str, object]) -> str:
        tags = (
            f"badge-info=;badges=;color=#1E90FF;display-name={line['author_name']};emotes=;"
            f"first-msg=0;id=11111111-1111-4111-8111-{number:012d};mod=0;room-id=7;subscriber=0;"
            f"tmi-sent-ts=1700000000123;turbo=0;user-id={number};user-type="
        )
        return f"@{tags} :a!a@a.tmi.twitch.tv PRIVMSG #host :{line['text']}\r\n"

    return _framed(count, said, "".join)


def _bilibili(count: int) -> list[Frame]:
    def said(number: int, line: dict[str, object]) -> bytes:
        data = {
            "room_id": 1,
            "open_id": f"o{number}",
            "uname": line["author_name"],
            "uface": "https://example.invalid/face.jpg",
            "timestamp": 1_700_000_000,
            "msg": line["text"],
            "msg_id": f"m{number}",
            "guard_level": 0,
            "fans_medal_wearing_status": False,
            "fans_medal_name": "",
            "fans_medal_level": 0,
            "dm_type": 0,
        }
        told = {"cmd": "LIVE_OPEN_PLATFORM_DM", "data": data}
        return pack(
            Op.MESSAGE, json.dumps(told, ensure_ascii=False).encode(), version=Version.PLAIN
        )

    return _framed(count, said, _zipped)


def _zipped(parts: list[bytes]) -> Frame:
    return pack(Op.MESSAGE, zlib.compress(b"".join(parts)), version=Version.ZLIB)


def _framed(
    count: int, said: Callable[[int, dict[str, object]], P], join: Callable[[list[P]], Frame]
) -> list[Frame]:
    parts = [said(number, line) for number, line in enumerate(islice(Crowd().comments(), count))]
    return [join(parts[at : at + PER_FRAME]) for at in range(0, count, PER_FRAME)]
