"""How much was said, by how many people, about what; and its pace."""

from collections import Counter

from hostdesk.events import Comment
from hostdesk.findings import Label, Verdict
from hostdesk.review.lists import person
from hostdesk.review.rows import Bin, Enough, Pace, Rate, Speech

MIN_COMMENTS = 200
"""Rates per 1,000 comments are told from this many comments on: below it one comment more
moves the figure by five or more."""
MIN_SPEAKERS = 100
COMPLAINTS = frozenset({Label.COMPLAINT, Label.SAFETY, Label.LEGAL})

STEP_MS = 60_000
MAX_BINS = 1_440
"""A day of minutes. Beyond it steps are doubled."""

_LINES = (Label.COMPLAINT, Label.ACCIDENT, Label.HOSTILE, Label.RUMOUR)


class Crowd:
    """Counts comments, people and labels."""

    def __init__(self) -> None:
        self._comments = self._masked = 0
        self._people: set[int] = set()
        self._complainants: set[int] = set()
        self._by_label: Counter[Label] = Counter()
        self._people_by_label: dict[Label, set[int]] = {}
        self._orders_known = False
        self.pace = PaceBook()

    def receive(self, comment: Comment, verdict: Verdict | None) -> None:
        """Take one comment and what it was judged to be."""
        self._comments += 1
        who = person(comment.author_id)
        if who is None:
            self._masked += 1
        else:
            self._people.add(who)
        if comment.has_order is not None:
            self._orders_known = True
        labels = verdict.labels if verdict else ()
        self.pace.receive(comment.at_ms, labels)
        for label in labels:
            self._by_label[label] += 1
            if who is not None:
                self._people_by_label.setdefault(label, set()).add(who)
                if label in COMPLAINTS:
                    self._complainants.add(who)

    def result(self) -> Speech:
        """The figures; null where there are too few to tell."""
        told: Enough = "known" if self._comments >= MIN_COMMENTS else "too_few"
        people, people_state = self._distinct()
        complainants = len(self._complainants)
        return Speech(
            comments=self._comments,
            people=people,
            people_state=people_state,
            masked=self._masked,
            rates_state=told,
            labels=tuple(self._rate(label) for label, _ in self._by_label.most_common()),
            complainants=complainants,
            complainants_per_1000=self._share(complainants),
            complainants_state=self._complainants_state(),
            orders_known=self._orders_known,
        )

    def _distinct(self) -> tuple[int | None, Enough]:
        if self._comments and self._masked == self._comments:
            return None, "masked"
        return len(self._people), "known"

    def _complainants_state(self) -> Enough:
        if self._masked * 2 > self._comments:
            return "masked"
        return "known" if len(self._people) >= MIN_SPEAKERS else "too_few"

    def _share(self, complainants: int) -> float | None:
        if self._complainants_state() != "known":
            return None
        return round(1000 * complainants / len(self._people), 1)

    def _rate(self, label: Label) -> Rate:
        comments = self._by_label[label]
        enough = self._comments >= MIN_COMMENTS
        return Rate(
            label=label.value,
            comments=comments,
            people=len(self._people_by_label.get(label, ())),
            per_1000=round(1000 * comments / self._comments, 1) if enough else None,
        )


class PaceBook:
    """Comments by minute; a recording that spans days is told in longer steps."""

    def __init__(self) -> None:
        self._step_ms = STEP_MS
        self._bins: dict[int, list[int]] = {}

    def receive(self, at_ms: int, labels: tuple[Label, ...]) -> None:
        """Count one comment."""
        bins = self._bins
        step = bins.get(at_ms // self._step_ms)
        if step is None:
            step = bins[at_ms // self._step_ms] = [0] * (1 + len(_LINES))
            if len(bins) > MAX_BINS:
                self._double()
                step = self._bins[at_ms // self._step_ms]
        step[0] += 1
        if labels:
            for place, label in enumerate(_LINES, 1):
                step[place] += label in labels

    def result(self) -> Pace:
        """Every step with a comment in it, oldest first."""
        return Pace(
            step_ms=self._step_ms,
            bins=tuple(
                Bin(
                    at_ms=number * self._step_ms,
                    comments=step[0], complaint=step[1], accident=step[2],
                    hostile=step[3], rumour=step[4],
                )
                for number, step in sorted(self._bins.items())
            ),
        )  # fmt: skip

    def _double(self) -> None:
        self._step_ms *= 2
        merged: dict[int, list[int]] = {}
        for number, step in self._bins.items():
            into = merged.setdefault(number // 2, [0] * len(step))
            for place, count in enumerate(step):
                into[place] += count
        self._bins = merged
        if len(merged) > MAX_BINS:
            self._double()
