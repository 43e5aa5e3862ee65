"""What people did at the desk: plans worked through, cards settled, and what was left."""

from collections import Counter

import msgspec

from hostdesk.desk.cards import Cards
from hostdesk.desk.rows import Card, PlanPanel
from hostdesk.events import CardRestored, CardSettled
from hostdesk.findings import Lane
from hostdesk.review.lists import Capped, clip
from hostdesk.review.rows import CardFacts, FlagCount, Flags, PlanDone, Settled, StepDone

MAX_PLANS, MAX_SETTLED = 200, 1_000
MIN_SETTLED = 10
"""A share of wrong flags is told from this many settled cards on."""
WAITING = (Lane.ANSWER, Lane.VERIFY, Lane.SUPPORT)


def card_facts(card: Card) -> CardFacts:
    """What a card was about, as it stands now."""
    return CardFacts(
        card_id=card.card_id,
        kind=card.kind,
        lane=card.lane,
        topic=card.topic,
        label=card.label.value if card.label else "",
        since_ms=card.since_ms,
        authors=card.authors,
        comments=card.comments,
        with_order=card.with_order,
        sample=tuple(clip(text) for text in card.sample),
        words=tuple(clip(word) for word in card.words),
    )


class Plans:
    """Follows the panel of the open plan."""

    def __init__(self) -> None:
        self._told: Capped[list[PlanDone]] = Capped(MAX_PLANS)
        self._now: list[PlanDone] | None = None
        self._panel = PlanPanel()

    @property
    def left_out(self) -> int:
        """Plans beyond those that are listed."""
        return self._told.left_out

    def opened(self, panel: PlanPanel, card_id: str, at_ms: int) -> None:
        """A plan was opened (the one before it, if any, was left for it)."""
        self._end(at_ms)
        self._panel = panel
        plan = PlanDone(
            plan_id=panel.plan_id,
            title=panel.title,
            severity=panel.severity,
            card_id=card_id,
            opened_ms=at_ms,
            steps=_steps(panel),
        )
        self._now = [plan]
        self._told.add(self._now)

    def look(self, panel: PlanPanel, at_ms: int) -> None:
        """The panel as it is after an event."""
        if panel is self._panel:
            return
        self._panel = panel
        if not panel.plan_id:
            self._end(at_ms)
        elif self._now is not None:
            self._now[0] = msgspec.structs.replace(self._now[0], steps=_steps(panel))

    def result(self) -> tuple[PlanDone, ...]:
        """All plans that were opened, oldest first."""
        return tuple(each[0] for each in self._told)

    def _end(self, at_ms: int) -> None:
        if self._now is not None:
            self._now[0] = msgspec.structs.replace(self._now[0], closed_ms=at_ms)
            self._now = None


class Settlements:
    """Cards that people dealt with; an undone one is taken off again."""

    def __init__(self) -> None:
        self.done: Capped[Settled] = Capped(MAX_SETTLED)
        self.answered_for: dict[str, int] = {}
        """Card → when it was settled as answered or handed over."""

    def settled(self, ask: CardSettled, card: Card | None) -> None:
        """A card was settled; ``card`` is how it stood."""
        if ask.how in ("answered", "handed_over"):
            self.answered_for[ask.card_id] = ask.at_ms
        facts = card_facts(card) if card else _unknown(ask.card_id)
        self.done.add(
            Settled(
                at_ms=ask.at_ms, how=ask.how, reason=clip(ask.reason), seat=ask.seat, card=facts
            )
        )

    def restored(self, ask: CardRestored) -> None:
        """It was taken back."""
        self.answered_for.pop(ask.card_id, None)
        kept = self.done.items
        for place in range(len(kept) - 1, -1, -1):
            if kept[place].card.card_id == ask.card_id:
                del kept[place]
                return

    def flags(self) -> Flags:
        """How often people said 误报."""
        settled: Counter[Lane | None] = Counter(each.card.lane for each in self.done)
        wrong = Counter(each.card.lane for each in self.done if each.how == "wrong_flag")
        total, mistaken = settled.total(), wrong.total()
        enough = total >= MIN_SETTLED
        return Flags(
            settled=total,
            wrong=mistaken,
            wrong_per_100=round(100 * mistaken / total, 1) if enough else None,
            state="known" if enough else "too_few",
            by=tuple(
                FlagCount(lane=lane, settled=count, wrong=wrong[lane])
                for lane, count in settled.most_common()
            ),
        )


def unanswered(cards: Cards, answered: dict[str, int]) -> tuple[CardFacts, ...]:
    """Cards that still waited at the end, without a reply on record."""
    return tuple(
        card_facts(card)
        for card in cards.panel().cards
        if card.lane in WAITING and card.state == "open" and card.card_id not in answered
    )


def _steps(panel: PlanPanel) -> tuple[StepDone, ...]:
    return tuple(
        StepDone(
            step_id=step.step_id,
            role=step.role,
            text=step.text,
            due_ms=step.due_ms,
            done_ms=step.done_ms,
        )
        for step in panel.steps
    )


def _unknown(card_id: str) -> CardFacts:
    """A card that this version of the desk does not know: what its id tells."""
    parts = card_id.rpartition("#")[0].split(":")
    known = {lane.value: lane for lane in Lane}
    lane = known.get(parts[0]) if parts else None
    return CardFacts(
        card_id=card_id,
        kind="comments" if lane else parts[0],
        lane=lane,
        topic=parts[-1],
        label=parts[1] if lane and len(parts) > 2 else "",
    )
