"""Everything that counsel knows, read from ``resources/`` and the user's own content folder."""

from hostdesk.content import files, notices, plans, platforms, replies
from hostdesk.counsel.counsel import Counsel


def names() -> list[str]:
    """Every file that advice comes from, for `files.fingerprint`."""
    return [*replies.names(), *notices.names(), *plans.names(), *platforms.names()]


def load_counsel() -> Counsel:
    """Replies, notices, plans and platforms as they are now.

    Raises:
        ContentError: an entry is wrong; it names file, entry and field.
    """
    defaults = replies.load_defaults()
    book = notices.load_notices(defaults)
    return Counsel(
        library=replies.load_library(defaults),
        notices=book,
        plans=plans.load_plans({notice.id for notice in book.notices}),
        platforms=platforms.load_platforms(),
        check=notices.load_check(),
        content_hash=files.fingerprint(names()),
    )
