"""The live accident: many people say that picture or sound is gone, or the broadcast shows it."""

from collections import Counter, deque

import msgspec

from hostdesk.analysis.broadcasting import Broadcast
from hostdesk.analysis.spoken import MAX_SEQS, Numbers, Spoken, distinct, excerpt
from hostdesk.analysis.window import People
from hostdesk.findings import Evidence, Finding, Label

WINDOW_MS = 15_000
MIN_AUTHORS = 4
ACTIVE_SHARE = 0.02
"""Or this share of the people who spoke in the last five minutes."""

LATE_MS = 120_000
"""After recovery, late "卡了" is about what is over."""

_LATE_FACTOR = 3
_RECOVERED_BY = 3
_RECOVERY_MS = 20_000
_QUIET_MS = 60_000
_SPEAK_ON = 3
"""Comments about something else: a room that is silent may be silent because nothing arrives."""
_GIVEN_UP_MS = 900_000
_GROWTH = 1.5
_EVERY_MS = 5_000
_MAX_REPORTS = 3_000
_ASKED_WEIGHT = 0.5
_TOPICS = frozenset({"freeze", "sound", "cut"})


class _Report(msgspec.Struct, frozen=True, gc=False):
    at_ms: int
    author: int
    seq: int
    topic: str
    weight: float
    text: str
    ordered: bool


class _Incident:
    def __init__(self, finding_id: str, since_ms: int, topic: str) -> None:
        self.finding_id = finding_id
        self.since_ms = since_ms
        self.topic = topic
        self.authors: dict[int, bool] = {}
        self.comments = 0
        self.newest: deque[_Report] = deque(maxlen=MAX_SEQS)
        self.told = 0
        self.told_ms = 0
        self.told_signals = 0

    def add(self, report: _Report) -> None:
        self.comments += 1
        self.newest.append(report)
        if len(self.authors) < _MAX_REPORTS:
            self.authors[report.author] = self.authors.get(report.author, False) or report.ordered


class Accidents:
    """One incident at a time: what follows from a broken stream belongs to it."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._reports: deque[_Report] = deque(maxlen=_MAX_REPORTS)
        self._people = People(WINDOW_MS, _MAX_REPORTS)
        self._recovered = People(_RECOVERY_MS, 500)
        self._incident: _Incident | None = None
        self._closed_ms: int | None = None
        self._active = 0
        self._elsewhere = 0
        self.broadcast = Broadcast()

    @property
    def is_open(self) -> bool:
        """Whether an accident is going on."""
        return self._incident is not None

    def receive(self, spoken: Spoken, *, answers: bool) -> list[Finding]:
        """Take one comment. ``answers``: it only answers the host's "卡的扣1"."""
        self._active = spoken.who.active
        self._forget(spoken.at_ms)
        weight = _weight(spoken)
        if weight and not answers:
            self._report(spoken, weight)
        elif spoken.judged.recovery:
            self._recovered.add(spoken.at_ms, spoken.who.author)
        else:
            self._elsewhere += 1
            return []
        return self.passes(spoken.at_ms)

    def passes(self, now_ms: int) -> list[Finding]:
        """Look again: time went by, or the broadcast told something."""
        self._forget(now_ms)
        if self._incident is None:
            return self._open(now_ms)
        if self._is_over(now_ms):
            return self._close(now_ms)
        return self._grow(self._incident, now_ms)

    def _report(self, spoken: Spoken, weight: float) -> None:
        topic = _topic(spoken)
        report = _Report(
            spoken.at_ms,
            spoken.who.author,
            spoken.seq,
            topic,
            weight,
            excerpt(spoken.text),
            spoken.who.ordered,
        )
        self._elsewhere = 0
        self._reports.append(report)
        self._people.add(report.at_ms, report.author, weight)
        if self._incident is not None:
            self._incident.add(report)

    def _forget(self, now_ms: int) -> None:
        while self._reports and self._reports[0].at_ms < now_ms - WINDOW_MS:
            self._reports.popleft()
        self._people.forget(now_ms)
        self._recovered.forget(now_ms)

    def _threshold(self, now_ms: int) -> float:
        base = max(float(MIN_AUTHORS), ACTIVE_SHARE * self._active)
        late = self._closed_ms is not None and now_ms - self._closed_ms < LATE_MS
        return base * _LATE_FACTOR if late else base

    def _open(self, now_ms: int) -> list[Finding]:
        said = self._people.weight >= self._threshold(now_ms) - 0.01
        shown = self.broadcast.broken_topic(now_ms)
        if not said and not shown:
            return []
        since = self._reports[0].at_ms if said else self.broadcast.since_ms or now_ms
        incident = _Incident(self._numbers.take("accident"), since, shown or "freeze")
        for report in self._reports:
            incident.add(report)
        if said:
            incident.topic = _main_topic(incident)
        self._incident = incident
        self._recovered.clear()
        return [self._tell(incident, now_ms, "opened")]

    def _grow(self, incident: _Incident, now_ms: int) -> list[Finding]:
        grown = len(incident.authors) >= max(1, incident.told) * _GROWTH
        newly = len(self._signals(incident, now_ms)) > incident.told_signals
        more = len(incident.authors) > incident.told and now_ms - incident.told_ms >= _EVERY_MS
        if not (grown or newly or more):
            return []
        return [self._tell(incident, now_ms, "grew")]

    def _is_over(self, now_ms: int) -> bool:
        if self.broadcast.is_bad(now_ms):
            return False
        calm = self._people.weight < max(float(MIN_AUTHORS), ACTIVE_SHARE * self._active)
        recovered = len(self._recovered)
        if recovered >= _RECOVERED_BY and recovered > self._people.weight:
            return True
        if calm and self.broadcast.recovered_since(self._incident_since(), now_ms):
            return True
        newest = self._incident.newest if self._incident else None
        last_ms = max(
            newest[-1].at_ms if newest else 0, self.broadcast.bad_ms, self._incident_since()
        )
        wait_ms = _QUIET_MS if self._elsewhere >= _SPEAK_ON else _GIVEN_UP_MS
        return now_ms - last_ms >= wait_ms

    def _incident_since(self) -> int:
        return self._incident.since_ms if self._incident else 0

    def _close(self, now_ms: int) -> list[Finding]:
        incident, self._incident = self._incident, None
        self._closed_ms = now_ms
        self._reports.clear()
        self._people.clear()
        return [self._tell(incident, now_ms, "closed")] if incident else []

    def _signals(self, incident: _Incident, now_ms: int) -> list[Evidence]:
        people = Evidence(
            "distinct_people",
            float(len(incident.authors)),
            round(max(float(MIN_AUTHORS), ACTIVE_SHARE * self._active), 1),
        )
        return [people, *self.broadcast.evidence(incident.topic, incident.since_ms, now_ms)]

    def _tell(self, incident: _Incident, now_ms: int, state: str) -> Finding:
        if incident.newest and state == "grew" and len(incident.authors) < 2 * MIN_AUTHORS:
            incident.topic = _main_topic(incident)
        signals = self._signals(incident, now_ms)
        incident.told, incident.told_ms = len(incident.authors), now_ms
        incident.told_signals = len(signals)
        return Finding(
            finding_id=incident.finding_id,
            finding_kind="accident",
            state="closed" if state == "closed" else "grew" if state == "grew" else "opened",
            at_ms=now_ms,
            since_ms=incident.since_ms,
            topic=incident.topic,
            flavour="accident",
            labels=(Label.ACCIDENT,),
            authors=len(incident.authors),
            comments=incident.comments,
            sample=distinct([report.text for report in reversed(incident.newest)]),
            seqs=tuple(report.seq for report in incident.newest),
            with_order=sum(incident.authors.values()),
            evidence=tuple(signals),
            confidence=self._confidence(incident, len(signals) - 1),
        )

    def _confidence(self, incident: _Incident, signals: int) -> float:
        said = min(0.3, 0.02 * len(incident.authors)) if incident.authors else 0.0
        clean = self.broadcast.is_known and not signals
        return round(min(0.98, 0.45 + said + 0.2 * min(2, signals) - 0.15 * clean), 2)


def _weight(spoken: Spoken) -> float:
    if spoken.has(Label.ACCIDENT):
        return 1.0
    return _ASKED_WEIGHT if spoken.judged.asked_accident else 0.0


def _topic(spoken: Spoken) -> str:
    said = [mark for mark in spoken.judged.marks if mark.label is Label.ACCIDENT]
    best = max(said, key=lambda mark: (mark.weight, -mark.start), default=None)
    return best.topic if best is not None and best.topic in _TOPICS else "freeze"


def _main_topic(incident: _Incident) -> str:
    counts = Counter(report.topic for report in incident.newest)
    return max(counts, key=lambda topic: (counts[topic], topic)) if counts else incident.topic
