"""Times, durations and names in words: what the page and the command line both need."""

import datetime
from typing import Protocol

from hostdesk.findings import Evidence
from hostdesk.review.rows import CardFacts, Moment, NoticeDone, PlanDone, ReplyDone, Settled

MINUTE_MS = 60_000
Act = ReplyDone | NoticeDone | PlanDone | Settled
_DAY_MS = 86_400_000


class Say(Protocol):
    """The words of one locale (`hostdesk.text.Words` fits)."""

    locale: str

    def __call__(self, key: str, **params: object) -> str:
        """The sentence of ``key``."""
        ...

    def has(self, key: str) -> bool:
        """Whether there is one."""
        ...

    def get(self, key: str, default: str, **params: object) -> str:
        """The sentence, or ``default``."""
        ...

    def error(self, code: str, params: dict[str, str | int]) -> tuple[str, str]:
        """What happened, and what to do."""
        ...


class Teller:
    """Formats the values of one look back, in the zone of its show."""

    def __init__(self, say: Say, zone_offset_min: int) -> None:
        self.say = say
        self._zone_ms = zone_offset_min * MINUTE_MS

    def clock(self, at_ms: int | None) -> str:
        """HH:MM:SS of the show's zone."""
        if at_ms is None:
            return self.say("review.unknown")
        seconds = (at_ms + self._zone_ms) % _DAY_MS // 1000
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    def hour(self, at_ms: int) -> str:
        """HH:MM of the show's zone."""
        return self.clock(at_ms)[:5]

    def day(self, at_ms: int) -> str:
        """The date, YYYY-MM-DD; a time that no calendar has is told as unknown."""
        try:
            moment = datetime.datetime.fromtimestamp((at_ms + self._zone_ms) / 1000, datetime.UTC)
        except (OverflowError, ValueError, OSError):
            return self.say("review.unknown")
        return moment.strftime("%Y-%m-%d")

    def span(self, duration_ms: int | None) -> str:
        """A duration in words; unknown where nothing was measured."""
        if duration_ms is None:
            return self.say("review.unknown")
        seconds = round(max(0, duration_ms) / 1000)
        if seconds < 90:
            return self.say("review.seconds", n=seconds)
        if seconds < 5_400:
            key = "review.minutes_seconds" if seconds % 60 else "review.minutes"
            return self.say(key, n=seconds // 60, s=seconds % 60)
        return self.say("review.hours_minutes", h=seconds // 3600, n=seconds // 60 % 60)

    def minutes(self, duration_ms: int) -> str:
        """A duration in whole minutes."""
        return self.say("review.minutes", n=round(duration_ms / MINUTE_MS))

    def topic(self, topic: str) -> str:
        """What it is about ("quality/pilling" is quality)."""
        name = topic.partition("/")[0]
        return self.say.get(f"topic.{name}", name) if name else self.say("review.any_topic")

    def label(self, label: str) -> str:
        """The name of a label."""
        return self.say.get(f"label.{label}", label)

    def lane(self, lane: str | None) -> str:
        """The name of a lane."""
        return self.say.get(f"lane.{lane}", self.say("review.no_lane"))

    def moment(self, moment: Moment) -> str:
        """The name of a moment."""
        if moment.kind == "raid" and self.say.has(f"review.raid.{moment.flavour}"):
            return self.say(f"review.raid.{moment.flavour}")
        kind = self.say(f"finding.{moment.kind}")
        return kind if moment.topic == "copies" else f"{kind} · {self.topic(moment.topic)}"

    def card(self, card: CardFacts) -> str:
        """What a card was about."""
        if card.kind in ("comments", "questions"):
            label = self.label(card.label) if card.label else self.lane(card.lane)
            about = self.topic(card.topic)
            return label if about == label else f"{label} · {about}"
        return f"{self.say.get(f'finding.{card.kind}', card.kind)} · {self.topic(card.topic)}"

    def evidence(self, evidence: Evidence) -> str:
        """What was measured, and what is usual."""
        key = "review.evidence_usual" if evidence.usual else "review.evidence"
        return self.say(
            key,
            signal=self.say.get(f"signal.{evidence.signal}", evidence.signal),
            value=f"{evidence.value:.4g}",
            usual=f"{evidence.usual:.4g}",
        )

    def acts(self, moment: Moment) -> list[tuple[int, Act]]:
        """What was done about a moment, in order of time."""
        done: list[tuple[int, Act]] = [(each.at_ms, each) for each in moment.replies]
        done += [(each.asked_ms, each) for each in moment.notices]
        done += [(each.opened_ms, each) for each in moment.plans]
        done += [(each.at_ms, each) for each in moment.settled]
        return sorted(done, key=lambda act: act[0])

    def first_words(self, moment: Moment) -> str:
        """How soon somebody spoke to the viewers."""
        limit = moment.first_words_limit_ms
        return self.say(
            f"review.words.{moment.first_words}",
            after=self.span(moment.first_words_after_ms),
            limit=self.span(limit),
        )

    def notice_state(self, notice: NoticeDone) -> str:
        """What became of a notice."""
        if notice.error_code:
            why, _ = self.say.error(notice.error_code, notice.error_params)
            return self.say("review.notice_failed", why=why)
        if notice.seen_ms is not None:
            return self.say(
                "review.notice_seen",
                clock=self.clock(notice.seen_ms),
                span=self.span(notice.seen_for_ms),
            )
        return self.say(f"review.notice_unseen.{notice.unseen or 'not_checked'}")
