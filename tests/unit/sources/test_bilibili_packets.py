import random
import struct
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostdesk.sources.bilibili_packets import (
    MAX_DEPTH,
    MAX_INFLATED,
    MAX_PACKETS,
    Op,
    Packet,
    pack,
    unpack,
)
from tests.fakes.bilibili import LIES, lie, packed, packet

LIVE = b'{"cmd":"LIVE","roomid":1}'
PREPARING = b'{"cmd":"PREPARING","roomid":"1"}'
INNER = bytes.fromhex(
    "00000029001000000000000500000000"
    "7b22636d64223a224c495645222c22726f6f6d6964223a317d"
    "00000030001000000000000500000000"
    "7b22636d64223a22505245504152494e47222c22726f6f6d6964223a2231227d"
)
ZLIB = bytes.fromhex(
    "0000004f001000020000000500000000"
    "789c636060d06410600001561051ad949c9ba264a5e4e319e6aaa4a354949f9f9b09e41bd602e50cb0290c08"
    "720d700cf2f4734752ad64a8540b0084121146"
)
BROTLI = bytes.fromhex(
    "00000055001000030000000500000000"
    "1b580080078a6d5eb11bf237c1a0d56690218c21868532cb8208abc30e44935fc6521fd12be0b00018805fcf"
    "1c4a3aeb5de4f5ad35dfa1143710425b2f2df77a1d0b18b501"
)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        (pack(Op.HEARTBEAT), "00000010001000010000000200000001"),
        (pack(Op.HEARTBEAT, b"{}"), "000000120010000100000002000000017b7d"),
        (
            pack(Op.HEARTBEAT, b"[object Object]"),
            "0000001f0010000100000002000000015b6f626a656374204f626a6563745d",
        ),
    ],
)
def test_what_we_send_is_written_as_documented(made, wanted):
    assert made.hex() == wanted


def test_authentication_is_written_as_documented():
    body = b'{"uid":0,"roomid":1,"protover":3,"platform":"web","type":2,"buvid":"B","key":"K"}'
    made = pack(Op.AUTH, body)
    assert len(made) == 97
    assert made[:16].hex() == "00000061001000010000000700000001"
    assert made[16:] == body


@pytest.mark.parametrize(
    ("why", "frame", "packets"),
    [
        (
            "let in",
            "0000001a0010000100000008000000017b22636f6465223a307d",
            [Packet(8, b'{"code":0}')],
        ),
        (
            "alive",
            "00000014001000010000000300000000000009a2",
            [Packet(3, b"\0\0\x09\xa2")],
        ),
        (
            "alive, and our own body is echoed without being counted",
            "00000014001000010000000300000000000009a27b7d",
            [Packet(3, b"\0\0\x09\xa2{}")],
        ),
    ],
)
def test_control_packets_are_read(why, frame, packets):
    unpacked = unpack(bytes.fromhex(frame))
    assert (unpacked.packets, unpacked.damaged) == (packets, 0), why


@pytest.mark.parametrize("frame", [INNER, ZLIB, BROTLI], ids=["raw", "zlib", "brotli"])
def test_two_messages_are_read_however_they_are_packed(frame):
    unpacked = unpack(frame)
    assert unpacked.packets == [Packet(5, LIVE), Packet(5, PREPARING)]
    assert not unpacked.damaged


def test_packed_packets_may_hold_packed_packets_and_plain_ones_in_order():
    inner = packet(5, b"1") + packed(packet(5, b"2"), "brotli") + packet(5, b"3")
    frame = packed(inner, "zlib") + packet(5, b"4")
    assert [p.body for p in unpack(frame).packets] == [b"1", b"2", b"3", b"4"]


def test_a_longer_header_is_skipped():
    frame = struct.pack(">IHHII", 24, 20, 0, 5, 0) + b"more" + b"body"
    assert unpack(frame).packets == [Packet(5, b"body")]


@pytest.mark.parametrize(
    ("why", "frame", "read"),
    [
        ("nothing", b"", 0),
        ("a header cut short", INNER[:9], 0),
        ("a body cut short: what came before was read", INNER[:-1], 1),
        ("a length below the header's", struct.pack(">IHHII", 15, 16, 0, 5, 0), 0),
        ("a header below 16", struct.pack(">IHHII", 18, 15, 0, 5, 0) + b"{}", 0),
        ("a length beyond all", struct.pack(">IHHII", 2**32 - 1, 16, 0, 5, 0), 0),
        ("a way of packing that we do not know", packet(5, b"x", 4), 0),
        ("no zlib", packet(5, b"xxxxxxx", 2) + packet(5, b"{}"), 1),
        ("no brotli", packet(5, b"xxxxxxx", 3) + packet(5, b"{}"), 1),
        ("zlib cut short", packet(5, zlib.compress(INNER)[:-8], 2), 1),
        ("packed too deep", packed(packed(packed(INNER, "zlib"), "zlib"), "brotli"), 0),
    ],
)
def test_what_cannot_be_read_is_counted_and_the_rest_is_read(why, frame, read):
    unpacked = unpack(frame)
    assert len(unpacked.packets) == read, why
    assert bool(unpacked.damaged) == bool(frame), why


@pytest.mark.parametrize("depth", range(1, MAX_DEPTH + 1))
def test_as_deep_as_allowed_is_read(depth):
    frame = INNER
    for _ in range(depth):
        frame = packed(frame, "zlib")
    assert len(unpack(frame).packets) == 2


@pytest.mark.parametrize(
    ("version", "press"), [(2, zlib.compress), (3, lambda b: brotli.compress(b, quality=2))]
)
def test_a_bomb_is_not_unpacked_and_what_follows_is_read(version, press):
    bomb = packet(5, press(bytes(MAX_INFLATED + 1)), version)
    unpacked = unpack(bomb + packet(5, b"{}"))
    assert unpacked.packets == [Packet(5, b"{}")]
    assert unpacked.damaged == 1


@pytest.mark.parametrize("way", ["zlib", "brotli"])
def test_exactly_as_much_as_allowed_is_unpacked(way):
    inner = packet(5, bytes(MAX_INFLATED - 16))
    [only] = unpack(packed(inner, way)).packets
    assert len(only.body) == MAX_INFLATED - 16


def test_many_packed_bodies_share_one_allowance():
    half = packed(packet(5, bytes(MAX_INFLATED // 2)), "zlib")
    unpacked = unpack(half * 3)
    assert len(unpacked.packets) == 1
    assert unpacked.damaged == 2


def test_a_frame_of_nothing_but_headers_is_bounded():
    unpacked = unpack(packed(packet(5) * (MAX_PACKETS + 5), "zlib"))
    assert len(unpacked.packets) == MAX_PACKETS
    assert unpacked.damaged == 1


frames = st.one_of(
    st.binary(max_size=400),
    st.builds(packet, st.integers(0, 2**32 - 1), st.binary(max_size=80), st.integers(0, 5)),
    st.builds(
        packed, st.binary(max_size=200), st.sampled_from(["raw", "zlib", "brotli", "nested"])
    ),
)


@st.composite
def mutated(draw):
    frame = bytearray(draw(st.sampled_from([INNER, ZLIB, BROTLI, packed(ZLIB, "brotli")])))
    for _ in range(draw(st.integers(1, 4))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.integers(0, len(frame)))])


@given(st.one_of(frames, mutated(), st.lists(frames, max_size=3).map(b"".join)))
def test_whatever_comes_nothing_is_raised_and_no_more_is_held_than_allowed(frame):
    unpacked = unpack(frame)
    held = sum(len(p.body) for p in unpacked.packets)
    assert held <= len(frame) + MAX_INFLATED
    assert len(unpacked.packets) <= MAX_PACKETS


@pytest.mark.parametrize("kind", [kind for kind in LIES if kind != "text"])
def test_every_lie_of_the_fake_is_taken(kind):
    frame = lie(kind, random.Random(5))
    assert sum(len(p.body) for p in unpack(frame).packets) <= len(frame) + MAX_INFLATED
