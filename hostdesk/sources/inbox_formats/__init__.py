"""Translators: what each kind of program pushes, as items of our own schema."""

from hostdesk.sources.inbox_formats.detecting import read
from hostdesk.sources.inbox_formats.reading import Reading

__all__ = ["Reading", "read"]
