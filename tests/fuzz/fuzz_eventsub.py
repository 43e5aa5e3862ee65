"""Feed arbitrary frames to the EventSub protocol.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_eventsub.py -max_total_time=600``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

NOW_MS = 1_700_000_000_000
MAX_KEPT = 4_096
"""Characters of one event: text, names and ids are all cut."""


def take(data: bytes) -> None:
    """Lines are frames of one connection: no error, nothing sent, and what is told is bounded."""
    from hostdesk.sources.eventsub_events import EventSubReader
    from hostdesk.sources.eventsub_protocol import EventSubProtocol, SeenMessages

    seen = SeenMessages()
    welcomed: list[EventSubProtocol] = []
    protocol = EventSubProtocol(EventSubReader("fuzz"), seen, welcomed.append)
    protocol.opened(NOW_MS)
    for number, frame in enumerate(data.split(b"\n")):
        step = protocol.received(frame, NOW_MS + number)
        assert step.send == []
        assert step.skipped in (0, 1)
        for event in step.events:
            assert event.at_ms == NOW_MS + number
            assert len(str(event)) < MAX_KEPT
    protocol.passed(NOW_MS)
    assert len(welcomed) <= 1


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import eventsub_protocol  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
