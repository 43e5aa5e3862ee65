"""The whole analysis: events in line go in, verdicts and findings come out.

A pure function of the numbered events: how they were batched changes nothing.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from hostdesk.analysis.accidents import Accidents
from hostdesk.analysis.classifier import Classifier
from hostdesk.analysis.complaints import Complaints
from hostdesk.analysis.echoes import Echoes
from hostdesk.analysis.host import HostWords
from hostdesk.analysis.memo import judge_cached
from hostdesk.analysis.people import Room
from hostdesk.analysis.questions import Questions
from hostdesk.analysis.raids import Raids
from hostdesk.analysis.rules import classify, to_verdict
from hostdesk.analysis.spoken import Numbers, Spoken, excerpt
from hostdesk.analysis.tables import Tables
from hostdesk.analysis.trained import classifier_of
from hostdesk.events import (
    AnyEvent,
    Comment,
    Gap,
    Gift,
    Health,
    HostSaid,
    Join,
    Like,
    LoadChanged,
    Member,
    Stream,
    Tick,
)
from hostdesk.findings import Derived, Evidence, Finding, Flavour, Label, Verdict

__all__ = ["CODE_VERSION", "NOT_FLAGGED", "Pipeline", "classify"]

CODE_VERSION = 1
"""Raise it with every change of the code that changes a verdict or a finding."""

NOT_FLAGGED = "not_flagged"
"""Key of the learned layer: texts that people marked 误报 in this room."""

_IN_LINE = (Comment, HostSaid, Stream, Health, Gift, Member, Join, Like, Gap, Tick, LoadChanged)
_MAX_LEARNED = 500
_FLAGGED = (
    Label.HOSTILE,
    Label.PRIVACY,
    Label.SPAM,
    Label.SAFETY,
    Label.MINOR,
    Label.LEGAL,
    Label.RUMOUR,
)
_FLAVOURS: dict[Label, Flavour] = {
    Label.HOSTILE: "hostile",
    Label.SPAM: "ad",
    Label.RUMOUR: "rumour",
    Label.SAFETY: "complaint",
    Label.LEGAL: "complaint",
}


class Pipeline:
    """All that the analysis remembers of one show. Plain Python; `Tables` is shared."""

    def __init__(
        self,
        tables: Tables,
        learned: Mapping[str, Any] | None = None,
        classifier: Classifier | None = None,
    ) -> None:
        """``learned`` is the room's layer from `ShowOpened`; what it cannot read it ignores."""
        self._tables = tables
        self._classifier = classifier or classifier_of(tables)
        self._room = Room()
        self._host = HostWords(tables)
        numbers = Numbers()
        self._questions = Questions(numbers)
        self._accidents = Accidents(numbers)
        self._complaints = Complaints(numbers)
        self._raids = Raids(numbers)
        self._echoes = Echoes(numbers)
        self._hurried = False
        self._second = 0
        self._trusted: OrderedDict[str, str] = OrderedDict()
        texts = (learned or {}).get(NOT_FLAGGED, ())
        for text in texts if isinstance(texts, list | tuple) else ():
            self.wrong_flag(str(text))

    @property
    def model(self) -> str:
        """Which lexicon and code judged: a short hash."""
        said = f"{self._tables.fingerprint}/{CODE_VERSION}/{type(self._classifier).__name__}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def receive(self, seq: int, event: AnyEvent) -> list[Derived]:
        """Take the next event in line; ``seq`` is its number in the journal."""
        if not isinstance(event, _IN_LINE):
            return []
        passed = self._passes(event.at_ms)
        match event:
            case Comment():
                return passed + self._comment(seq, event)
            case HostSaid():
                self._host.said(event.at_ms, event.text)
            case Stream():
                self._accidents.broadcast.stream(event)
                passed += self._accidents.passes(event.at_ms)
            case Health():
                self._accidents.broadcast.health(event)
                passed += self._accidents.passes(event.at_ms)
            case LoadChanged():
                self._hurried = event.level == "behind"
            case _:
                pass
        return passed

    def wrong_flag(self, text: str) -> None:
        """误报: nothing that sounds like ``text`` is flagged again in this room."""
        key = self._key(text)
        if not key:
            return
        self._trusted[key] = text
        self._trusted.move_to_end(key)
        if len(self._trusted) > _MAX_LEARNED:
            self._trusted.popitem(last=False)

    def right_flag(self, text: str) -> None:
        """Undo of `wrong_flag`: what sounds like ``text`` is flagged again."""
        self._trusted.pop(self._key(text), None)

    def learned(self) -> dict[str, Any]:
        """What this room taught, for the next show's `ShowOpened`."""
        return {NOT_FLAGGED: list(self._trusted.values())}

    def _comment(self, seq: int, comment: Comment) -> list[Derived]:
        spoken = self._judge(seq, comment)
        found: list[Derived] = [spoken.verdict]
        found += _flag(spoken)
        answers = self._host.answers_check(spoken.at_ms, spoken.canon)
        found += self._accidents.receive(spoken, answers=answers)
        found += self._questions.receive(spoken)
        found += self._complaints.receive(spoken)
        found += self._raids.receive(spoken, hurried=self._hurried)
        found += self._echoes.receive(spoken)
        return found

    def _passes(self, now_ms: int) -> list[Derived]:
        """Once for every second in which anything happens: recordings bring no `Tick`."""
        if now_ms // 1000 == self._second:
            return []
        self._second = now_ms // 1000
        return [
            *self._accidents.passes(now_ms),
            *self._questions.passes(now_ms),
            *self._complaints.passes(now_ms),
            *self._raids.passes(now_ms),
        ]

    def _judge(self, seq: int, comment: Comment) -> Spoken:
        normal, judged = judge_cached(self._tables, self._classifier, comment.text)
        verdict = to_verdict(seq, normal, judged)
        if self._trusted and verdict.labels and (normal.sound or normal.text) in self._trusted:
            verdict, judged = Verdict(seq=seq), type(judged)()
        return Spoken(
            seq=seq,
            at_ms=comment.at_ms,
            text=comment.text,
            canon=normal.sound,
            who=self._room.speaks(seq, comment),
            judged=judged,
            verdict=verdict,
            invited=self._host.invited(comment.at_ms, normal.sound),
        )

    def _key(self, text: str) -> str:
        normal = self._tables.read(text)
        return normal.sound or normal.text


def _flag(spoken: Spoken) -> list[Finding]:
    """One finding for a comment that should be looked at by itself."""
    verdict = spoken.verdict
    main = next((label for label in _FLAGGED if label in verdict.labels), None)
    if main is None or verdict.lane is None:
        return []
    signals = [Evidence("words", float(len(verdict.spans)), 0.0)]
    if spoken.who.masked:
        signals.append(Evidence("masked", 1.0, 0.0))
    return [
        Finding(
            finding_id=f"flag-{spoken.seq}",
            finding_kind="flag",
            at_ms=spoken.at_ms,
            since_ms=spoken.at_ms,
            topic=verdict.topic,
            flavour=_FLAVOURS.get(main, "neutral"),
            labels=verdict.labels,
            authors=1,
            comments=1,
            sample=(excerpt(spoken.text),),
            seqs=(spoken.seq,),
            with_order=int(spoken.who.ordered),
            evidence=tuple(signals),
            confidence=round(max(verdict.scores.get(label.value, 0.0) for label in _FLAGGED), 2),
        )
    ]
