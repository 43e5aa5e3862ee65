"""Whether a feed is alive, judged by signs of life and not by how much is said.

A room in which nobody speaks is *quiet*; a line from which nothing comes, not even the answer
to a probe, is *stalled*. Whatever may be missing in between is told as a gap, once.
"""

from hostdesk.events import AnyEvent, Gap, SourceState, SourceStateName
from hostdesk.sources.steps import STALLED_MS, Fault

QUIET_MS = 60_000
"""Signs of life, but no comment for so long."""


class Liveness:
    """One source's state over all its connections. Each call returns what to tell."""

    def __init__(
        self, source_id: str, platform: str, room: str = "", *, stalled_ms: int = STALLED_MS
    ) -> None:
        self._source_id, self._platform, self._room = source_id, platform, room
        self.stalled_ms = stalled_ms
        self._state: SourceStateName = "starting"
        self._fault: Fault | None = None
        self._alive_ms: int | None = None
        """The last sign of life of a joined room; None before the first."""
        self._said_ms = 0
        self._is_joined = False
        self._masked = False
        self._skipped = 0
        self.page = ""
        """What a bridge says of its page beside the state; words: ``status.page.<code>``."""
        self._told: tuple[SourceStateName, Fault | None, bool, int, str] | None = None

    @property
    def state(self) -> SourceStateName:
        """What was told last."""
        return self._state

    @property
    def is_joined(self) -> bool:
        """Whether the room is joined on this connection."""
        return self._is_joined

    def starts(self, now_ms: int) -> list[AnyEvent]:
        """A try begins. A source that was joined before is still "reconnecting"."""
        self._is_joined = False
        if self._state in ("starting", "refused", "logged_out", "ended"):
            return self._tell("starting", now_ms, None)
        return []

    def joined(self, now_ms: int) -> list[AnyEvent]:
        """The room is joined; what was missed since the last sign of life is a gap."""
        missed: list[AnyEvent] = []
        if self._alive_ms is not None and not self._is_joined:
            missed.append(Gap(at_ms=self._alive_ms, until_ms=now_ms, source=self._source_id))
        self._is_joined = True
        self._alive_ms = self._said_ms = now_ms
        return missed + self._tell("live", now_ms, None)

    def alive(self, now_ms: int, *, said: bool = False, skipped: int = 0) -> list[AnyEvent]:
        """A frame came; ``said``: with something that a viewer did."""
        if not self._is_joined:
            return []
        self._alive_ms = now_ms
        self._skipped += skipped
        if said:
            self._said_ms = now_ms
        if self._state != "covered" and (said or self._state == "stalled"):
            return self._tell("live", now_ms, None)
        return []

    def passed(self, now_ms: int) -> list[AnyEvent]:
        """A second went by."""
        if not self._is_joined or self._alive_ms is None:
            return []
        if now_ms - self._alive_ms >= self.stalled_ms:
            return self._tell("stalled", now_ms, None)
        if self._state == "live" and now_ms - self._said_ms >= QUIET_MS:
            return self._tell("quiet", now_ms, None)
        return self._tell(self._state, now_ms, self._fault)  # something was skipped, perhaps

    def is_dead(self, now_ms: int) -> bool:
        """Whether the connection gave no sign of life for too long and should be given up."""
        return (
            self._is_joined
            and self._alive_ms is not None
            and now_ms - self._alive_ms >= self.stalled_ms
        )

    def lost(self, fault: Fault, now_ms: int) -> list[AnyEvent]:
        """The connection is gone."""
        self._is_joined = False
        return self._tell(fault.state, now_ms, fault)

    def covered(self, now_ms: int, *, is_covered: bool) -> list[AnyEvent]:
        """A bridge tells that its page is out of sight, or is seen again."""
        return self._tell("covered" if is_covered else "live", now_ms, None)

    def ended(self, now_ms: int) -> list[AnyEvent]:
        """The platform, or the bridge, ended it in order."""
        self._is_joined, self._alive_ms = False, None
        return self._tell("ended", now_ms, None)

    def masked(self, now_ms: int, *, is_masked: bool) -> list[AnyEvent]:
        """The platform hides who speaks, or shows it again."""
        if is_masked == self._masked:
            return []
        self._masked = is_masked
        return self._tell(self._state, now_ms, self._fault)

    def _tell(self, state: SourceStateName, now_ms: int, fault: Fault | None) -> list[AnyEvent]:
        news = (state, fault, self._masked, self._skipped, self.page)
        if news == self._told:
            return []
        self._told, self._state, self._fault = news, state, fault
        page: dict[str, str | int] = {"page": self.page} if self.page else {}
        return [
            SourceState(
                at_ms=now_ms,
                source_id=self._source_id,
                state=state,
                error_code=fault.code if fault else "",
                params=fault.params if fault else page,
                skipped=self._skipped,
                platform=self._platform,
                room=self._room,
                masked=self._masked,
            )
        ]
