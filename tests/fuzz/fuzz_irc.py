"""Feed arbitrary bytes to the reader of Twitch's chat.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_irc.py -max_total_time=600``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

HELLO = (
    ":t CAP * ACK :twitch.tv/tags twitch.tv/commands\r\n"
    ":t 001 justinfan1 :hi\r\n@room-id=7 :t ROOMSTATE #host"
)


def take(data: bytes) -> None:
    """All lines in one frame and each in its own: the same events, and no error at all."""
    from hostdesk.sources.irc_lines import lines_of
    from hostdesk.sources.twitch_protocol import TwitchProtocol

    whole, single = (TwitchProtocol("r", channel="host", digits=1) for _ in range(2))
    for talk in (whole, single):
        talk.opened(0)
        if data[:1] != b"!":  # most of the time: in the room already
            talk.received(HELLO, 0)
    at_once = whole.received(data, 1)
    one_by_one = [single.received(line, 1) for line in lines_of(data)]
    assert at_once.events == [event for step in one_by_one for event in step.events]
    assert at_once.skipped == sum(step.skipped for step in one_by_one)
    assert (one_by_one[-1].fault if one_by_one else None) == at_once.fault
    for event in at_once.events:
        repr(event).encode("utf-8")


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import twitch_protocol  # noqa: F401  (instrumented on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
