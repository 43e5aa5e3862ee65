"""建议: choosing the replies for a card, in differing tones, never the same one again and again."""

from collections.abc import Mapping, Sequence

import msgspec

from hostdesk.counsel.replies import Reply, Said, ready
from hostdesk.counsel.topics import TOPICS, card_kind_of, implied
from hostdesk.findings import Label

_TOPIC, _IMPLIED_TOPIC, _ANY_TOPIC = 40, 25, 8
_FIRST_TOPIC, _FIRST_OTHER = 12, 6
_LABEL, _NO_LABEL = 15, -15
_INTENT = 60
_SAID, _SAID_AGE, _SAID_INTENT = -10_000, 100, -8
_SAME_TONE, _SAME_INTENT = -60, -15
"""Weights of the ranking; only their order of size matters."""

_HEAVY = frozenset({Label.COMPLAINT.value, Label.SAFETY.value, Label.LEGAL.value})
_GRAVE = frozenset({"safety", "legal", "minor", "privacy", "authenticity", "rumour", "efficacy"})
"""Nobody jokes about these labels and topics."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What a reply is wanted for."""

    labels: frozenset[str] = frozenset()
    topic: str = ""
    card_kind: str = "comments"
    severity: str = ""
    intent: str = ""
    facts: str = "unverified"
    allow_binds: bool = False
    said: tuple[str, ...] = ()
    """Ids of replies used lately, oldest first."""


class Library:
    """The replies that we have, and which of them to offer."""

    STATIC = True

    def __init__(
        self, replies: Sequence[Reply], defaults: Mapping[str, Mapping[str, str]] | None = None
    ) -> None:
        self.replies = tuple(replies)
        self._defaults = defaults or {}
        self._intents = {reply.id: reply.intent for reply in self.replies}

    def get(self, reply_id: str) -> Reply | None:
        """The reply of this id."""
        return next((reply for reply in self.replies if reply.id == reply_id), None)

    def suggest(
        self,
        *,
        labels: Sequence[str] = (),
        topic: str = "",
        card_kind: str = "comments",
        locale: str = "zh",
        slots: Mapping[str, str] | None = None,
        said_recently: Sequence[str] = (),
        limit: int = 3,
        severity: str = "",
        intent: str = "",
        facts: str = "unverified",
        allow_binds: bool = False,
    ) -> list[Said]:
        """At most ``limit`` replies, best first, as far as possible of differing tone.

        Args:
            said_recently: ids of replies used lately, oldest first; they come last.
            severity: "S1" and "S2" rule out a light tone.
            intent: wanted by a person; otherwise what fits the card.
            facts: what is known so far: unverified, partly, confirmed.
            allow_binds: also replies that commit money; never as the first one.
        """
        situation = Situation(
            labels=frozenset(labels), topic=topic if topic in TOPICS else "",
            card_kind=card_kind_of(card_kind), severity=severity, intent=intent, facts=facts,
            allow_binds=allow_binds, said=tuple(said_recently),
        )  # fmt: skip
        offers = self._offers(situation, locale, slots or {})
        return _varied(offers, limit)

    def _offers(
        self, situation: Situation, locale: str, slots: Mapping[str, str]
    ) -> list[tuple[int, Said]]:
        defaults = self._defaults.get("en" if locale == "en" else "zh", {})
        said_intents = {self._intents.get(reply_id, "") for reply_id in situation.said}
        offers = []
        for reply in self.replies:
            if _fits(reply, situation):
                said = ready(reply, locale, slots, defaults)
                if said:
                    offers.append((_score(reply, situation, said_intents), said))
        return offers


def _fits(reply: Reply, situation: Situation) -> bool:
    if situation.card_kind not in reply.card_kinds:
        return False
    if reply.binds and not situation.allow_binds:
        return False
    if reply.facts and situation.facts not in reply.facts:
        return False
    if reply.tone == "light" and _is_grave(situation):
        return False
    if reply.topics:
        return _topic_score(reply, situation) > 0
    return _shares_label(reply, situation)


def _is_grave(situation: Situation) -> bool:
    hostile = Label.HOSTILE.value in situation.labels
    heavy = situation.topic in _GRAVE or not _HEAVY.isdisjoint(situation.labels)
    return situation.severity in {"S1", "S2"} or (heavy and not hostile)


def _shares_label(reply: Reply, situation: Situation) -> bool:
    wanted = {label.value for label in reply.labels}
    return not situation.labels or not situation.labels.isdisjoint(wanted)


def _topic_score(reply: Reply, situation: Situation) -> int:
    if not reply.topics:
        return _ANY_TOPIC
    if situation.topic in reply.topics:
        return _TOPIC + (_FIRST_TOPIC if situation.topic == reply.topics[0] else 0)
    brought = implied(situation.labels)
    if brought.isdisjoint(reply.topics):
        return 0
    return _IMPLIED_TOPIC + (_FIRST_OTHER if reply.topics[0] in brought else 0)


def _score(reply: Reply, situation: Situation, said_intents: set[str]) -> int:
    score = reply.rank + _topic_score(reply, situation)
    if situation.card_kind == reply.card_kinds[0]:
        score += _FIRST_OTHER
    if situation.labels:
        shared = situation.labels.intersection(label.value for label in reply.labels)
        score += _LABEL if shared else _NO_LABEL
    if situation.intent and reply.intent == situation.intent:
        score += _INTENT
    if reply.id in situation.said:
        age = situation.said[::-1].index(reply.id)
        score += _SAID + _SAID_AGE * min(age, 90)
    if reply.intent in said_intents:
        score += _SAID_INTENT
    return score


def _varied(offers: list[tuple[int, Said]], limit: int) -> list[Said]:
    """Best first; each further one is set back for a tone or intent that is there already."""
    chosen: list[Said] = []
    while offers and len(chosen) < limit:
        tones = {said.tone for said in chosen}
        intents = {said.intent for said in chosen}
        may = [offer for offer in offers if chosen or not offer[1].binds]
        if not may:
            break
        best = max(
            may,
            key=lambda offer: (
                offer[0]
                + (_SAME_TONE if offer[1].tone in tones else 0)
                + (_SAME_INTENT if offer[1].intent in intents else 0)
            ),
        )
        offers.remove(best)
        chosen.append(best[1])
    return chosen
