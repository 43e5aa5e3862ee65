"""What is known about OBS: which scene is on air, and whether the output runs."""

from typing import Literal

import msgspec

from hostdesk.broadcast.obs_answers import StreamStatus
from hostdesk.broadcast.obs_protocol import ObsEvent
from hostdesk.events import ObsState, Stream, StreamState

_OUTPUT = "OBS_WEBSOCKET_OUTPUT_"

_STREAM_STATES: dict[str, StreamState] = {
    "STARTED": "started",
    "STOPPED": "stopped",
    "RECONNECTING": "reconnecting",
    "RECONNECTED": "reconnected",
}
"""Judged by outputState only: RECONNECTING comes with ``outputActive: false`` while
GetStreamStatus says ``true`` (OBS 29)."""

Effect = Literal["scene", "item", "rebuilt"]
"""The programme scene changed · our item was touched · scenes were exchanged as a whole."""


class ObsFacts(msgspec.Struct, kw_only=True):
    """Kept over reconnects, so that only changes of the uplink are told."""

    version: str = ""
    scene: str = ""
    stream: StreamState | None = None
    is_starting: bool = False
    is_recording: bool = False
    is_virtual_cam: bool = False
    is_studio: bool = False
    is_changing: bool = False
    """A scene collection is being exchanged: requests would be refused."""
    is_exiting: bool = False
    """OBS is closing: what it removes now, nobody removed."""

    @property
    def is_streaming(self) -> bool:
        """The stream output runs, even where it is just reconnecting."""
        return self.stream in ("started", "reconnecting", "reconnected")

    @property
    def is_on_air(self) -> bool:
        """What OBS shows reaches somebody, or a file, or is about to."""
        busy = self.is_streaming or self.is_starting
        return busy or self.is_recording or self.is_virtual_cam

    def state(self, at_ms: int) -> ObsState:
        """The link as it stands."""
        return ObsState(
            at_ms=at_ms,
            linked=True,
            obs_version=self.version,
            scene=self.scene,
            streaming=self.is_streaming,
            recording=self.is_recording,
        )

    def begin(self, status: StreamStatus, at_ms: int) -> list[Stream]:
        """Take what OBS said about its stream after connecting; return it if it is news."""
        self.is_starting = False
        self.is_exiting = self.is_changing = False
        if not status.output_active:
            told: StreamState = "stopped"
        else:
            told = "reconnecting" if status.output_reconnecting else "started"
        if self.stream == told or (self.stream == "reconnected" and told == "started"):
            return []
        reason = "idle" if self.stream is None and told == "stopped" else ""
        self.stream = told
        return [Stream(at_ms=at_ms, state=told, reason=reason)]

    def receive(self, event: ObsEvent, at_ms: int) -> list[Stream | ObsState]:
        """Take one event; return what others should know."""
        match event.name:
            case "StreamStateChanged":
                return self._on_stream(_output_state(event), at_ms)
            case "RecordStateChanged":
                self.is_recording = _runs(_output_state(event), self.is_recording)
            case "VirtualcamStateChanged":
                self.is_virtual_cam = _runs(_output_state(event), self.is_virtual_cam)
                return []
            case "CurrentProgramSceneChanged":
                self.scene = str(event.data.get("sceneName", self.scene))
            case "SceneNameChanged":
                self._on_rename(event)
            case _:
                self._on_quiet(event)
                return []
        return [self.state(at_ms)]

    def _on_rename(self, event: ObsEvent) -> None:
        if event.data.get("oldSceneName") == self.scene:
            self.scene = str(event.data.get("sceneName", self.scene))

    def _on_quiet(self, event: ObsEvent) -> None:
        match event.name:
            case "StudioModeStateChanged":
                self.is_studio = bool(event.data.get("studioModeEnabled"))
            case "CurrentSceneCollectionChanging":
                self.is_changing = True
            case "CurrentSceneCollectionChanged":
                self.is_changing = False
            case "ExitStarted":
                self.is_exiting = True
            case _:
                pass

    def _on_stream(self, output_state: str, at_ms: int) -> list[Stream | ObsState]:
        self.is_starting = output_state == "STARTING"
        told = _STREAM_STATES.get(output_state)
        if told is None or told == self.stream:
            return []
        was_streaming, self.stream = self.is_streaming, told
        news: list[Stream | ObsState] = [Stream(at_ms=at_ms, state=told)]
        if was_streaming != self.is_streaming:
            news.append(self.state(at_ms))
        return news


def _output_state(event: ObsEvent) -> str:
    return str(event.data.get("outputState", "")).removeprefix(_OUTPUT)


def _runs(output_state: str, before: bool) -> bool:
    if output_state in ("STARTING", "STARTED", "RESUMED", "PAUSED"):
        return True
    return False if output_state == "STOPPED" else before
