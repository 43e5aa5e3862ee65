"""Replies as content: one wording in three forms and two languages, and when it fits."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from hostdesk.counsel.fill import Filled, fill, slots_of
from hostdesk.counsel.topics import CardKind
from hostdesk.findings import Label

Wording = Annotated[str, msgspec.Meta(min_length=1)]
FactStatus = Literal["unverified", "partly", "confirmed"]
Tone = Literal[
    "gentle", "facts", "caring", "steady", "candid", "firm", "light", "reserved", "owning",
    "sincere", "fair", "calm",
]  # fmt: skip

SLOTS = frozenset(
    {
        "product", "order_hint", "deadline", "contact", "wrong", "right", "evidence", "ship_by",
        "reply_from", "deadline_there", "link", "topic",
    }
)  # fmt: skip
"""What can be filled in a reply. A slot of another name would never get a value."""


class Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reply in one language."""

    say: Wording
    """For the host's mouth and the teleprompter."""
    chat: Wording
    card: Wording
    """One thing to do, readable at a glance."""


MOST = {"zh": Forms(say="20", chat="40", card="14"), "en": Forms(say="48", chat="100", card="28")}
"""The most characters of each form by language (`limit_of`)."""


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A calm answer. The fields are explained in ``resources/replies/slots.toml``."""

    id: Wording
    intent: Wording
    tone: Tone
    labels: tuple[Label, ...] = ()
    topics: tuple[str, ...] = ()
    card_kinds: Annotated[tuple[CardKind, ...], msgspec.Meta(min_length=1)]
    facts: tuple[FactStatus, ...] = ()
    binds: bool = False
    rank: int = 0
    source: Wording
    zh: Forms
    en: Forms

    def forms(self, locale: str) -> Forms:
        """The wording of ``locale``; Chinese where we do not have it."""
        return self.en if locale == "en" else self.zh

    def slots(self) -> frozenset[str]:
        """Every slot of every form."""
        texts = [text for forms in (self.zh, self.en) for text in msgspec.structs.astuple(forms)]
        return frozenset(slot for text in texts for slot in slots_of(text))


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A reply ready to use, slots filled."""

    reply_id: str
    intent: str
    """Key of ``resources/text`` ``intent.*``."""
    tone: str
    """Key of ``resources/text`` ``tone.*``."""
    say: str
    chat: str
    card: str
    binds: bool = False


def limit_of(form: str, locale: str) -> int:
    """The most characters of ``say``, ``chat`` or ``card`` in this language."""
    return int(getattr(MOST["en" if locale == "en" else "zh"], form))


def ready(
    reply: Reply, locale: str, slots: Mapping[str, str], defaults: Mapping[str, str]
) -> Said | None:
    """The reply with its slots filled, or None where one that it needs has no value."""
    forms = reply.forms(locale)
    texts: dict[str, str] = {}
    for form in ("say", "chat", "card"):
        filled = _fitted(getattr(forms, form), slots, defaults, limit_of(form, locale))
        if filled.missing:
            return None
        texts[form] = filled.text
    return Said(reply_id=reply.id, intent=reply.intent, tone=reply.tone, binds=reply.binds, **texts)


def overlong(reply: Reply, locale: str, filled: Said) -> Sequence[str]:
    """The forms that are longer than they should be."""
    return [
        form
        for form in ("say", "chat", "card")
        if len(getattr(filled, form)) > limit_of(form, locale)
    ]


def _fitted(text: str, slots: Mapping[str, str], defaults: Mapping[str, str], limit: int) -> Filled:
    """Filled; a product's long name gives way to 这款 where it would not fit."""
    filled = fill(text, slots, defaults)
    if len(filled.text) <= limit or "product" not in defaults:
        return filled
    return fill(text, {**slots, "product": defaults["product"]}, defaults)
