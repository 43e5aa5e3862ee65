"""Recorded chats, read as streams: each format a module, `open_recording` finds the right one."""

from hostdesk.sources.recorded.opening import format_of, open_recording
from hostdesk.sources.recorded.recording import Recording

__all__ = ["Recording", "format_of", "open_recording"]
