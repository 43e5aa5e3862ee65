"""Two ways in which OBS cannot show a notice though it answers, each with its own hint."""

from hostdesk.errors import ObsRefusedError


class ObsRemoteError(ObsRefusedError):
    """OBS runs on another machine: it cannot read our picture files. Params: host."""

    code = "obs_remote"


class ObsStudioModeError(ObsRefusedError):
    """Studio mode is on: OBS shows viewers a copy of the scene, which we cannot reach."""

    code = "obs_studio_mode"
