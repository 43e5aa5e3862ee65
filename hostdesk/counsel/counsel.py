"""What to say, in one place: replies, notices, plans, platforms and the wording check."""

from collections.abc import Sequence

from hostdesk.counsel.fill import clock
from hostdesk.counsel.library import Library
from hostdesk.counsel.notices import NoticeBook
from hostdesk.counsel.plans import PlanBook
from hostdesk.counsel.platforms import GENERIC, Platform
from hostdesk.counsel.wording import Hint, NoticeCheck


class Counsel:
    """Static content: it is referenced by the desk and never saved with it."""

    STATIC = True

    def __init__(
        self,
        *,
        library: Library,
        notices: NoticeBook,
        plans: PlanBook,
        platforms: Sequence[Platform],
        check: NoticeCheck,
        content_hash: str,
    ) -> None:
        """Bundle the content. ``platforms`` holds one called "generic"."""
        self.library = library
        self.notices = notices
        self.plans = plans
        self.platforms = {platform.id: platform for platform in platforms}
        self.content_hash = content_hash
        """Short hash of the files that all this was read from."""
        self._check = check

    def platform(self, platform_id: str) -> Platform:
        """The limits of a platform; of an unknown one, what is safe on all of them."""
        return self.platforms.get(platform_id) or self.platforms[GENERIC]

    def deadline(self, at_ms: int, zone_offset_min: int) -> str:
        """A deadline as it is said and painted: HH:MM, rounded up to five minutes."""
        return clock(at_ms, zone_offset_min)

    def hints(self, notice_text: str) -> list[Hint]:
        """What to look at in an own notice; nothing is blocked."""
        return self._check.hints(notice_text)
