"""What the protocol of a live source says after each frame. Plain data, no sockets.

A protocol is sans-IO: the shell (`hostdesk.sources.link`) opens the socket, hands it each
frame and each second, sends what it wants sent, and posts what it heard.
"""

from typing import Literal, Protocol, TypeAlias

import msgspec

from hostdesk.errors import HostdeskError
from hostdesk.events import AnyEvent

Frame: TypeAlias = str | bytes

MAX_FRAME = 1 << 20
"""Bytes of one frame; a larger one ends the connection, not the program."""

PROBE_MS = 8_000
"""How often a protocol asks for a sign of life where the other side gives none by itself."""

STALLED_MS = 18_000
"""No frame at all for so long: the line is dead, whatever the socket says (shown ≤ 20 s)."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a connection, or a source, cannot go on."""

    code: str
    """Its words are ``error.<code>.message`` and ``.hint`` in ``resources/text``."""
    params: dict[str, str | int] = {}
    state: Literal["reconnecting", "refused", "logged_out"] = "reconnecting"
    """"reconnecting": try again by ourselves; the other two wait for a person."""
    retry_s: float = 0.0
    """Wait at least so long before the next try (``Retry-After``, a platform's cool-down)."""


class SourceFaultError(HostdeskError):
    """A source could not be reached, or was refused. Its words are those of ``fault``."""

    code = "source"

    def __init__(self, fault: Fault) -> None:
        super().__init__(why=fault.code)
        self.fault = fault


class Step(msgspec.Struct, kw_only=True):
    """What follows from one frame, or from a second that went by."""

    events: list[AnyEvent] = []
    """What was heard, ``at_ms`` = the moment of receipt."""
    send: list[Frame] = []
    joined: bool = False
    """The platform confirmed: from here on the feed is alive."""
    masked: bool | None = None
    """The platform hides who speaks (True), or shows it again (False); None = not told."""
    skipped: int = 0
    """Messages that could not be read; the others of the frame were."""
    fault: Fault | None = None
    """This connection is of no more use: close it."""


class SocketProtocol(Protocol):
    """One connection to one room. Made anew for each connection."""

    stalled_ms: int
    """No frame for so long means that the line is dead."""

    def opened(self, now_ms: int) -> Step:
        """The socket is open: what to send first."""
        ...

    def received(self, frame: Frame, now_ms: int) -> Step:
        """One frame came. Never raises: what cannot be read is counted in ``skipped``."""
        ...

    def passed(self, now_ms: int) -> Step:
        """Called about once a second: heartbeats and probes that are due."""
        ...
