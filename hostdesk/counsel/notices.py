"""画面贴片: the notices that can be put on the picture, and which of them fit a card."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from hostdesk.counsel.fill import fill
from hostdesk.counsel.topics import CardKind, card_kind_of
from hostdesk.events import NoticeKind

Wording = Annotated[str, msgspec.Meta(min_length=1)]

SCREEN_MOST = 60
"""Characters that viewers can read in passing."""

_TOPIC, _OTHER_TOPIC, _ANY_TOPIC = 40, -30, 10
_KIND, _OTHER_KIND = 15, -15
_BINDS, _MISSING = -20, -4


class NoticeWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notice in one language."""

    title: Wording
    screen: Wording
    """What is painted."""
    long: Wording
    """For a pinned comment or the shop page."""


class Notice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A notice to choose. The fields are explained in ``resources/notices/notices.toml``."""

    id: Wording
    kind: NoticeKind
    topics: tuple[str, ...] = ()
    card_kinds: tuple[CardKind, ...]
    binds: bool = False
    rank: int = 0
    source: Wording
    zh: NoticeWords
    en: NoticeWords

    def words(self, locale: str) -> NoticeWords:
        """The wording of ``locale``; Chinese where we do not have it."""
        return self.en if locale == "en" else self.zh


class FilledNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice with its slots filled as far as known."""

    notice_id: str
    notice_kind: NoticeKind
    title: str
    text: str
    long: str
    binds: bool = False
    missing: tuple[str, ...] = ()
    """Slots of ``text`` that a person must still fill; they stand as ``{slot}`` in it."""


class NoticeBook:
    """All notices."""

    STATIC = True

    def __init__(
        self, notices: Sequence[Notice], defaults: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self.notices = tuple(notices)
        self._defaults = defaults or {}
        self._by_id = {notice.id: notice for notice in self.notices}

    def get(self, notice_id: str) -> Notice | None:
        """The notice of this id."""
        return self._by_id.get(notice_id)

    def binds(self, notice_id: str) -> bool:
        """Whether putting up this notice commits money; an unknown one does not."""
        notice = self._by_id.get(notice_id)
        return bool(notice and notice.binds)

    def fitting(
        self,
        *,
        topic: str = "",
        card_kind: str = "",
        kind: NoticeKind | None = None,
        locale: str = "zh",
        slots: Mapping[str, str] | None = None,
    ) -> list[FilledNotice]:
        """Every notice (of ``kind``), those that fit the card best first."""
        offers = []
        for notice in self.notices:
            if kind in {None, notice.kind}:
                filled = self._filled(notice, locale, slots or {})
                offers.append((_score(notice, filled, topic, card_kind_of(card_kind)), filled))
        offers.sort(key=lambda offer: -offer[0])
        return [filled for _, filled in offers]

    def filled(
        self, notice_id: str, *, locale: str, slots: Mapping[str, str]
    ) -> FilledNotice | None:
        """One notice with its slots filled, or None where there is none of this id."""
        notice = self._by_id.get(notice_id)
        return self._filled(notice, locale, slots) if notice else None

    def _filled(self, notice: Notice, locale: str, slots: Mapping[str, str]) -> FilledNotice:
        words = notice.words(locale)
        # On the picture "this item" would name nothing to those who join later: only the
        # place to turn to has a default.
        usual = self._defaults.get("en" if locale == "en" else "zh", {})
        defaults = {"contact": usual["contact"]} if "contact" in usual else {}
        screen = fill(words.screen, slots, defaults)
        return FilledNotice(
            notice_id=notice.id, notice_kind=notice.kind, title=words.title, text=screen.text,
            long=fill(words.long, slots, defaults).text, binds=notice.binds,
            missing=screen.missing,
        )  # fmt: skip


def _score(notice: Notice, filled: FilledNotice, topic: str, card_kind: str) -> float:
    score = notice.rank / 10 + _MISSING * len(filled.missing)
    if topic and notice.topics:
        score += _TOPIC if topic in notice.topics else _OTHER_TOPIC
    elif topic:
        score += _ANY_TOPIC
    score += _KIND if card_kind in notice.card_kinds else _OTHER_KIND
    return score + (_BINDS if notice.binds else 0)
