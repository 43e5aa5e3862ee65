"""Flagged comments by lane and topic, with the words that led there."""

from collections import Counter

import msgspec

from hostdesk.desk.removals import Removals
from hostdesk.events import Comment
from hostdesk.findings import Lane, Verdict
from hostdesk.review.lists import MAX_NAME, MAX_WORD, clip, person
from hostdesk.review.rows import Flagged, LaneReview, TopicReview

EXAMPLES = 4
MAX_WORDS = 200
SHOWN_WORDS = 6


class _Topic:
    def __init__(self) -> None:
        self.comments = 0
        self.people: set[int] = set()
        self.words: Counter[str] = Counter()
        self._examples: list[tuple[Flagged, Comment]] = []

    def add(self, comment: Comment, verdict: Verdict) -> None:
        self.comments += 1
        who = person(comment.author_id)
        if who is not None:
            self.people.add(who)
        words = words_of(comment.text, verdict)
        for word in words:
            if word in self.words or len(self.words) < MAX_WORDS:
                self.words[word] += 1
        self._keep(comment, verdict, words)

    def _keep(self, comment: Comment, verdict: Verdict, words: tuple[str, ...]) -> None:
        """The first different ones; somebody with an order goes before somebody without."""
        full = len(self._examples) >= EXAMPLES
        if full and not comment.has_order:
            return
        text = clip(comment.text)
        if any(each.text == text for each, _ in self._examples):
            return
        if full:
            held = enumerate(self._examples)
            place = next((n for n, (each, _) in held if not each.has_order), None)
            if place is None:
                return
            del self._examples[place]
        example = Flagged(
            seq=verdict.seq,
            at_ms=comment.at_ms,
            author=clip(comment.author_name, MAX_NAME),
            text=text,
            words=words,
            labels=tuple(label.value for label in verdict.labels),
            has_order=comment.has_order is True,
            unsure=verdict.unsure,
        )
        self._examples.append((example, comment))

    def examples(self, removals: Removals) -> tuple[Flagged, ...]:
        """In the order in which they were said, marked where the platform took them back."""
        told = (
            msgspec.structs.replace(each, removed=removals.has(each.seq, comment))
            for each, comment in self._examples
        )
        return tuple(sorted(told, key=lambda each: each.seq))


class LaneBook:
    """Takes every comment that was given a lane."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, dict[str, _Topic]] = {}

    def receive(self, comment: Comment, verdict: Verdict) -> None:
        """Take one comment; one without a lane is not flagged."""
        if verdict.lane is None:
            return
        topics = self._lanes.setdefault(verdict.lane, {})
        topics.setdefault(verdict.topic, _Topic()).add(comment, verdict)

    def result(self, removals: Removals) -> tuple[LaneReview, ...]:
        """By lane in the order of the desk; the largest topic first."""
        return tuple(
            _lane(lane, topics, removals)
            for lane in Lane
            if (topics := self._lanes.get(lane)) is not None
        )


def words_of(text: str, verdict: Verdict) -> tuple[str, ...]:
    """The words of ``text`` that led to the verdict, each once."""
    found = (text[span.start : span.end] for span in verdict.spans)
    return tuple(dict.fromkeys(clip(word, MAX_WORD) for word in found if word.strip()))


def _lane(lane: Lane, topics: dict[str, _Topic], removals: Removals) -> LaneReview:
    ranked = sorted(topics.items(), key=lambda item: (-item[1].comments, item[0]))
    everyone: set[int] = set()
    for topic in topics.values():
        everyone |= topic.people
    return LaneReview(
        lane=lane,
        comments=sum(topic.comments for topic in topics.values()),
        people=len(everyone),
        topics=tuple(
            TopicReview(
                topic=name,
                comments=topic.comments,
                people=len(topic.people),
                words=tuple(word for word, _ in topic.words.most_common(SHOWN_WORDS)),
                examples=topic.examples(removals),
            )
            for name, topic in ranked
        ),
    )
