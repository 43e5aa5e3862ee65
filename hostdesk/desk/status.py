"""The status strip: is the broadcast alive, is the feed alive, who speaks, what is on air."""

import msgspec

from hostdesk.desk.rows import SourceRow, StatusPanel
from hostdesk.events import Health, LoadChanged, ObsState, SourceState, Stream

SMOOTH_MIC = 0.6
_DOWN = frozenset({"stalled", "reconnecting", "offline"})
_LOCAL = "inbox"
"""Programs of this very machine stay in touch without a network."""
_UP = frozenset({"live", "quiet", "covered"})


class Status:
    """Facts for the strip. Pace and promises are put in when the panel is asked for."""

    def __init__(self, panel: StatusPanel) -> None:
        self.panel = panel

    def obs(self, event: ObsState) -> None:
        """The link to OBS changed."""
        self.change(obs_linked=event.linked, obs_error=event.error_code, obs_params=event.params)
        if not event.linked:
            self.change(fps=None, skipped_ratio=None, congestion=None, mic_peak_db=None)

    def stream(self, event: Stream) -> None:
        """The uplink changed."""
        self.change(stream=event.state)
        self._look_at_network()

    def health(self, event: Health) -> None:
        """A reading of the broadcast; what it does not tell stays as it was."""
        told = {
            name: value
            for name in ("fps", "skipped_ratio", "congestion", "mic_peak_db", "picture")
            if (value := getattr(event, name)) is not None
        }
        self.change(**told)

    def source(self, event: SourceState) -> None:
        """A source tells of its feed."""
        row = SourceRow(
            source_id=event.source_id,
            state=event.state,
            last_ms=event.at_ms,
            error_code=event.error_code,
            params=event.params,
            skipped=event.skipped,
            platform=event.platform,
            room=event.room,
            masked=event.masked,
            lag_ms=event.lag_ms,
            can_speak=event.can_speak,
        )
        others = [other for other in self.panel.sources if other.source_id != event.source_id]
        self.change(sources=tuple(sorted([*others, row], key=lambda each: each.source_id)))
        self._look_at_network()

    def row_of(self, source_id: str) -> SourceRow | None:
        """How a source is doing; None where it was never heard of."""
        return next((row for row in self.panel.sources if row.source_id == source_id), None)

    def _look_at_network(self) -> None:
        """Every room at once and the uplink too: it is this machine, not the platforms."""
        afar = [row for row in self.panel.sources if not row.source_id.startswith(_LOCAL)]
        states = [row.state for row in afar]
        rooms_down = any(state in _DOWN for state in states)
        rooms_up = any(state in _UP for state in states)
        uplink_down = self.panel.stream in ("reconnecting", "stopped")
        unnamed = [row for row in afar if row.error_code == "source_dns"]
        lost = uplink_down or (len(unnamed) > 1 and self.panel.stream != "started")
        self.change(offline=rooms_down and not rooms_up and lost)

    def heard(self, source_id: str, at_ms: int) -> None:
        """A comment came from a source; the strip shows how long ago that was, by seconds."""
        for row in self.panel.sources:
            if row.source_id == source_id and at_ms - row.last_ms >= 1000:
                newer = msgspec.structs.replace(row, last_ms=at_ms)
                rows = tuple(newer if each is row else each for each in self.panel.sources)
                self.change(sources=rows)

    def load(self, event: LoadChanged) -> None:
        """Judging fell behind, or caught up."""
        self.change(waiting=event.waiting)

    def change(self, **fields: object) -> None:
        """Set fields; the revision grows only when something is different."""
        if all(getattr(self.panel, name) == value for name, value in fields.items()):
            return
        fields["revision"] = self.panel.revision + 1
        self.panel = msgspec.structs.replace(self.panel, **fields)
