"""What one show adds up to for the book: told by the desk itself, driven through its journal."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from hostdesk.counsel.counsel import Counsel
from hostdesk.desk.desk import Desk
from hostdesk.desk.rows import NoticePanel, PromiseRow
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    URGENT,
    AnyEvent,
    CardRestored,
    CardSettled,
    Comment,
    OpenPromise,
    PromiseSettled,
    ShowClosed,
    ShowOpened,
    Stream,
)
from hostdesk.findings import Derived, Finding, Label, Verdict
from hostdesk.journal.reader import ShowReader

log = logging.getLogger("hostdesk.book")

RecordKind = Literal["correction", "notice", "promise", "disposal"]
_GRIEVANCES = frozenset({Label.COMPLAINT, Label.SAFETY})
_SAID_OF = {"sending": "asked", "none": "taken_down", "taking_down": ""}
_NOBODY = ("", "0")


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Something to answer for: it goes into the chain, once by its ``key``."""

    key: str
    at_ms: int
    kind: RecordKind
    what: dict[str, Any]


class Visit(msgspec.Struct, kw_only=True):
    """What one viewer did in the show."""

    comments: int = 0
    complaints: int = 0


class Account(msgspec.Struct, kw_only=True):
    """All that the book keeps of a show."""

    opened: ShowOpened
    last_seq: int = 0
    closed_ms: int | None = None
    why: str = ""
    comments: int = 0
    labels: Counter[str] = msgspec.field(default_factory=Counter)
    findings: Counter[str] = msgspec.field(default_factory=Counter)
    records: list[Record] = []
    said: dict[str, tuple[int, OpenPromise]] = {}
    """Promise id → when it was said, and the promise; those carried into the show are not here."""
    settled: dict[str, tuple[int, str, str]] = {}
    """Promise id → when it was settled, how, and the reason."""
    visits: dict[tuple[str, str], Visit] = {}
    """(platform, author id) → what they did."""
    not_flagged: list[str] = []
    """What people marked 误报, in order."""


def account_of(reader: ShowReader, counsel: Counsel) -> Account:
    """Go through a show once.

    Raises:
        JournalError: it cannot be read, or never began.
    """
    return _Accountant(reader.opened(), counsel).account(reader)


class _Accountant:
    """Watches the desk while the show passes, and notes what changed."""

    def __init__(self, opened: ShowOpened, counsel: Counsel) -> None:
        self._account = Account(opened=opened)
        self._desk = Desk(opened, counsel)
        self._notice: NoticePanel = self._desk.notice.panel
        self._promises: tuple[PromiseRow, ...] = self._desk.promises.rows
        self._keys: set[str] = set()
        self._disposed: set[str] = set()

    def account(self, reader: ShowReader) -> Account:
        """Take all of the show."""
        for seq, event, derived in _judged(reader):
            self._account.last_seq = max(self._account.last_seq, seq)
            if self._take(seq, event):
                self._ask(seq, event)
            if derived:
                self._conclude(event, derived)
            self._watch_notice(event.at_ms)
            self._watch_promises(event)
        return self._account

    def _take(self, seq: int, event: AnyEvent) -> bool:
        """Give the desk an event; False where it refuses, as it did live."""
        if isinstance(event, Comment):
            self._count(event)
        elif isinstance(event, ShowClosed):
            self._account.closed_ms, self._account.why = event.at_ms, event.why
        elif isinstance(event, Stream):
            self._desk.uplink(event)
        try:
            self._desk.receive(event)
        except AskRefusedError:
            return False
        except Exception as exc:  # noqa: BLE001  (its own words may be a viewer's: not logged)
            log.error("event %d was put aside: %s", seq, type(exc).__name__)  # noqa: TRY400
            return False
        return True

    def _count(self, comment: Comment) -> None:
        self._account.comments += 1
        if comment.author_id not in _NOBODY:
            who = (comment.platform, comment.author_id)
            self._account.visits.setdefault(who, Visit()).comments += 1

    def _conclude(self, event: AnyEvent, derived: list[Derived]) -> None:
        self._desk.judged(event, derived)
        for each in derived:
            if isinstance(each, Verdict):
                self._account.labels.update(label.value for label in each.labels)
                if isinstance(event, Comment) and _GRIEVANCES & set(each.labels):
                    visit = self._account.visits.get((event.platform, event.author_id))
                    if visit is not None:
                        visit.complaints += 1
            elif isinstance(each, Finding) and each.state == "opened":
                self._account.findings[each.finding_kind] += 1

    def _ask(self, seq: int, event: AnyEvent) -> None:
        """An ask that was granted."""
        match event:
            case CardSettled(how="wrong_flag"):
                self._account.not_flagged += self._desk.cards.texts(event.card_id)
            case CardSettled(how="disposed"):
                self._disposed.add(event.card_id)
                self._dispose(seq, event, reason=event.reason.strip(), undone=False)
            case CardRestored() if event.card_id in self._disposed:
                self._disposed.discard(event.card_id)
                self._dispose(seq, event, reason="", undone=True)
            case PromiseSettled():
                how = "kept" if event.kept else "given_up"
                self._account.settled[event.promise_id] = (event.at_ms, how, event.reason)
            case _:
                pass

    def _dispose(
        self, seq: int, event: CardSettled | CardRestored, *, reason: str, undone: bool
    ) -> None:
        card = self._desk.cards.get(event.card_id)
        told = {"people": card.authors, "comments": card.comments} if card else {}
        what = {"card_id": event.card_id, "reason": reason, "undone": undone, **told}
        self._note(f"disposal:{seq}", event.at_ms, "disposal", what)

    def _watch_notice(self, at_ms: int) -> None:
        panel, before = self._desk.notice.panel, self._notice
        if panel is before:
            return
        self._notice = panel
        about = panel if panel.notice_id else before
        phase = _SAID_OF.get(panel.phase, panel.phase)
        if not phase or not about.notice_id:
            return
        kind: RecordKind = "correction" if about.notice_kind == "correction" else "notice"
        what = {
            "notice_id": about.notice_id, "notice_kind": about.notice_kind, "text": about.text,
            "phase": phase, "reason": panel.error_code or panel.reason,
        }  # fmt: skip
        self._note(f"notice:{about.notice_id}:{phase}", at_ms, kind, what)

    def _watch_promises(self, event: AnyEvent) -> None:
        rows, before = self._desk.promises.rows, self._promises
        if rows is before:
            return
        self._promises = rows
        known = {row.promise_id: row.state for row in before}
        for row in rows:
            if known.get(row.promise_id) == row.state:
                continue
            promise = OpenPromise(promise_id=row.promise_id, text=row.text, due_ms=row.due_ms)
            if row.promise_id not in known:
                self._account.said[row.promise_id] = (event.at_ms, promise)
            reason = event.reason if isinstance(event, PromiseSettled) else ""
            what = {**msgspec.to_builtins(promise), "state": row.state, "reason": reason}
            self._note(f"promise:{row.promise_id}:{row.state}", event.at_ms, "promise", what)

    def _note(self, key: str, at_ms: int, kind: RecordKind, what: dict[str, Any]) -> None:
        if key not in self._keys:
            self._keys.add(key)
            self._account.records.append(Record(key=key, at_ms=at_ms, kind=kind, what=what))


def _judged(reader: ShowReader) -> Iterator[tuple[int, AnyEvent, list[Derived]]]:
    """The show as the desk took it, each event in line with what was concluded from it."""
    conclusions = reader.derived()
    waiting = next(conclusions, None)
    for seq, event in reader.handled():
        derived: list[Derived] = []
        while not isinstance(event, URGENT) and waiting is not None and waiting[0] <= seq:
            derived.append(waiting[1])
            waiting = next(conclusions, None)
        yield seq, event, derived
