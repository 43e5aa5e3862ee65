"""待处理: what waits for a person, as cards. A complaint is never pushed off by questions."""

from collections import Counter, OrderedDict
from collections.abc import Container, Iterable, Sequence

import msgspec

from hostdesk.analysis.people import number_of
from hostdesk.desk.compact import NumberSet
from hostdesk.desk.rows import Card, CardKind, CardsPanel
from hostdesk.errors import AskRefusedError
from hostdesk.events import CardRestored, CardSettled, Comment
from hostdesk.findings import Finding, Label, Lane, QuestionGroup, Verdict

MAX_CARDS = 60
MAX_SETTLED = 12
MAX_SAMPLE = 5
MAX_SEQS = 50
MAX_TEXTS = 50
MAX_ENTRIES = 200
MAX_ALIKE = 5_000
QUIET_MS = 180_000
"""Question cards fade three minutes after the last question, ended waves after ten."""
OVER_MS = 600_000
SAME_PEOPLE_MS = 120_000
"""After a card was settled, the same people on the same topic open no new one so soon."""

_URGENCY: dict[CardKind, int] = {
    "accident": 0,
    "mass_complaint": 2,
    "raid": 3,
    "comments": 4,
    "questions": 8,
    "echo": 9,
}
_MASKED = frozenset({"", "0"})
"""Ids of authors whom the platform hides: nobody knows whether two of them are one."""
_LANE_URGENCY = {Lane.ANSWER: 0, Lane.VERIFY: 1, Lane.SUPPORT: 2, Lane.DISPOSE: 3}


class Pile:
    """What lies behind one card."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.settled_ms = 0
        self.authors = NumberSet()
        self.buyers = NumberSet()
        self.words: Counter[str] = Counter()
        self.texts: list[str] = []
        self.entries: OrderedDict[int, tuple[str, str, bool]] = OrderedDict()
        """Number → author, text, whether there is an order; the newest of them."""

    def add(self, comment: Comment, verdict: Verdict, alike: Container[int]) -> None:
        """One more comment on this card's topic; ``alike``: numbers that a wave holds."""
        card = self.card
        self.entries[verdict.seq] = (comment.author_id, comment.text, comment.has_order is True)
        if len(self.entries) > MAX_ENTRIES:
            self.entries.popitem(last=False)
        author = number_of(comment.author_id)
        if len(self.authors) < 10_000:
            self.authors.add(author)
        if comment.has_order and len(self.buyers) < 10_000:
            self.buyers.add(author)
        if len(self.texts) < MAX_TEXTS:
            self.texts.append(comment.text)
        self.words.update(comment.text[span.start : span.end] for span in verdict.spans)
        self.card = msgspec.structs.replace(
            card,
            last_ms=comment.at_ms,
            authors=max(card.authors, len(self.authors)),
            comments=card.comments + 1,
            with_order=max(card.with_order, len(self.buyers)),
            words=tuple(word for word, _ in self.words.most_common(4)),
            seqs=(*card.seqs, verdict.seq)[-MAX_SEQS:],
        )
        self.tell_apart(alike)

    def tell_apart(self, alike: Container[int]) -> None:
        """Pull real voices out of a wave: own words stand first, copies are counted."""
        copied = {author for seq, (author, _, _) in self.entries.items() if seq in alike}
        ranked = sorted(
            self.entries.items(), key=lambda each: (not each[1][2], each[0] in alike, -each[0])
        )
        texts = tuple(dict.fromkeys(text for _, (_, text, _) in ranked))[:MAX_SAMPLE]
        self.card = msgspec.structs.replace(self.card, sample=texts, alike=len(copied))


class Cards:
    """All cards of the show; the panel lists the open ones, most urgent first."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, Pile] = OrderedDict()
        self._settled: OrderedDict[str, Pile] = OrderedDict()
        self._by_key: dict[str, str] = {}
        self._opened = 0
        self._alike: OrderedDict[int, None] = OrderedDict()
        self.chosen_id = ""
        self._revision = 1
        self._panel: CardsPanel | None = None

    def panel(self) -> CardsPanel:
        """The panel as it is now."""
        if self._panel is None:
            cards = sorted((pile.card for pile in self._open.values()), key=_order)
            self._panel = CardsPanel(
                revision=self._revision,
                cards=tuple(cards[:MAX_CARDS]),
                chosen_id=self.chosen_id,
                settled=tuple(pile.card for pile in reversed(self._settled.values())),
            )
        return self._panel

    def current(self) -> Card | None:
        """The card that advice is for: the chosen one, else the most urgent."""
        if self.chosen_id in self._open:
            return self._open[self.chosen_id].card
        cards = self.panel().cards
        return cards[0] if cards else None

    def get(self, card_id: str) -> Card | None:
        """An open or settled card."""
        pile = self._open.get(card_id) or self._settled.get(card_id)
        return pile.card if pile else None

    def texts(self, card_id: str) -> Sequence[str]:
        """What the comments of a card said (at most 50), for learning from 误报."""
        pile = self._open.get(card_id) or self._settled.get(card_id)
        return pile.texts if pile else ()

    def choose(self, card_id: str) -> None:
        """Advice is for this card now; empty lets the desk choose."""
        self.chosen_id = card_id
        self._touch()

    def verdict(self, comment: Comment, verdict: Verdict) -> None:
        """A comment was judged."""
        lane = verdict.lane
        if lane is None or lane is Lane.ACCIDENT:
            return
        key = f"{lane}:{_label_of(verdict) or ''}:{verdict.topic}"
        pile = self._pile(key, comment.author_id, comment.at_ms)
        if pile is None:
            kind: CardKind = "comments"
            pile = self._new(key, kind, lane, verdict.topic, _label_of(verdict), comment.at_ms)
        pile.add(comment, verdict, self._alike)
        self._touch()

    def questions(self, group: QuestionGroup) -> None:
        """Many people ask the same."""
        key = f"questions:{group.topic}"
        pile = self._pile(key, "", group.at_ms)
        if pile is None:
            if self._settled_lately(key, group.at_ms):
                return
            pile = self._new(key, "questions", None, group.topic, Label.QUESTION, group.at_ms)
        pile.card = msgspec.structs.replace(
            pile.card,
            last_ms=group.at_ms,
            authors=group.authors,
            comments=group.comments,
            sample=group.sample[:MAX_SAMPLE],
            seqs=group.seqs[-MAX_SEQS:],
        )
        self._touch()

    def finding(self, finding: Finding, plan_id: str) -> None:
        """A crowd was found, grew, or is over."""
        kind = finding.finding_kind
        if kind == "flag" or kind == "echo":
            return
        if kind == "raid":
            self._note_alike(finding.seqs)
        key = f"{kind}:{finding.finding_id}"
        if kind == "mass_complaint":
            key = self._complaint_key(finding.topic) or key
        pile = self._pile(key, "", finding.at_ms)
        if pile is None:
            if finding.state == "closed" or key in self._by_key:
                return
            lane = {"accident": Lane.ACCIDENT, "mass_complaint": Lane.ANSWER}.get(kind)
            pile = self._new(key, kind, lane, finding.topic, None, finding.since_ms)
        pile.card = _with_finding(pile.card, finding, plan_id)
        self._touch()

    def _note_alike(self, seqs: Sequence[int]) -> None:
        """These comments are copies: what they complain of stays, but told apart."""
        self._alike.update(dict.fromkeys(seqs))
        while len(self._alike) > MAX_ALIKE:
            self._alike.popitem(last=False)
        for pile in self._open.values():
            if any(seq in pile.entries for seq in seqs):
                pile.tell_apart(self._alike)

    def settle(self, ask: CardSettled) -> Card:
        """A person dealt with a card.

        Raises:
            AskRefusedError: it is not open; only 违规 can be disposed of, with a reason.
        """
        pile = self._open.get(ask.card_id)
        if pile is None:
            raise AskRefusedError(reason="card_unknown")
        if ask.how == "disposed":
            if pile.card.lane is not Lane.DISPOSE:
                raise AskRefusedError(reason="not_disposable")
            if not ask.reason.strip():
                raise AskRefusedError(reason="reason_missing")
        del self._open[ask.card_id]
        pile.card = msgspec.structs.replace(
            pile.card, state="settled", settled_how=ask.how, last_ms=ask.at_ms
        )
        pile.settled_ms = ask.at_ms
        self._settled[ask.card_id] = pile
        while len(self._settled) > MAX_SETTLED:
            self._forget(next(iter(self._settled)))
        if self.chosen_id == ask.card_id:
            self.chosen_id = ""
        self._touch()
        return pile.card

    def restore(self, ask: CardRestored) -> None:
        """Undo of `settle`.

        Raises:
            AskRefusedError: it was not settled lately.
        """
        pile = self._settled.pop(ask.card_id, None)
        if pile is None:
            raise AskRefusedError(reason="card_unknown")
        pile.card = msgspec.structs.replace(pile.card, state="open", settled_how="")
        self._open[ask.card_id] = pile
        self._by_key[pile.card.card_id.rpartition("#")[0]] = ask.card_id
        self._touch()

    def tick(self, at_ms: int) -> None:
        """Let what is over fade."""
        for card_id in [i for i, pile in self._open.items() if _faded(pile.card, at_ms)]:
            self._open.pop(card_id)
            self._by_key.pop(card_id.rpartition("#")[0], None)
            self._touch()

    def waiting(self) -> int:
        """待回: how many cards wait for an answer."""
        return sum(p.card.lane is Lane.ANSWER for p in self._open.values())

    def awaits(self, author_id: str) -> bool:
        """Whether this person has said something that is still to be answered."""
        if author_id in _MASKED:
            return False
        number = number_of(author_id)
        return any(
            number in pile.authors
            for pile in self._open.values()
            if pile.card.lane in (Lane.ANSWER, Lane.SUPPORT)
        )

    def _pile(self, key: str, author: str, at_ms: int) -> Pile | None:
        """The pile of ``key``: the open one, or the settled one for the same people."""
        card_id = self._by_key.get(key, "")
        if card_id in self._open:
            return self._open[card_id]
        pile = self._settled.get(card_id)
        is_known = pile is not None and author not in _MASKED and number_of(author) in pile.authors
        return pile if is_known and pile and at_ms < pile.settled_ms + SAME_PEOPLE_MS else None

    def _settled_lately(self, key: str, at_ms: int) -> bool:
        pile = self._settled.get(self._by_key.get(key, ""))
        return pile is not None and at_ms < pile.settled_ms + SAME_PEOPLE_MS

    def _complaint_key(self, topic: str) -> str:
        for label in (Label.SAFETY, Label.COMPLAINT, Label.PRICE):
            key = f"{Lane.ANSWER}:{label}:{topic}"
            if self._by_key.get(key) in self._open:
                return key
        return ""

    def _new(
        self,
        key: str,
        kind: CardKind,
        lane: Lane | None,
        topic: str,
        label: Label | None,
        at_ms: int,
    ) -> Pile:
        self._opened += 1
        card_id = f"{key}#{self._opened}"
        card = Card(
            card_id=card_id, kind=kind, lane=lane, topic=topic, label=label,
            since_ms=at_ms, last_ms=at_ms, authors=0, comments=0,
        )  # fmt: skip
        pile = self._open[card_id] = Pile(card)
        self._by_key[key] = card_id
        if len(self._open) > MAX_CARDS:
            self._drop_least()
        return pile

    def _drop_least(self) -> None:
        least = max((pile.card for pile in self._open.values()), key=_order)
        del self._open[least.card_id]
        self._by_key.pop(least.card_id.rpartition("#")[0], None)

    def _forget(self, card_id: str) -> None:
        del self._settled[card_id]
        key = card_id.rpartition("#")[0]
        if self._by_key.get(key) == card_id and not key.startswith(("accident:", "raid:")):
            del self._by_key[key]

    def _touch(self) -> None:
        self._revision += 1
        self._panel = None


def _with_finding(card: Card, finding: Finding, plan_id: str) -> Card:
    return msgspec.structs.replace(
        card,
        kind=finding.finding_kind,
        last_ms=finding.at_ms,
        since_ms=min(card.since_ms, finding.since_ms),
        flavour=finding.flavour,
        authors=max(card.authors, finding.authors),
        comments=max(card.comments, finding.comments),
        with_order=max(card.with_order, finding.with_order),
        sample=_merged(finding.sample, card.sample)[:MAX_SAMPLE],
        seqs=finding.seqs[-MAX_SEQS:] or card.seqs,
        evidence=finding.evidence,
        evidence_of=max(4, len(finding.evidence)) if finding.finding_kind == "raid" else 0,
        confidence=finding.confidence,
        plan_id=plan_id,
        state="over" if finding.state == "closed" else "open",
    )


def _merged(first: Iterable[str], then: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))


def _label_of(verdict: Verdict) -> Label | None:
    """The label that names the card: the gravest one."""
    for label in (
        Label.SAFETY, Label.PRIVACY, Label.MINOR, Label.LEGAL, Label.COMPLAINT, Label.PRICE,
        Label.RUMOUR, Label.SPAM, Label.HOSTILE,
    ):  # fmt: skip
        if label in verdict.labels:
            return label
    return verdict.labels[0] if verdict.labels else None


def _order(card: Card) -> tuple[int, int, int, int]:
    urgency = _URGENCY[card.kind]
    if card.label is Label.SAFETY and card.kind in ("comments", "mass_complaint"):
        urgency = 1
    if card.kind == "comments" and card.lane is not None:
        urgency += _LANE_URGENCY.get(card.lane, 0)
    if card.state == "over":
        urgency += 4
    return urgency, 0 if card.with_order else 1, -min(card.authors, 3), card.since_ms


def _faded(card: Card, at_ms: int) -> bool:
    if card.kind == "questions":
        return at_ms > card.last_ms + QUIET_MS
    ended = card.state == "over" or card.kind == "raid"
    return ended and at_ms > card.last_ms + OVER_MS
