"""Several people with the same complaint: a real problem until shown otherwise."""

from collections import OrderedDict

import msgspec

from hostdesk.analysis.spoken import MAX_SEQS, Numbers, Spoken, distinct, excerpt
from hostdesk.findings import Evidence, Finding, Label

WINDOW_MS = 600_000
MIN_AUTHORS = 3
MIN_VAGUE = 5
"""Where nobody names the defect ("质量差")."""

_GROWTH = 1.5
_EVERY_MS = 20_000
_MAX_AUTHORS = 2_000
_LONG = 10
_RUN = 6
_MAX_RUNS = 1_000


class _Complaint(msgspec.Struct, frozen=True, gc=False):
    at_ms: int
    seq: int
    text: str
    ordered: bool
    owner: bool
    copied: bool
    """A new account with a long run of sounds that others used: no voice of its own."""


class _Wave:
    def __init__(self) -> None:
        self.by_author: OrderedDict[int, _Complaint] = OrderedDict()
        self.finding_id = ""
        self.since_ms = 0
        self.told = 0
        self.told_ms = 0
        self.comments = 0
        self._runs: OrderedDict[str, None] = OrderedDict()

    def is_copied(self, spoken: Spoken) -> bool:
        """Whether a new account uses the words of another, without an order or own use.

        The first one to say it has said it.
        """
        own_voice = spoken.who.ordered or spoken.judged.owner or not spoken.who.fresh
        if own_voice or len(spoken.canon) < _LONG:
            return False
        canon = spoken.canon
        runs = [canon[at : at + _RUN] for at in range(len(canon) - _RUN + 1)]
        copied = any(run in self._runs for run in runs)
        self._runs.update(dict.fromkeys(runs))
        while len(self._runs) > _MAX_RUNS:
            self._runs.popitem(last=False)
        return copied

    def voices(self) -> int:
        """Complainants who speak for themselves."""
        return sum(not one.copied for one in self.by_author.values())

    def forget_before(self, at_ms: int) -> None:
        while self.by_author:
            oldest = next(iter(self.by_author))
            if self.by_author[oldest].at_ms >= at_ms and len(self.by_author) <= _MAX_AUTHORS:
                return
            del self.by_author[oldest]


class Complaints:
    """Counts distinct complainants by topic over ten minutes."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._waves: dict[str, _Wave] = {}

    def receive(self, spoken: Spoken) -> list[Finding]:
        """Take one comment; return the wave it opens or lets grow."""
        told: list[Finding] = []
        for problem in problems_of(spoken):
            told += self._count(self._joined(problem), spoken)
        return told

    def _joined(self, problem: str) -> str:
        """A vague complaint ("质量差") joins the defect that is being talked about."""
        if "/" in problem:
            return problem
        going_on = [
            name
            for name, wave in self._waves.items()
            if wave.finding_id and name.startswith(f"{problem}/")
        ]
        return max(going_on, key=lambda name: (self._waves[name].told, name), default=problem)

    def _count(self, topic: str, spoken: Spoken) -> list[Finding]:
        wave = self._waves.setdefault(topic, _Wave())
        wave.forget_before(spoken.at_ms - WINDOW_MS)
        before = wave.by_author.pop(spoken.who.author, None)
        wave.by_author[spoken.who.author] = _Complaint(
            spoken.at_ms,
            spoken.seq,
            excerpt(spoken.text),
            spoken.who.ordered or (before is not None and before.ordered),
            spoken.judged.owner or (before is not None and before.owner),
            wave.is_copied(spoken) if before is None else before.copied,
        )
        wave.comments += 1
        return self._tell(topic, wave, spoken.at_ms)

    def passes(self, now_ms: int) -> list[Finding]:
        """Time went by: tell what was held back; a wave that nobody adds to is over."""
        told: list[Finding] = []
        for topic in list(self._waves):
            wave = self._waves[topic]
            wave.forget_before(now_ms - WINDOW_MS)
            if not wave.by_author:
                if wave.finding_id:
                    told.append(_finding(topic, wave, now_ms, "closed"))
                del self._waves[topic]
            elif wave.finding_id:
                told += self._tell(topic, wave, now_ms)
        return told

    def _tell(self, topic: str, wave: _Wave, now_ms: int) -> list[Finding]:
        if len(wave.by_author) < max(MIN_AUTHORS, wave.told + 1):
            return []  # counting the voices would tell nothing new
        authors = wave.voices()
        if authors < (MIN_VAGUE if topic == "quality" else MIN_AUTHORS):
            return []
        if not wave.finding_id:
            wave.finding_id = self._numbers.take("complaint")
            wave.since_ms = next(iter(wave.by_author.values())).at_ms
            return [self._told(topic, wave, now_ms, "opened")]
        slowly = authors > wave.told and now_ms - wave.told_ms >= _EVERY_MS
        if authors >= wave.told * _GROWTH or slowly:
            return [self._told(topic, wave, now_ms, "grew")]
        return []

    def _told(self, topic: str, wave: _Wave, now_ms: int, state: str) -> Finding:
        wave.told, wave.told_ms = wave.voices(), now_ms
        return _finding(topic, wave, now_ms, state)


def problems_of(spoken: Spoken) -> list[str]:
    """What is wrong, as finely as the words say ("quality/pilling").

    Three people with three different defects are no wave; who only asks does not count.
    """
    if not spoken.has(Label.COMPLAINT):
        return []
    if spoken.has(Label.QUESTION) and not spoken.judged.owner:
        return []
    told = [mark for mark in spoken.judged.marks if mark.label is Label.COMPLAINT]
    named = dict.fromkeys(mark.topic for mark in told if "/" in mark.topic)
    if named:
        return list(named)
    best = max(told, key=lambda mark: (mark.weight, -mark.start), default=None)
    return [best.topic] if best is not None and best.topic else []


def _finding(topic: str, wave: _Wave, now_ms: int, state: str) -> Finding:
    newest = list(wave.by_author.values())[-MAX_SEQS:]
    ordered = sum(one.ordered for one in wave.by_author.values())
    owners = sum(one.owner or one.ordered for one in wave.by_author.values())
    authors = max(wave.voices(), wave.told)
    return Finding(
        finding_id=wave.finding_id,
        finding_kind="mass_complaint",
        state="closed" if state == "closed" else "grew" if state == "grew" else "opened",
        at_ms=now_ms,
        since_ms=wave.since_ms,
        topic=topic.partition("/")[0],
        flavour="complaint",
        labels=(Label.COMPLAINT,),
        authors=authors,
        comments=max(wave.comments, authors),
        sample=distinct([one.text for one in reversed(newest)]),
        seqs=tuple(one.seq for one in newest),
        with_order=ordered,
        evidence=(
            Evidence("complainants", float(authors), float(MIN_AUTHORS - 1)),
            Evidence("own_use", float(owners), 0.0),
        ),
        confidence=round(min(0.95, 0.5 + 0.05 * authors + 0.1 * bool(owners)), 2),
    )
