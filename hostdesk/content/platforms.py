"""Reading ``resources/platforms``."""

from hostdesk.content import entries
from hostdesk.counsel.platforms import GENERIC, Platform
from hostdesk.errors import ContentError

FOLDER = "platforms"


def names() -> list[str]:
    """The files that platforms come from."""
    return entries.names(FOLDER)


def load_platforms() -> list[Platform]:
    """All platforms, "generic" among them.

    Raises:
        ContentError: a platform is wrong, or "generic" is not there.
    """
    found = entries.collect(FOLDER, "platform", Platform)
    for name, platform in found:
        for field in ("landscape", "portrait"):
            if not getattr(platform, field).is_open:
                raise ContentError(
                    file=name, entry=platform.id, field=field, detail="left < right, top < bottom"
                )
    if GENERIC not in {platform.id for _, platform in found}:
        raise ContentError(file=FOLDER, entry=GENERIC, field="id", detail="must be there")
    return [platform for _, platform in found]
