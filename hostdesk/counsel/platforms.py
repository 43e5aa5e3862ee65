"""Platforms: where their apps cover the picture, and how long a chat line may be."""

from typing import Annotated, Literal

import msgspec

Wording = Annotated[str, msgspec.Meta(min_length=1)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=1)]

GENERIC = "generic"
"""Stands in for a platform that we do not know."""


class SafeArea(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stays visible: its edges as fractions of the picture, from the top-left corner."""

    left: Fraction
    top: Fraction
    right: Fraction
    bottom: Fraction

    @property
    def is_open(self) -> bool:
        """Whether anything is left between the edges."""
        return self.left < self.right and self.top < self.bottom


class Platform(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One platform's limits. The fields are explained in ``resources/platforms/platforms.toml``."""

    id: Wording
    zh: Wording
    en: Wording
    chat_limit: Annotated[int, msgspec.Meta(ge=1)]
    """Characters in one chat line."""
    send: Literal["never", "official"]
    """Whether the platform offers a documented way to post; used after a key press only."""
    estimate: bool
    checked: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    source: Wording
    landscape: SafeArea
    portrait: SafeArea

    def name(self, locale: str) -> str:
        """How people call it."""
        return self.en if locale == "en" else self.zh
