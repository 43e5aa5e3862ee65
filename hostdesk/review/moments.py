"""The moments that mattered: accidents, many complaints, the same words by many."""

from collections.abc import Sequence

import msgspec

from hostdesk.desk.cards import Cards
from hostdesk.desk.rows import Card
from hostdesk.events import HostSaid
from hostdesk.findings import Finding
from hostdesk.review.lists import clip
from hostdesk.review.rows import (
    MOMENT_KINDS,
    FirstWords,
    Moment,
    MomentKind,
    NoticeDone,
    PlanDone,
    ReplyDone,
    Settled,
    SpokenBy,
)

MAX_MOMENTS = 300
TECHNICAL_WORDS_MS = 30_000
OTHER_WORDS_MS = 180_000
"""First words to the viewers: 30 s for technical trouble, three minutes otherwise."""
AFTER_MS = 600_000
"""What is done so long after a moment still belongs to it: its card stays as long."""


class Done(msgspec.Struct, frozen=True):
    """All that was done in the show, to be told beside the moments."""

    replies: Sequence[ReplyDone] = ()
    notices: Sequence[NoticeDone] = ()
    plans: Sequence[PlanDone] = ()
    settled: Sequence[Settled] = ()


class _Words(msgspec.Struct, frozen=True):
    at_ms: int
    by: SpokenBy
    text: str


class _Open:
    def __init__(self, finding: Finding) -> None:
        self.first = self.most = finding
        self.since_ms = finding.since_ms
        self.over_ms: int | None = None
        self.topic = finding.topic
        self.with_order = finding.with_order
        self.cards: set[str] = set()
        self.host: _Words | None = None

    def grow(self, finding: Finding) -> None:
        self.since_ms = min(self.since_ms, finding.since_ms)
        self.topic = finding.topic or self.topic
        self.with_order = max(self.with_order, finding.with_order)
        if finding.state == "closed":
            self.over_ms = finding.at_ms
        if finding.authors >= self.most.authors and finding.state != "closed":
            self.most = finding

    def lasts(self, at_ms: int) -> bool:
        """Whether the moment is going on."""
        return self.since_ms <= at_ms and (self.over_ms is None or at_ms <= self.over_ms)

    def holds(self, at_ms: int) -> bool:
        """Whether what is done now may be about this moment."""
        return self.since_ms <= at_ms and (self.over_ms is None or at_ms <= self.over_ms + AFTER_MS)


class MomentBook:
    """Collects findings by id, and what the host said next."""

    def __init__(self) -> None:
        self._all: dict[str, _Open] = {}
        self._speechless: list[_Open] = []
        self.left_out = 0

    def receive(self, finding: Finding, cards: Cards) -> None:
        """Take a finding about many, or how it went on."""
        if finding.finding_kind not in MOMENT_KINDS:
            return
        known = self._all.get(finding.finding_id)
        if known is None:
            if len(self._all) >= MAX_MOMENTS:
                self.left_out += finding.state == "opened"
                return
            known = self._all[finding.finding_id] = _Open(finding)
            self._speechless.append(known)
        known.grow(finding)
        card = _card_of(finding, cards)
        if card is not None:
            known.cards.add(card.card_id)

    def heard(self, said: HostSaid) -> None:
        """The host said something: the first words after a moment was flagged."""
        still: list[_Open] = []
        for moment in self._speechless:
            if not moment.holds(said.at_ms):
                continue
            if said.at_ms < moment.first.at_ms:
                still.append(moment)
            else:
                moment.host = _Words(said.at_ms, "host", clip(said.text))
        self._speechless = still

    def result(self, done: Done) -> tuple[Moment, ...]:
        """All moments in order of time, each with what was done about it."""
        ordered = sorted(self._all.values(), key=lambda each: (each.since_ms, each.first.at_ms))
        return tuple(_moment(each, done) for each in ordered)


def _moment(moment: _Open, done: Done) -> Moment:
    mine = _about(moment, done)
    verdict, words = _spoken(moment, mine)
    after = words.at_ms - moment.since_ms if words else None
    most, first = moment.most, moment.first
    acted = bool(mine.replies or mine.notices or mine.plans or mine.settled)
    return Moment(
        finding_id=first.finding_id,
        kind=_kind(first),
        topic=moment.topic,
        flavour=most.flavour,
        since_ms=moment.since_ms,
        found_ms=first.at_ms,
        over_ms=moment.over_ms,
        people=most.authors,
        comments=most.comments,
        with_order=moment.with_order,
        sample=tuple(clip(text) for text in most.sample),
        evidence=most.evidence,
        confidence=most.confidence,
        first_words=verdict,
        first_words_after_ms=after,
        first_words_limit_ms=_limit(moment),
        first_words_by=words.by if words else None,
        first_words_text=words.text if words else "",
        replies=tuple(mine.replies),
        notices=tuple(mine.notices),
        plans=tuple(mine.plans),
        settled=tuple(mine.settled),
        nothing_done=not acted and words is None,
    )


def _about(moment: _Open, done: Done) -> Done:
    """What was done about this moment: by its card, else by its time."""
    cards, holds = moment.cards, moment.holds
    return Done(
        replies=[
            reply
            for reply in done.replies
            if reply.card_id in cards or (not reply.card_id and moment.lasts(reply.at_ms))
        ],
        notices=[notice for notice in done.notices if holds(notice.asked_ms)],
        plans=[
            plan
            for plan in done.plans
            if plan.card_id in cards or (not plan.card_id and holds(plan.opened_ms))
        ],
        settled=[each for each in done.settled if each.card.card_id in cards],
    )


def _first_words(moment: _Open, mine: Done) -> _Words | None:
    """The first words that were meant for this: a used reply, or a notice that was seen."""
    said = [_Words(reply.at_ms, "reply", reply.text) for reply in mine.replies]
    said += [
        _Words(notice.seen_ms, "notice", notice.text)
        for notice in mine.notices
        if notice.seen_ms is not None
    ]
    said = [words for words in said if words.at_ms >= moment.since_ms]
    return min(said, key=lambda words: words.at_ms, default=None)


def _limit(moment: _Open) -> int | None:
    match moment.first.finding_kind:
        case "accident":
            return TECHNICAL_WORDS_MS
        case "raid":
            return None
        case _:
            return OTHER_WORDS_MS


def _spoken(moment: _Open, mine: Done) -> tuple[FirstWords, _Words | None]:
    """The verdict on the first words, and the words that it rests on.

    What the host said next may have been about this, or the show going on: where nothing
    else was in time, it is told with the words and left to the reader.
    """
    words, limit = _first_words(moment, mine), _limit(moment)
    if limit is None:
        return "not_wanted", words
    if words is not None and words.at_ms - moment.since_ms <= limit:
        return "in_time", words
    host = moment.host
    if host is not None and (words is None or host.at_ms < words.at_ms):
        return "unclear", host
    return ("none" if words is None else "late"), words


def _kind(finding: Finding) -> MomentKind:
    match finding.finding_kind:
        case "accident" | "mass_complaint" | "raid" as kind:
            return kind
        case other:
            raise AssertionError(other)


def _card_of(finding: Finding, cards: Cards) -> Card | None:
    panel = cards.panel()
    for card in (*panel.cards, *panel.settled):
        if card.card_id.startswith(f"{finding.finding_kind}:{finding.finding_id}#"):
            return card
        joined = card.kind == finding.finding_kind == "mass_complaint"
        if joined and card.topic == finding.topic and card.last_ms == finding.at_ms:
            return card
    return None
