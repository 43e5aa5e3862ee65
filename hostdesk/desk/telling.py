"""Gathers what changed into one digest per flush, so that speed costs the windows nothing."""

from collections import OrderedDict, deque
from collections.abc import Iterable

import msgspec

from hostdesk.desk.core import Core
from hostdesk.desk.feed import Feed, row_of
from hostdesk.desk.removed_rows import Page, RemovedRows
from hostdesk.desk.rows import Digest, FeedRow, RowFlag, StatusPanel
from hostdesk.events import AnyEvent
from hostdesk.findings import Derived, Verdict

RECENT_ROWS = 300
"""What a new window gets at once; older rows are paged."""
RECENT_FLAGS = 2_000
PENDING_ROWS = 240
"""Rows kept between two flushes; the link samples them further."""


class Telling:
    """Remembers what the audience has not heard yet."""

    def __init__(self) -> None:
        self.changed = True
        self._recent: deque[FeedRow] = deque(maxlen=RECENT_ROWS)
        self._rows: deque[FeedRow] = deque(maxlen=PENDING_ROWS)
        self._flags: list[RowFlag] = []
        self._flagged_rows: list[FeedRow] = []
        self._recent_flags: OrderedDict[int, RowFlag] = OrderedDict()
        self._removed = RemovedRows()
        self._gone: list[int] = []
        self._recent_gone: OrderedDict[int, None] = OrderedDict()
        self._told: dict[str, object] = {}
        self._status = StatusPanel()

    def successor(self) -> "Telling":
        """For the next show: nothing told yet, but revisions go on growing."""
        fresh = Telling()
        fresh._status = StatusPanel(revision=self._status.revision)
        return fresh

    def row(self, row: FeedRow) -> None:
        """A row arrived."""
        self._recent.append(row)
        self._rows.append(row)
        self.changed = True

    def derived(self, seq: int, event: AnyEvent, derived: Iterable[Derived]) -> None:
        """An event was judged."""
        for each in derived:
            if isinstance(each, Verdict) and (each.labels or each.lane):
                self._flag(seq, event, flag_of(each))
        self.changed = True

    def has_news(self, feed: Feed, page: Page) -> bool:
        """Whether a digest is due. ``page`` reads rows of the past, to find what was removed."""
        for seq in self._removed.find(feed, page):
            self._gone.append(seq)
            self._recent_gone[seq] = None
            if len(self._recent_gone) > RECENT_FLAGS:
                self._recent_gone.popitem(last=False)
            self.changed = True
        return self.changed

    def digest(self, core: Core, now_ms: int, waiting: int) -> Digest:
        """Everything new since the last digest."""
        core.desk.refresh()
        news = {name: panel for name, panel in _panels(core) if self._is_news(name, panel)}
        status = self._status_now(core, now_ms, waiting)
        digest = msgspec.structs.replace(
            Digest(
                now_ms=now_ms,
                last_seq=core.feed.last_seq,
                total=core.feed.total,
                rows=tuple(self._rows),
                flags=tuple(self._flags),
                flagged_rows=self._sampled_out(),
                gone=tuple(self._gone),
                status=status if status.revision != self._status.revision else None,
            ),
            **news,
        )
        self._status = status
        self._rows.clear()
        self._flags.clear()
        self._flagged_rows.clear()
        self._gone.clear()
        self.changed = False
        return digest

    def snapshot(self, core: Core, now_ms: int, waiting: int) -> Digest:
        """All panels and the newest rows. What others have not heard stays pending."""
        core.desk.refresh()
        first = self._recent[0].seq if self._recent else 0
        return msgspec.structs.replace(
            Digest(
                now_ms=now_ms,
                last_seq=core.feed.last_seq,
                total=core.feed.total,
                rows=tuple(self._recent),
                flags=tuple(flag for flag in self._recent_flags.values() if flag.seq >= first),
                gone=tuple(seq for seq in self._recent_gone if seq >= first),
                status=self._status_now(core, now_ms, waiting),
            ),
            **dict(_panels(core)),
        )

    def _flag(self, seq: int, event: AnyEvent, flag: RowFlag) -> None:
        self._flags.append(flag)
        self._recent_flags[seq] = flag
        if len(self._recent_flags) > RECENT_FLAGS:
            self._recent_flags.popitem(last=False)
        row = row_of(seq, event)
        if row is not None:
            self._flagged_rows.append(row)
        if seq in self._recent_gone:  # its row may come only now, with its flag
            self._gone.append(seq)

    def _sampled_out(self) -> tuple[FeedRow, ...]:
        first = self._rows[0].seq if self._rows else 0
        return tuple(row for row in self._flagged_rows if row.seq < first or not self._rows)

    def _is_news(self, name: str, panel: object) -> bool:
        known = self._told.get(name)
        self._told[name] = panel
        return known is not panel

    def _status_now(self, core: Core, now_ms: int, waiting: int) -> StatusPanel:
        panel = msgspec.structs.replace(
            core.desk.status.panel,
            revision=self._status.revision,
            per_min=core.feed.per_min(now_ms),
            speakers=core.feed.speakers(now_ms),
            waiting=waiting,
            to_answer=core.desk.cards.waiting(),
            now_ms=now_ms - now_ms % 1000,
        )
        if panel == self._status:
            return panel
        return msgspec.structs.replace(panel, revision=panel.revision + 1)


def flag_of(verdict: Verdict) -> RowFlag:
    """A verdict as the feed shows it."""
    return RowFlag(
        verdict.seq,
        verdict.labels,
        verdict.lane,
        verdict.spans,
        verdict.topic,
        verdict.unsure,
    )


def _panels(core: Core) -> Iterable[tuple[str, object]]:
    desk = core.desk
    yield "cards", desk.cards.panel()
    yield "advice", desk.advice.panel
    yield "plan", desk.incident.panel
    yield "notice", desk.notice.panel
    yield "templates", desk.advice.templates
    yield "chat", desk.chat.panel
