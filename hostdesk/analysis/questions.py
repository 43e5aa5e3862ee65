"""Many people asking the same thing, as one card with one answer."""

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
    at_ms: int
    author: str
    seq: int
    text: str


class _Topic:
    def __init__(self) -> None:
        self.group_id = ""
        self.asked: deque[_Asked] = deque(maxlen=_MAX_ASKED)
        self.authors: dict[str, int] = {}
        self.told_ms = 0
        self.told = 0
        self.changed = False

    def add(self, asked: _Asked) -> None:
        if len(self.asked) == _MAX_ASKED:
            self._leave(self.asked.popleft())
        self.asked.append(asked)
        self.authors[asked.author] = self.authors.get(asked.author, 0) + 1
        self.changed = True

    def forget_before(self, at_ms: int) -> None:
        while self.asked and self.asked[0].at_ms < at_ms:
            self._leave(self.asked.popleft())
        if not self.asked:
            self.group_id, self.told, self.changed = "", 0, False

    def _leave(self, asked: _Asked) -> None:
        self.authors[asked.author] -= 1
        if not self.authors[asked.author]:
            del self.authors[asked.author]


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
        group.add(_Asked(spoken.at_ms, spoken.who.author, spoken.seq, excerpt(spoken.text)))
        return self._tell(topic, group, spoken.at_ms)

    def passes(self, now_ms: int) -> list[QuestionGroup]:
        """Time went by: tell what was held back."""
        told: list[QuestionGroup] = []
        for topic, group in self._topics.items():
            group.forget_before(now_ms - WINDOW_MS)
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
        newest = list(group.asked)[-MAX_SEQS:]
        return [
            QuestionGroup(
                group_id=group.group_id,
                at_ms=now_ms,
                topic=topic,
                authors=authors,
                comments=len(group.asked),
                sample=distinct([asked.text for asked in reversed(newest)]),
                seqs=tuple(asked.seq for asked in newest),
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
