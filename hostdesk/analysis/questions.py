"""Many people asking the same thing, as one card with one answer."""

from array import array
from collections import OrderedDict, deque

import msgspec

from hostdesk.analysis.spoken import MAX_SEQS, Numbers, Spoken, distinct, excerpt
from hostdesk.findings import Label, QuestionGroup

WINDOW_MS = 120_000
MIN_ASKERS = 3
_EVERY_MS = 2_000
_GROWTH = 1.5
_MAX_ASKED = 2_000
_MAX_TOPICS = 64
_SAME_ANSWER = {"refund": "returns", "health": "usage", "quality": "material", "service": ""}
"""Asked with the words of a complaint, answered with another question's answer."""


class _Asked(msgspec.Struct, frozen=True, gc=False):
    seq: int
    text: str


class _Topic:
    """Who asked and when, of all; what they said, of the newest only."""

    def __init__(self) -> None:
        self.group_id = ""
        self.newest: deque[_Asked] = deque(maxlen=MAX_SEQS)
        self.authors: dict[int, int] = {}
        self.told_ms = 0
        self.told = 0
        self.changed = False
        self._times, self._askers = array("q"), array("q")

    @property
    def comments(self) -> int:
        return len(self._times)

    def add(self, spoken: Spoken) -> None:
        author = spoken.who.author
        if len(self._times) == _MAX_ASKED:
            self._leave(1)
        self._times.append(spoken.at_ms)
        self._askers.append(author)
        self.newest.append(_Asked(spoken.seq, excerpt(spoken.text)))
        self.authors[author] = self.authors.get(author, 0) + 1
        self.changed = True

    def forget_before(self, at_ms: int) -> None:
        if self._times and self._times[0] < at_ms:
            self._leave(self._older_than(at_ms))
        if not self._times:
            self.group_id, self.told, self.changed = "", 0, False

    def _older_than(self, at_ms: int) -> int:
        """How many came before the first one that did not."""
        for count, asked_ms in enumerate(self._times):
            if asked_ms >= at_ms:
                return count
        return len(self._times)

    def _leave(self, count: int) -> None:
        for author in self._askers[:count]:
            self.authors[author] -= 1
            if not self.authors[author]:
                del self.authors[author]
        del self._times[:count], self._askers[:count]
        while len(self.newest) > len(self._times):
            self.newest.popleft()


class Questions:
    """Groups questions by topic over `WINDOW_MS`."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self._topics: OrderedDict[str, _Topic] = OrderedDict()

    def receive(self, spoken: Spoken) -> list[QuestionGroup]:
        """Take one comment; return the group it makes or changes."""
        topic = question_topic(spoken)
        if not topic:
            return []
        group = self._topics.pop(topic, None) or _Topic()
        self._topics[topic] = group
        if len(self._topics) > _MAX_TOPICS:
            self._topics.popitem(last=False)
        group.forget_before(spoken.at_ms - WINDOW_MS)
        group.add(spoken)
        return self._tell(topic, group, spoken.at_ms)

    def passes(self, now_ms: int) -> list[QuestionGroup]:
        """Time went by: tell what was held back."""
        told: list[QuestionGroup] = []
        for topic, group in self._topics.items():
            group.forget_before(now_ms - WINDOW_MS)
            if group.changed:
                told += self._tell(topic, group, now_ms)
        return told

    def _tell(self, topic: str, group: _Topic, now_ms: int) -> list[QuestionGroup]:
        authors = len(group.authors)
        grown = authors >= max(MIN_ASKERS, group.told * _GROWTH)
        waited = now_ms - group.told_ms >= _EVERY_MS
        if not group.changed or authors < MIN_ASKERS or not (grown or waited):
            return []
        group.group_id = group.group_id or self._numbers.take("questions")
        group.told, group.told_ms, group.changed = authors, now_ms, False
        return [
            QuestionGroup(
                group_id=group.group_id,
                at_ms=now_ms,
                topic=topic,
                authors=authors,
                comments=group.comments,
                sample=distinct([asked.text for asked in reversed(group.newest)]),
                seqs=tuple(asked.seq for asked in group.newest),
            )
        ]


def question_topic(spoken: Spoken) -> str:
    """What the comment asks about, or "" where it is no question to group."""
    verdict = spoken.verdict
    if Label.QUESTION not in verdict.labels or spoken.has(
        Label.COMPLAINT, Label.HOSTILE, Label.SPAM, Label.PRIVACY, Label.SAFETY, Label.ACCIDENT
    ):
        return ""
    asked = [mark for mark in spoken.judged.marks if mark.label is Label.QUESTION and mark.topic]
    if not asked:
        return ""
    topic = max(asked, key=lambda mark: (mark.weight, mark.start)).topic.partition("/")[0]
    return _SAME_ANSWER.get(topic, topic)
