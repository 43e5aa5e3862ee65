"""Reading ``resources/notices`` and the limits of own notices."""

import re

import msgspec

from hostdesk.content import entries, files
from hostdesk.content.replies import Defaults
from hostdesk.counsel.notices import Notice, NoticeBook
from hostdesk.counsel.wording import HintRule, NoticeCheck
from hostdesk.errors import ContentError

FOLDER = "notices"
LIMITS_FILE = "rules/notice_limits.toml"


class _Limits(msgspec.Struct, frozen=True):
    max_length: int
    hint: tuple[HintRule, ...] = ()


def names() -> list[str]:
    """The files that notices and their limits come from."""
    return [*entries.names(FOLDER), LIMITS_FILE]


def load_notices(defaults: Defaults) -> NoticeBook:
    """All notices.

    Raises:
        ContentError: a notice is wrong; it names file, entry and field.
    """
    found = entries.collect(FOLDER, "notice", Notice)
    for name, notice in found:
        entries.check_topics(name, notice.id, notice.topics)
    return NoticeBook([notice for _, notice in found], defaults)


def load_check() -> NoticeCheck:
    """What is looked at while an own notice is typed.

    Raises:
        ContentError: a pattern is not a regular expression, or a field is wrong.
    """
    try:
        limits = msgspec.convert(files.read_toml(LIMITS_FILE), _Limits)
        return NoticeCheck(limits.max_length, limits.hint)
    except (msgspec.ValidationError, re.error) as exc:
        raise ContentError(file=LIMITS_FILE, entry="", field="", detail=str(exc)) from exc
