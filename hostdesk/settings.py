"""Every setting as data: its default, its bounds, and the section it stands in.

The words for each one are ``setting.<name>`` in ``resources/text``.
"""

from typing import Annotated, Literal

import msgspec

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Short = Annotated[str, msgspec.Meta(max_length=80)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What a person may choose. The OBS password is not here: it lies in the keyring."""

    locale: Literal["zh", "en"] = "zh"
    """Language of the windows and of the words put on the picture."""
    obs_host: Short = "127.0.0.1"
    obs_port: Port = 4455
    platform: Short = "douyin"
    """Whose safe area and reply length hold."""
    contact: Short = ""
    """Official place to send buyers to; empty = the locale's usual words (订单页客服)."""
    shop: Short = ""


def changed(before: Settings, after: Settings) -> frozenset[str]:
    """Names of the settings that differ."""
    fields = Settings.__struct_fields__
    return frozenset(name for name in fields if getattr(before, name) != getattr(after, name))
