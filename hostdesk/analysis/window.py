"""Distinct people within the last seconds, counted as they come and go."""

from collections import deque


class People:
    """How many different people did something in the last ``span_ms``, each by a weight.

    One who did it twice counts once, by the larger weight (1.0 or 0.5).
    """

    def __init__(self, span_ms: int, most: int) -> None:
        self._span_ms = span_ms
        self._most = most
        self._seen: deque[tuple[int, int, float]] = deque()
        self._by_author: dict[int, list[int]] = {}
        self.weight = 0.0
        """The people in the window, weighed."""

    def __len__(self) -> int:
        return len(self._by_author)

    def add(self, at_ms: int, author: int, weight: float = 1.0) -> None:
        """Somebody did it."""
        self._seen.append((at_ms, author, weight))
        self._count(author, weight, 1)
        if len(self._seen) > self._most:
            self._leave()

    def forget(self, now_ms: int) -> None:
        """Drop what is older than the window."""
        while self._seen and self._seen[0][0] < now_ms - self._span_ms:
            self._leave()

    def clear(self) -> None:
        """Start anew."""
        self._seen.clear()
        self._by_author.clear()
        self.weight = 0.0

    def _leave(self) -> None:
        _, author, weight = self._seen.popleft()
        self._count(author, weight, -1)

    def _count(self, author: int, weight: float, by: int) -> None:
        counts = self._by_author.setdefault(author, [0, 0])
        self.weight -= _worth(counts)
        counts[weight >= 1.0] += by
        self.weight += _worth(counts)
        if not any(counts):
            del self._by_author[author]


def _worth(counts: list[int]) -> float:
    if counts[1]:
        return 1.0
    return 0.5 if counts[0] else 0.0
