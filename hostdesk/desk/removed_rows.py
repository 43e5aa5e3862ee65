"""Finds the rows that a platform took back, among those that windows show already.

The journal is read backwards, a slice at a time between two digests, so that neither a
deletion nor a hundred of them hold up the loop.
"""

from collections.abc import Callable

from hostdesk.desk.feed import Feed
from hostdesk.desk.removals import Removals
from hostdesk.events import AnyEvent
from hostdesk.findings import Verdict

SLICE = 250
"""Events read at once: two milliseconds."""
REACH = 50_000
"""So far back windows keep rows; older ones are marked when they are paged."""

Page = Callable[[int, int], list[tuple[int, AnyEvent, Verdict | None]]]


class _Search:
    """One way back through the journal."""

    def __init__(self, wanted: Removals, last_seq: int) -> None:
        self.wanted = wanted
        self._until, self._floor = last_seq, max(1, last_seq - REACH + 1)
        comments, people, chats = wanted.counts
        self._left = None if people or chats else comments

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to find."""
        return self._until < self._floor or self._left == 0

    def slice(self, page: Page) -> list[int]:
        """The rows of the next slice that were taken back."""
        first = max(self._floor, self._until - SLICE + 1)
        found = [seq for seq, event, _ in page(first, self._until) if self.wanted.has(seq, event)]
        self._until = first - 1
        if self._left is not None:
            self._left = max(self._left - len(found), 0)
        return found


class RemovedRows:
    """At most two searches: one under way, and one for all that came meanwhile."""

    def __init__(self) -> None:
        self._removals: Removals | None = None
        self._known = 0
        self._searches: list[_Search] = []

    def find(self, feed: Feed, page: Page) -> list[int]:
        """Rows that were found now. To be called for each digest; costs nothing mostly."""
        removals = feed.removals
        if removals is not self._removals:  # another show
            self._removals, self._known, self._searches = removals, 0, []
        found: list[int] = []
        if removals.revision != self._known:
            found = self._begin(removals.since(self._known), feed.last_seq, page)
            self._known = removals.revision
        elif self._searches:
            found = self._searches[0].slice(page)
        self._searches = [each for each in self._searches if not each.is_over]
        return found

    def _begin(self, wanted: Removals, last_seq: int, page: Page) -> list[int]:
        """Mostly what is taken back was said just now: the newest slice is read at once."""
        search = _Search(wanted, last_seq)
        found = search.slice(page)
        if search.is_over:
            return found
        if len(self._searches) > 1:
            both = Removals()
            both.add(self._searches.pop().wanted)
            both.add(wanted)
            search = _Search(both, last_seq)
        self._searches.append(search)
        return found
