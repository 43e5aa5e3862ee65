"""What we said and put up, and when; which times we promised."""

from hostdesk.desk.rows import NoticePanel, PromiseRow
from hostdesk.events import PromiseSettled, ReplyUsed
from hostdesk.review.lists import Capped, clip
from hostdesk.review.rows import NoticeDone, PromiseDone, PromiseState, ReplyDone

MAX_REPLIES, MAX_NOTICES, MAX_PROMISES = 1_000, 500, 500
_IN_SCENE = ("placed", "seen", "unseen", "no_uplink")


class Replies:
    """Replies that were used."""

    def __init__(self) -> None:
        self.done: Capped[ReplyDone] = Capped(MAX_REPLIES)
        self.last_for: dict[str, int] = {}
        """Card → when a reply was last used for it."""

    def receive(self, ask: ReplyUsed, topic: str) -> None:
        """Take one use of a reply; ``topic`` is that of its card."""
        if ask.card_id and (ask.card_id in self.last_for or len(self.last_for) < MAX_REPLIES):
            self.last_for[ask.card_id] = ask.at_ms
        self.done.add(
            ReplyDone(
                at_ms=ask.at_ms,
                text=clip(ask.text),
                way=ask.way,
                reply_id=ask.reply_id,
                card_id=ask.card_id,
                topic=topic,
            )
        )


class _Notice:
    def __init__(self, panel: NoticePanel) -> None:
        self.panel = panel
        self.placed_ms: int | None = None
        self.seen_ms: int | None = None
        self.seen_for_ms = 0
        self.seen_since: int | None = None
        self.down_ms: int | None = None
        self.gone_ms: int | None = None
        self.unseen = ""
        self.error_code = ""
        self.error_params: dict[str, str | int] = {}
        self.replaced = False

    def pause(self, at_ms: int) -> None:
        if self.seen_since is not None:
            self.seen_for_ms += max(0, at_ms - self.seen_since)
            self.seen_since = None

    def result(self) -> NoticeDone:
        never = self.seen_ms is None and not self.error_code
        return NoticeDone(
            notice_id=self.panel.notice_id,
            kind=self.panel.notice_kind,
            text=clip(self.panel.text),
            asked_ms=self.panel.asked_ms,
            placed_ms=self.placed_ms,
            seen_ms=self.seen_ms,
            seen_for_ms=self.seen_for_ms,
            down_asked_ms=self.down_ms,
            gone_ms=self.gone_ms,
            error_code=self.error_code,
            error_params=self.error_params if self.error_code else {},
            unseen=(self.unseen or "not_checked") if never else "",
            replaced=self.replaced,
        )


class Notices:
    """Follows the desk's own panel: seen is only what the desk called seen."""

    def __init__(self) -> None:
        self._told: Capped[_Notice] = Capped(MAX_NOTICES)
        self._now: _Notice | None = None
        self._panel = NoticePanel()

    @property
    def left_out(self) -> int:
        """Notices beyond those that are listed."""
        return self._told.left_out

    def look(self, panel: NoticePanel, at_ms: int) -> None:
        """The panel as it is after an event; cheap while it is the same one."""
        if panel is self._panel:
            return
        self._panel = panel
        if panel.notice_id and (self._now is None or panel.notice_id != self._now.panel.notice_id):
            self._begin(panel, at_ms)
        if self._now is not None:
            _follow(self._now, panel, at_ms)
            if panel.phase == "none":
                self._now = None

    def finish(self, last_ms: int) -> tuple[NoticeDone, ...]:
        """All notices, oldest first; what is still up counts until the end."""
        if self._now is not None:
            self._now.pause(last_ms)
        return tuple(each.result() for each in self._told)

    def _begin(self, panel: NoticePanel, at_ms: int) -> None:
        if self._now is not None:
            self._now.pause(at_ms)
            if not self._now.error_code:
                self._now.replaced, self._now.gone_ms = True, at_ms
        self._now = _Notice(panel)
        self._told.add(self._now)


def _follow(notice: _Notice, panel: NoticePanel, at_ms: int) -> None:
    if panel.phase in _IN_SCENE:
        _in_scene(notice, panel, at_ms)
        return
    notice.pause(at_ms)
    match panel.phase:
        case "taking_down":
            notice.down_ms = at_ms if notice.down_ms is None else notice.down_ms
        case "none":
            notice.gone_ms = at_ms
        case "failed":
            notice.error_code, notice.error_params = panel.error_code, panel.params
        case _:
            pass


def _in_scene(notice: _Notice, panel: NoticePanel, at_ms: int) -> None:
    notice.error_code = ""
    notice.placed_ms = at_ms if notice.placed_ms is None else notice.placed_ms
    if panel.phase == "seen":
        notice.seen_ms = at_ms if notice.seen_ms is None else notice.seen_ms
        notice.seen_since = at_ms if notice.seen_since is None else notice.seen_since
        return
    notice.pause(at_ms)
    if panel.phase == "no_uplink":
        notice.unseen = "no_uplink"
    elif panel.phase == "unseen":
        notice.unseen = panel.reason


class _Promise:
    def __init__(self, row: PromiseRow, said_ms: int | None) -> None:
        self.row, self.said_ms = row, said_ms
        self.settled_ms: int | None = None
        self.kept = False
        self.reason = ""


class PromiseBook:
    """Every promised time, from its first mention until it was kept."""

    def __init__(self, carried: tuple[PromiseRow, ...]) -> None:
        self._rows: tuple[PromiseRow, ...] = carried
        self._all = {row.promise_id: _Promise(row, None) for row in carried}
        self.left_out = 0

    def look(self, rows: tuple[PromiseRow, ...], at_ms: int) -> None:
        """The desk's promises as they are after an event."""
        if rows is self._rows:
            return
        known = {row.promise_id for row in self._rows}
        self._rows = rows
        for row in rows:
            if row.promise_id in known or row.promise_id in self._all:
                continue
            if len(self._all) < MAX_PROMISES:
                self._all[row.promise_id] = _Promise(row, at_ms)
            else:
                self.left_out += 1

    def settled(self, ask: PromiseSettled) -> None:
        """A person marked it as kept, or gave it up (and the desk took that)."""
        promise = self._all.get(ask.promise_id)
        if promise is not None:
            promise.settled_ms, promise.kept = ask.at_ms, ask.kept
            promise.reason = clip(ask.reason)

    def result(self, now_ms: int) -> tuple[PromiseDone, ...]:
        """All of them by the time that was promised."""
        ordered = sorted(self._all.values(), key=lambda each: each.row.due_ms)
        return tuple(_promise(each, now_ms) for each in ordered)


def _promise(promise: _Promise, now_ms: int) -> PromiseDone:
    return PromiseDone(
        promise_id=promise.row.promise_id,
        text=clip(promise.row.text),
        said_ms=promise.said_ms,
        due_ms=promise.row.due_ms,
        state=_state(promise, now_ms),
        settled_ms=promise.settled_ms,
        reason=promise.reason,
    )


def _state(promise: _Promise, now_ms: int) -> PromiseState:
    if promise.settled_ms is None:
        return "late" if now_ms > promise.row.due_ms else "open"
    if not promise.kept:
        return "given_up"
    return "kept" if promise.settled_ms <= promise.row.due_ms else "kept_late"
