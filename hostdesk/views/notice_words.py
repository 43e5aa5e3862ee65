"""The words of a notice's kind, as they stand on the picture and on its button."""

from hostdesk.events import NoticeKind
from hostdesk.text import Words


def kind_word(words: Words, kind: NoticeKind) -> str:
    """致歉, 补偿, 更正, 进展, 恢复 or 说明."""
    return words.get(f"notice_kind.{kind}", words(f"notice.kind.{kind}"))
