"""Honest messages of every protocol, for a fuzzer to begin with.

``python tests/fuzz/seeds.py FOLDER`` writes them as ``FOLDER/fuzz_irc/0``, and so on. The tests
feed them to the targets whole, cut and changed (``tests/unit/sources/test_fuzz_targets.py``).
"""

import json
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

ORDERS = (
    "主订单编号,买家昵称,选购商品,批次,订单提交时间,支付完成时间,收件人,收件人手机号,详细地址\n"
    '6928000000881234,小鹿,"毛衣, 红",B7,2026-06-18 19:59:00,2026-06-18 20:00:00,张**,138,路\n'
    '="6928000000881235",阿*伟,裤子,,2026/6/18 8:00,-,李,139,路\n'
)
DEVICE = {"device_code": "d", "user_code": "ABCD", "verification_uri": "https://www.twitch.tv/x",
          "expires_in": 1800, "interval": 5}  # fmt: skip
LOGIN = {"access_token": "a", "refresh_token": "r", "scope": ["user:read:chat"], "expires_in": 9}
STARTED = {"code": 0, "message": "ok", "data": {
    "game_info": {"game_id": "g"},
    "websocket_info": {"auth_body": "{}", "wss_link": ["wss://a.example/sub"]},
    "anchor_info": {"room_id": 7, "uid": 8, "open_id": "o", "uname": "小店"}}}  # fmt: skip


def all_seeds() -> dict[str, list[bytes]]:
    """By the target's name."""
    return {
        "fuzz_answers": _answers(),
        "fuzz_bilibili": _bilibili(),
        "fuzz_eventsub": _eventsub(),
        "fuzz_inbox": _inbox(),
        "fuzz_irc": _irc(),
        "fuzz_orders": [ORDERS.encode(code) for code in ("utf-8", "gb18030", "utf-16")],
        "fuzz_recordings": [
            file.read_bytes()[:20_000]
            for file in sorted((ROOT / "tests" / "shows" / "formats").iterdir())
        ],
        "fuzz_youtube": _youtube(),
    }


def _answers() -> list[bytes]:
    bodies = [DEVICE, LOGIN, STARTED, {"code": 4002, "message": "no", "data": None},
              {"user_id": "7", "login": "shop", "scopes": []}, {"message": "slow_down"},
              {"data": [{"message_id": "m", "is_sent": True}]}]  # fmt: skip
    return [
        bytes([status, len(header)]) + header + json.dumps(body).encode()
        for status, header in ((0, b""), (8, b"120"), (8, b"Tue, 14 Nov 2023 22:13:50 GMT"))
        for body in bodies
    ]


def _bilibili() -> list[bytes]:
    from tests.fakes.bilibili import WAYS, FakeBilibili, command, packed, packet

    fake = FakeBilibili()
    gift = {"gift_name": "小心心", "gift_num": 3, "price": 100, "paid": True, "open_id": "o",
            "uname": "小鹿", "msg_id": "g1", "combo_gift": False}  # fmt: skip
    chat = {"open_id": "o", "uname": "小鹿", "message": "好看", "rmb": 30, "message_id": 7}
    frames = [
        packet(8, b'{"code":0}', 1, 1),
        packet(3, b"\0\0\x09\xa2", 1),
        *(packed(fake.comment("多少钱") + fake.comment("起球了"), way) for way in WAYS),
        command("LIVE_OPEN_PLATFORM_SEND_GIFT", gift),
        command("LIVE_OPEN_PLATFORM_SUPER_CHAT", chat),
        command("LIVE_OPEN_PLATFORM_INTERACTION_END", {"game_id": "g", "timestamp": 1}),
    ]
    return [*frames, *(frame[16:] for frame in frames)]  # without its head it is a message


def _eventsub() -> list[bytes]:
    from tests.unit.sources import test_eventsub_protocol as samples

    kinds = [
        samples.welcome(),
        samples.notification("channel.chat.message", samples.message()),
        samples.frame("session_keepalive", {}, message_id="k"),
        samples.frame(
            "session_reconnect",
            {"session": {"id": "s-1", "reconnect_url": "wss://eventsub.wss.twitch.tv/ws?id=7"}},
        ),
    ]
    return [one.encode() for one in kinds] + ["\n".join(kinds).encode()]


def _inbox() -> list[bytes]:
    from tests.unit.sources.inbox_samples import VALID

    body = VALID[-1].encode()
    head = "POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {}\r\n{}\r\n"
    packed = zlib.compress(body)
    return [
        *(text.encode() for text in VALID),
        head.format(len(body), "Authorization: Bearer x\r\n").encode() + body,
        head.format(len(packed), "Content-Encoding: gzip\r\n").encode() + packed,
        b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]


def _irc() -> list[bytes]:
    from tests.fakes.twitch_irc import FakeTwitch, Said

    fake = FakeTwitch()
    said = [fake._line_of(Said(f"id-{n}", text, "9", "ann", 1), {"bits": "5"})
            for n, text in enumerate(("多少钱", "\x01ACTION 挥手\x01", "a: b :c"))]  # fmt: skip
    lines = [
        *said,
        fake._roomstate(),
        f"{fake._head('ann', {'msg-id': 'resub', 'id': 'n'})}:t USERNOTICE #host :hi\r\n",
        f"{fake._tags({'target-user-id': '9', 'ban-duration': '60'})}:t CLEARCHAT #host :ann\r\n",
        f"{fake._tags({'target-msg-id': 'id-1'})}:t CLEARMSG #host :x\r\n",
        "PING :tmi.twitch.tv\r\n",
        ":tmi.twitch.tv RECONNECT\r\n",
        "@msg-id=msg_banned :tmi.twitch.tv NOTICE #host :You are banned\r\n",
    ]
    return [*(line.encode() for line in lines), "".join(lines).encode(), b"!" + lines[0].encode()]


def _youtube() -> list[bytes]:
    from tests.unit.sources import test_youtube_protocol as samples

    page = samples.page(samples.at(samples.said("多少钱", "m1"), samples.NOW))
    found, told = (json.dumps(each).encode() for each in (samples.FOUND, page))
    size = max(len(found), len(told))
    answers = [each.ljust(size) for each in (found, told, told)]
    refused = json.dumps(samples.refusal(403, "quotaExceeded")[1]).encode().ljust(size)
    return [b"\0" + b"".join(answers), b"\x03" + answers[0] + refused + answers[1]]


def main() -> None:
    """Write them all."""
    for name, seeds in all_seeds().items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / str(number)).write_bytes(seed)


if __name__ == "__main__":
    main()
