"""Feed arbitrary bytes to Bilibili's framing and commands, plain and packed.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_bilibili.py -max_total_time=600``.
"""

import struct
import sys
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NOW = 1_700_000_000_000


def take(data: bytes) -> None:
    """As a frame, as a message, and packed: no error, no more memory than allowed."""
    from hostdesk.sources.bilibili_packets import MAX_INFLATED, MAX_PACKETS, unpack
    from hostdesk.sources.bilibili_protocol import BilibiliProtocol

    unpacked = unpack(data)
    assert sum(len(p.body) for p in unpacked.packets) <= len(data) + MAX_INFLATED
    assert len(unpacked.packets) <= MAX_PACKETS
    protocol = BilibiliProtocol("fuzz", auth_body="{}")
    protocol.opened(NOW)
    message = struct.pack(">IHHII", 16 + len(data), 16, 0, 5, 0) + data
    squeezed = zlib.compress(message)
    packed = struct.pack(">IHHII", 16 + len(squeezed), 16, 2, 5, 0) + squeezed
    plain = protocol.received(message, NOW).events
    memory_free = BilibiliProtocol("fuzz", auth_body="{}")
    assert memory_free.received(packed, NOW).events == plain
    protocol.received(data, NOW)
    protocol.received(data.decode("utf-8", "replace"), NOW)
    protocol.passed(NOW + 30_000)


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import bilibili_protocol  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
