"""Reading chat that other programs, or hostdesk, recorded."""

from hostdesk.sources.recordings.recording import Recording, open_recording

__all__ = ["Recording", "open_recording"]
