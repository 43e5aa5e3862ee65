"""Feed arbitrary bytes to everything that reads what is pushed to the inbox.

Needs atheris, which is no dependency of hostdesk: ``pip install atheris``, then
``python tests/fuzz/fuzz_inbox.py -max_total_time=600``. `tests/unit/sources/test_inbox_fuzz.py`
runs the same function with hypothesis.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

TOKEN = "a-token-that-no-fuzzer-will-find"


def take(data: bytes) -> None:
    """As a message, as frames of a socket, as bytes of HTTP, as a frame of the grabber."""
    _as_messages(data)
    _as_http(data)


def _as_messages(data: bytes) -> None:
    from hostdesk.sources.bridge_client import BarrageGrabProtocol
    from hostdesk.sources.inbox_door import Door, Visit
    from hostdesk.sources.inbox_feeds import MAX_FEEDS, Feeds, Sender
    from hostdesk.sources.inbox_protocol import Conversation, posted

    feeds = Feeds()
    talk = Conversation(feeds, Door(TOKEN), Visit(has_token=True), 1)
    stranger = Conversation(feeds, Door(TOKEN), Visit(), 2)
    grab = BarrageGrabProtocol("x")
    now_ms = 1_760_000_000_000
    for frame in (data, *data.split(b"\n")[:20]):
        now_ms += 1_000
        list(talk.received(frame, now_ms))
        list(talk.received(frame.decode("utf-8", "replace"), now_ms))
        list(posted(feeds, Sender(), frame, now_ms))
        heard = [step for step in stranger.received(frame, now_ms) if isinstance(step, list)]
        assert not any(heard), "heard without the token"
        assert set(grab.received(frame, now_ms).send) <= {"ping"}
        feeds.passed(now_ms)
    assert len(list(feeds)) <= MAX_FEEDS


def _as_http(data: bytes) -> None:
    from hostdesk.sources.inbox_door import Door
    from hostdesk.sources.inbox_http import HttpTalk, Push

    talk = HttpTalk(Door(TOKEN), dict)
    for place in range(0, len(data), 997):
        talk.receive(data[place : place + 997])
        for _ in range(1_000):
            step = talk.step()
            if step is None:
                break
            assert not isinstance(step, Push), "a push without the token"


def main() -> None:
    """Run until it is stopped."""
    import atheris

    with atheris.instrument_imports(include=["hostdesk"]):
        from hostdesk.sources import bridge_client, inbox_protocol  # noqa: F401  (on import)
    atheris.Setup(sys.argv, take)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
