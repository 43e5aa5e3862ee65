"""What platforms took back, by the ids that they named.

Comments are not remembered for it: an ordinary one costs nothing. Whether a comment was taken
back is answered when its row is read from the journal, and by a search of the journal for the
rows that windows show already.
"""

from collections import deque

from hostdesk.events import AnyEvent, Comment, Removed

MAX_IDS = 20_000
"""Of each kind; the oldest are forgotten first."""
_MAX_NEWS = 1_000
_NOBODY = ("", "0")


class Removals:
    """Comments, people and whole chats that were taken back. Pure; saved with the feed."""

    def __init__(self) -> None:
        self.revision = 0
        self._comments: dict[str, int] = {}
        self._authors: dict[str, int] = {}
        self._chats: dict[str, int] = {}
        self._news: deque[tuple[int, Removed]] = deque(maxlen=_MAX_NEWS)

    def take(self, seq: int, removed: Removed) -> None:
        """Something was taken back at event ``seq``."""
        self.revision += 1
        self._news.append((seq, removed))
        source = removed.source_id
        if removed.comment_id:
            _put(self._comments, f"{source}\n{removed.comment_id}", seq)
        elif removed.author_id not in _NOBODY:
            _put(self._authors, f"{source}\n{removed.author_id}", seq)
        elif not removed.author_id:
            _put(self._chats, source, seq)

    def heard(self, seq: int, comment: Comment) -> None:
        """A comment came. Held back to smooth a clump, it may come behind its removal."""
        if self._comments and f"{comment.source_id}\n{comment.comment_id}" in self._comments:
            self.take(seq, _removal_of(comment))

    def has(self, seq: int, comment: AnyEvent) -> bool:
        """Whether this comment was taken back. People are heard again once they may speak."""
        if not isinstance(comment, Comment):
            return False
        source = comment.source_id
        if f"{source}\n{comment.comment_id}" in self._comments:
            return True
        until = self._authors.get(f"{source}\n{comment.author_id}", 0)
        return seq < max(until, self._chats.get(source, 0))

    def since(self, revision: int) -> "Removals":
        """Only what was taken back after ``revision``; more than is needed after a long while."""
        count = self.revision - revision
        if count > len(self._news):
            return self
        newer = Removals()
        for seq, removed in list(self._news)[len(self._news) - count :]:
            newer.take(seq, removed)
        return newer

    def add(self, other: "Removals") -> None:
        """All that the other one knows as well."""
        self.revision += other.revision
        for mine, theirs in zip(self._kinds(), other._kinds(), strict=True):
            for key, seq in theirs.items():
                _put(mine, key, seq)

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many comments, people and chats were named."""
        return len(self._comments), len(self._authors), len(self._chats)

    def _kinds(self) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
        return self._comments, self._authors, self._chats


def _put(kind: dict[str, int], key: str, seq: int) -> None:
    kind.pop(key, None)
    kind[key] = seq
    if len(kind) > MAX_IDS:
        del kind[next(iter(kind))]


def _removal_of(comment: Comment) -> Removed:
    return Removed(at_ms=comment.at_ms, comment_id=comment.comment_id, source_id=comment.source_id)
