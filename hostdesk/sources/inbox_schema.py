"""What programs push to the inbox: one item, a list of items, or a batch. See ``docs/inbox.md``.

Tolerant on purpose: unknown keys are ignored, ids and numbers may be text or numbers, and every
key may be missing or null. Whole numbers stay exact at any size, so no id beyond 2^53 is lost.
"""

from typing import Any

import msgspec

MAX_MESSAGE = 1 << 20
"""Bytes of one message, unpacked."""
MAX_ITEMS = 2_000
"""Items of one message. With more none is taken, and the sender is told to split it."""

OTHER = "other"
"""Kind of an item that tells nothing that the desk follows (a share, a new follower)."""
HEARTBEAT = "heartbeat"

Loose = str | int | float | None


class Item(msgspec.Struct, kw_only=True, gc=False):
    """One thing that a viewer, the platform or the bridge itself did."""

    kind: str = "comment"
    """comment, gift, member, join, like, removed, status, gap, heartbeat or other."""

    source: str | None = None
    """The sender's own name for this feed; each is a source of its own, with its own liveness."""
    platform: str | None = None
    room: Loose = None
    """What a person calls the room, or its lasting number."""

    comment_id: Loose = None
    id: Loose = None
    """The same as ``comment_id``; on gifts and the like it keeps a repeated one out."""
    text: str | None = None
    author_id: Loose = None
    author_name: Loose = None
    author_level: Loose = None
    badges: list[Any] | None = None
    has_order: bool | None = None
    reply_to: Loose = None
    sent_ms: Loose = None
    """The platform's own time, UTC milliseconds (seconds are understood)."""

    name: Loose = None
    """Of the gift or the membership."""
    count: Loose = None
    value_fen: Loose = None
    """What it cost in all, 1/100 yuan."""

    reason: str | None = None
    """removed: deleted, timed_out, banned or cleared. status: list_hidden or by_shape."""
    span_ms: Loose = None

    state: str | None = None
    """status: live, covered, page_changed, reconnecting, logged_out or ended."""
    masked: bool | None = None
    """status: the page hides who speaks."""
    from_ms: Loose = None
    until_ms: Loose = None
    """gap: the time for which comments are missing, UTC milliseconds."""


class Batch(msgspec.Struct, kw_only=True):
    """Many items with what they have in common. Without ``items`` it is a greeting."""

    items: list[Item] = []
    """Empty: a sign of life."""
    token: str | None = None
    """Where the sender cannot set a header: in its first message."""
    batch: Loose = None
    """The sender's own number; the answer repeats it."""
    source: str | None = None
    platform: str | None = None
    room: Loose = None


class Taken(msgspec.Struct, kw_only=True, tag_field="kind", tag="taken"):
    """Answer: what became of one message."""

    batch: str = ""
    taken: int = 0
    repeated: int = 0
    """Known by their id already, and left out."""
    skipped: int = 0
    """Could not be read."""


class Refused(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind", tag="refused"):
    """Answer: nothing of the message was taken."""

    why: str
    """token, origin, host, unreadable, too_many_items, too_big, …: see ``docs/inbox.md``."""
    batch: str = ""
    limit: int | None = None


class Welcome(msgspec.Struct, kw_only=True, tag_field="kind", tag="welcome"):
    """Answer to a greeting whose token was right."""

    protocol: int = 1
    max_message: int = MAX_MESSAGE
    max_items: int = MAX_ITEMS
