"""What OBS answers, as typed values. Only the fields that hostdesk reads.

Source: obs-websocket docs/generated/protocol.md, "Requests". Fields that older or newer
versions leave out have defaults.
"""

import msgspec


class Version(msgspec.Struct, frozen=True, rename="camel"):
    """GetVersion."""

    obs_version: str
    available_requests: frozenset[str] = frozenset()
    supported_image_formats: tuple[str, ...] = ()


class Canvas(msgspec.Struct, frozen=True, rename="camel"):
    """GetVideoSettings: the base size, on which scene items are placed."""

    base_width: int
    base_height: int

    @property
    def is_portrait(self) -> bool:
        """Higher than wide: made for a phone."""
        return self.base_height > self.base_width


class ProgramScene(msgspec.Struct, frozen=True, rename="camel"):
    """GetCurrentProgramScene."""

    current_program_scene_name: str


class StreamStatus(msgspec.Struct, frozen=True, rename="camel"):
    """GetStreamStatus. Counters start again at 0 after a reconnect."""

    output_active: bool
    output_reconnecting: bool = False
    output_congestion: float = 0.0
    output_skipped_frames: int = 0
    output_total_frames: int = 0


class OutputStatus(msgspec.Struct, frozen=True, rename="camel"):
    """GetRecordStatus, GetVirtualCamStatus."""

    output_active: bool


class StudioMode(msgspec.Struct, frozen=True, rename="camel"):
    """GetStudioModeEnabled."""

    studio_mode_enabled: bool


class Stats(msgspec.Struct, frozen=True, rename="camel"):
    """GetStats. The output counters here are frames that the encoder was too slow for."""

    active_fps: float
    output_skipped_frames: int = 0
    output_total_frames: int = 0


class Input(msgspec.Struct, frozen=True, rename="camel"):
    """One of GetInputList."""

    input_name: str
    input_kind: str | None = None


class InputList(msgspec.Struct, frozen=True):
    """GetInputList."""

    inputs: tuple[Input, ...]


class Scene(msgspec.Struct, frozen=True, rename="camel"):
    """One of GetSceneList."""

    scene_name: str


class SceneList(msgspec.Struct, frozen=True):
    """GetSceneList."""

    scenes: tuple[Scene, ...]


class SceneItem(msgspec.Struct, frozen=True, rename="camel"):
    """One of GetSceneItemList."""

    scene_item_id: int
    source_name: str
    scene_item_enabled: bool = True


class SceneItemList(msgspec.Struct, frozen=True, rename="camel"):
    """GetSceneItemList, lowest first."""

    scene_items: tuple[SceneItem, ...]


class SceneItemId(msgspec.Struct, frozen=True, rename="camel"):
    """CreateInput, CreateSceneItem, GetSceneItemId."""

    scene_item_id: int


class Screenshot(msgspec.Struct, frozen=True, rename="camel"):
    """GetSourceScreenshot: ``data:image/jpg;base64,…``."""

    image_data: str


class Nothing(msgspec.Struct, frozen=True):
    """A request that answers with nothing but its status."""
