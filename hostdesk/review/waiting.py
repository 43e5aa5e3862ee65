"""Who asked or complained, and whether an answer is on record."""

from hostdesk.desk.cards import Cards
from hostdesk.events import Comment
from hostdesk.findings import QuestionGroup, Verdict
from hostdesk.review.crowd import COMPLAINTS
from hostdesk.review.lists import MAX_NAME, clip, person
from hostdesk.review.rows import Asked, BuyerComplaint

MAX_BUYERS = 500
MAX_QUESTIONS = 60


class _Buyer:
    __slots__ = ("card_id", "comments", "newest", "topic")

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.card_id = ""
        self.comments = 0
        self.newest: Comment | None = None


class Buyers:
    """People with an order who complained. A person counts once for each topic."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, str], _Buyer] = {}
        self.left_out = 0

    def receive(self, comment: Comment, verdict: Verdict, cards: Cards) -> None:
        """Take a judged comment; what is no buyer's complaint is ignored."""
        who = person(comment.author_id)
        if who is None or not comment.has_order or COMPLAINTS.isdisjoint(verdict.labels):
            return
        key = (who, verdict.topic)
        buyer = self._waiting.get(key)
        if buyer is None:
            if len(self._waiting) >= MAX_BUYERS:
                self.left_out += 1
                return
            buyer = self._waiting[key] = _Buyer(verdict.topic)
        buyer.comments += 1
        buyer.newest = comment
        buyer.card_id = _card_of(verdict.seq, cards)

    def result(self, answered: dict[str, int]) -> tuple[BuyerComplaint, ...]:
        """Those whose last complaint has no answer: ``answered`` is card → when last."""
        return tuple(
            _complaint(buyer)
            for buyer in self._waiting.values()
            if buyer.newest and answered.get(buyer.card_id, -1) < buyer.newest.at_ms
        )


class Questions:
    """Questions that many asked, by topic."""

    def __init__(self) -> None:
        self._groups: dict[str, set[str]] = {}
        self._most: dict[str, QuestionGroup] = {}

    def receive(self, group: QuestionGroup) -> None:
        """Take a group, or its growth."""
        if group.topic not in self._most and len(self._most) >= MAX_QUESTIONS:
            return
        self._groups.setdefault(group.topic, set()).add(group.group_id)
        most = self._most.get(group.topic)
        if most is None or group.authors > most.authors:
            self._most[group.topic] = group

    def result(self, answered: dict[str, int]) -> tuple[Asked, ...]:
        """The most asked first."""
        prefixes = {card_id.rpartition("#")[0] for card_id in answered}
        ranked = sorted(self._most.values(), key=lambda group: (-group.authors, group.topic))
        return tuple(
            Asked(
                topic=group.topic,
                people=group.authors,
                groups=len(self._groups[group.topic]),
                sample=tuple(clip(text) for text in group.sample[:3]),
                answered=f"questions:{group.topic}" in prefixes,
            )
            for group in ranked
        )


def _card_of(seq: int, cards: Cards) -> str:
    """The card that the newest comment lies on."""
    panel = cards.panel()
    for card in (*panel.cards, *panel.settled):
        if card.seqs and card.seqs[-1] == seq:
            return card.card_id
    return ""


def _complaint(buyer: _Buyer) -> BuyerComplaint:
    assert buyer.newest is not None
    return BuyerComplaint(
        author=clip(buyer.newest.author_name, MAX_NAME),
        at_ms=buyer.newest.at_ms,
        text=clip(buyer.newest.text),
        topic=buyer.topic,
        comments=buyer.comments,
    )
