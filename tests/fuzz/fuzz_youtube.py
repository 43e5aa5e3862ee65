"""Feed arbitrary answers to the YouTube conversation.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_youtube.py -max_total_time=600``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NOW_MS = 1_781_784_000_000
STATUSES = (200, 200, 200, 400, 401, 403, 404, 429, 500)


def take(data: bytes) -> None:
    """The first byte picks statuses; the rest is cut into three answers of one conversation."""
    from hostdesk.sources.steps import Fault
    from hostdesk.sources.youtube_protocol import KNOWN_IDS, MAX_TOKEN, YouTubeProtocol
    from hostdesk.sources.youtube_quota import LOOKUP, POLL, Ledger, Quota

    quota = Quota({LOOKUP: 1, POLL: 5}, 10_000, Ledger())
    talk = YouTubeProtocol("y", "dQw4w9WgXcQ", quota)
    picked, rest = (data[:1] or b"\0")[0], data[1:]
    third = len(rest) // 3 + 1
    now_ms = NOW_MS
    for turn in range(3):
        call = talk.next(now_ms)
        assert not isinstance(call, Fault)
        assert now_ms <= call.due_ms <= now_ms + 86_400_000
        now_ms = call.due_ms
        status = STATUSES[(picked + turn) % len(STATUSES)]
        headers = {"date": rest[:40].decode("latin-1"), "retry-after": rest[-9:].decode("latin-1")}
        answer = talk.answered(
            call, status, headers, rest[turn * third : (turn + 1) * third], now_ms
        )
        assert all(event.at_ms <= now_ms + 60_000 for event in answer.events)
        assert answer.fault is None or 0 <= answer.fault.retry_s <= 3_600
    assert len(talk._known) <= KNOWN_IDS
    assert len(talk._page) <= MAX_TOKEN


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import youtube_protocol  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
