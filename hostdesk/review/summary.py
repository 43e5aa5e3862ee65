"""`summarise`: one pass over a journal gives the look back at the show."""

from collections.abc import Iterable

from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.desk import Desk
from hostdesk.desk.removals import Removals
from hostdesk.events import (
    AnyEvent,
    CardRestored,
    CardSettled,
    Comment,
    HostSaid,
    PlanOpened,
    PromiseSettled,
    Removed,
    ReplyUsed,
    ShowClosed,
    ShowOpened,
)
from hostdesk.findings import Derived, Finding, QuestionGroup, Verdict
from hostdesk.review.broadcast import BroadcastBook
from hostdesk.review.crowd import Crowd
from hostdesk.review.doings import Plans, Settlements, unanswered
from hostdesk.review.driving import Row, Taken, drive
from hostdesk.review.flagged import LaneBook
from hostdesk.review.moments import Done, MomentBook
from hostdesk.review.rows import Facts, ShowReview, TakenBack
from hostdesk.review.said import Notices, PromiseBook, Replies
from hostdesk.review.waiting import Buyers, Questions


def summarise(
    opened: ShowOpened,
    events: Iterable[Row],
    derived: Iterable[tuple[int, Derived]],
    *,
    counsel: Counsel,
    now_ms: int,
) -> ShowReview:
    """Look back at one show, in one pass and in memory that hardly grows with it.

    ``events`` are (seq, judged, event) as the journal keeps them, ``derived`` are
    (seq, verdict or finding) in order of judging. Nothing is judged anew: what is told is
    what was flagged live. ``now_ms`` decides which promises are late by now.
    """
    book = _Book(opened, counsel)
    for taken in drive(book.desk, events, derived):
        book.receive(taken)
    return book.result(now_ms)


class _Book:
    """Hands every event to those who count it."""

    def __init__(self, opened: ShowOpened, counsel: Counsel) -> None:
        self._opened = opened
        self.desk = Desk(opened, counsel)
        self._content_changed = opened.content_hash not in ("", counsel.content_hash)
        self._last_ms = opened.at_ms
        self._closed: ShowClosed | None = None
        self._crowd, self._lanes, self._buyers = Crowd(), LaneBook(), Buyers()
        self._broadcast, self._moments, self._questions = BroadcastBook(), MomentBook(), Questions()
        self._replies, self._notices, self._plans = Replies(), Notices(), Plans()
        self._settlements, self._removals = Settlements(), Removals()
        self._promises = PromiseBook(self.desk.promises.rows)

    def receive(self, taken: Taken) -> None:
        event = taken.event
        self._last_ms = max(self._last_ms, event.at_ms)
        if isinstance(event, Comment):
            self._comment(event, taken.derived)
        elif isinstance(event, Removed):
            self._removals.take(taken.seq, event)
        elif taken.accepted:
            self._act(event)
        if taken.derived:
            self._found(taken.derived)
        self._notices.look(self.desk.notice.panel, event.at_ms)
        self._plans.look(self.desk.incident.panel, event.at_ms)
        self._promises.look(self.desk.promises.rows, event.at_ms)

    def _comment(self, comment: Comment, derived: list[Derived]) -> None:
        verdict = next((each for each in derived if isinstance(each, Verdict)), None)
        self._crowd.receive(comment, verdict)
        if verdict is not None:
            self._lanes.receive(comment, verdict)
            self._buyers.receive(comment, verdict, self.desk.cards)

    def _found(self, derived: list[Derived]) -> None:
        for each in derived:
            match each:
                case Finding():
                    self._moments.receive(each, self.desk.cards)
                case QuestionGroup():
                    self._questions.receive(each)
                case _:
                    pass

    def _act(self, event: AnyEvent) -> None:
        match event:
            case ReplyUsed():
                card = self.desk.cards.get(event.card_id)
                self._replies.receive(event, card.topic if card else "")
            case HostSaid():
                self._moments.heard(event)
            case PlanOpened():
                self._plans.opened(self.desk.incident.panel, event.card_id, event.at_ms)
            case PromiseSettled():
                self._promises.settled(event)
            case CardSettled():
                self._settlements.settled(event, self.desk.cards.get(event.card_id))
            case CardRestored():
                self._settlements.restored(event)
            case ShowClosed():
                self._closed = event
            case _:
                self._broadcast.receive(event)

    def result(self, now_ms: int) -> ShowReview:
        last_ms = self._last_ms
        notices, plans = self._notices.finish(last_ms), self._plans.result()
        replies, settled = tuple(self._replies.done), tuple(self._settlements.done)
        answered = _newest(self._replies.last_for, self._settlements.answered_for)
        return ShowReview(
            facts=self._facts(now_ms),
            speech=self._crowd.result(),
            broadcast=self._broadcast.result(last_ms),
            pace=self._crowd.pace.result(),
            moments=self._moments.result(Done(replies, notices, plans, settled)),
            lanes=self._lanes.result(self._removals),
            replies=replies,
            notices=notices,
            plans=plans,
            promises=self._promises.result(max(now_ms, last_ms)),
            settlements=settled,
            unanswered=unanswered(self.desk.cards, answered),
            buyers=self._buyers.result(answered),
            questions=self._questions.result(answered),
            removed=self._removed(),
            flags=self._settlements.flags(),
            left_out=self._left_out(),
            content_changed=self._content_changed,
        )

    def _removed(self) -> TakenBack:
        comments, people, chats = self._removals.counts
        return TakenBack(comments=comments, people=people, chats=chats)

    def _facts(self, now_ms: int) -> Facts:
        opened, closed = self._opened, self._closed
        unexpected = closed is not None and closed.why == "unexpected"
        return Facts(
            show_id=opened.show_id,
            title=opened.title,
            opened_ms=opened.at_ms,
            last_ms=closed.at_ms if closed else self._last_ms,
            state="open" if closed is None else "unexpected" if unexpected else "closed",
            closed_why=closed.why if closed else "",
            rehearsal=opened.rehearsal,
            zone_offset_min=opened.zone_offset_min,
            platform=opened.platform,
            version=opened.version,
            made_ms=now_ms,
        )

    def _left_out(self) -> dict[str, int]:
        counts = {
            "moments": self._moments.left_out,
            "replies": self._replies.done.left_out,
            "notices": self._notices.left_out,
            "plans": self._plans.left_out,
            "promises": self._promises.left_out,
            "settlements": self._settlements.done.left_out,
            "buyers": self._buyers.left_out,
        }
        return {name: count for name, count in counts.items() if count}


def _newest(*times: dict[str, int]) -> dict[str, int]:
    """Card → when an answer was last on record."""
    newest: dict[str, int] = {}
    for each in times:
        for card_id, at_ms in each.items():
            newest[card_id] = max(at_ms, newest.get(card_id, at_ms))
    return newest
