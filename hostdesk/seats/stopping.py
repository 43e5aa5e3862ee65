"""Telling an engine to end, from a script."""

import contextlib

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from hostdesk.seats.link_file import LinkFacts
from hostdesk.seats.protocol import VERSION, Hello, StopWanted, encode

WAIT_S = 5.0


def ask_to_stop(facts: LinkFacts) -> None:
    """Send `StopWanted`; the engine then ends in its own time. An engine that is gone is fine."""
    url = f"ws://127.0.0.1:{facts.port}"
    with (
        contextlib.suppress(OSError, TimeoutError, WebSocketException),
        connect(url, compression=None, open_timeout=WAIT_S, proxy=None) as socket,
    ):
        socket.send(encode(Hello(token=facts.token, protocol=VERSION, seat="script")))
        socket.recv(timeout=WAIT_S)
        socket.send(encode(StopWanted()))
        while True:
            socket.recv(timeout=WAIT_S)
