"""What we do in the chat of a room: said after 3 s in which it can be taken back.

"In chat" only on the echo: the platform's yes is not yet a line that viewers read.
"""

import msgspec

from hostdesk.commands import ActInChat
from hostdesk.desk.rows import ChatPanel, ChatRow, SourceRow
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    ChatAsked,
    ChatUndone,
    CommandDone,
    CommandFailed,
    CommandId,
    Comment,
)

UNDO_MS = 3_000
ECHO_MS = 10_000
"""A message that the feed has not brought by then was probably shown to nobody."""
MAX_TEXT = 500
MAX_ROWS = 5
_SAID = frozenset({"say", "announce", "pin"})
_ON_COMMENT = frozenset({"delete", "time_out"})
_OPEN = ("waiting", "sending", "done")


class Chat:
    """The acts of this show, the newest first."""

    def __init__(self, *, rehearsal: bool = False) -> None:
        self.panel = ChatPanel(rehearsal=rehearsal)
        self._count = 0

    def asked(self, ask: ChatAsked, *, source: SourceRow | None, is_buyer: bool) -> list[ActInChat]:
        """Take an act; words wait 3 s, keys that were held go at once.

        ``is_buyer``: who is meant has something to be answered; nobody silences them.

        Raises:
            AskRefusedError: no such room, nobody is logged in, nothing to say, not held.
        """
        _check(ask, source=source, is_buyer=is_buyer)
        self._count += 1
        waits = ask.act in _SAID
        row = ChatRow(
            chat_id=f"chat-{self._count}",
            room_id=ask.room_id,
            act=ask.act,
            text=ask.text.strip(),
            comment_id=ask.comment_id,
            author_id=ask.author_id,
            phase="waiting" if waits else "sending",
            due_ms=ask.at_ms + (UNDO_MS if waits else 0),
        )
        self._show((row, *self.panel.rows)[:MAX_ROWS])
        return [] if waits else [_command(row)]

    def undone(self, ask: ChatUndone) -> None:
        """撤回, while it waits.

        Raises:
            AskRefusedError: it was sent already.
        """
        row = self._get(ask.chat_id)
        if row is None or row.phase != "waiting":
            raise AskRefusedError(reason="chat_sent")
        self._change(row, phase="undone")

    def tick(self, at_ms: int) -> list[ActInChat]:
        """What is due now."""
        commands: list[ActInChat] = []
        for row in self.panel.rows:
            if row.phase == "waiting" and at_ms >= row.due_ms:
                commands.append(_command(row))
                self._change(row, phase="sending")
            elif self._is_late(row, at_ms):
                self._change(row, phase="unseen")
        return commands

    def done(self, event: CommandDone) -> None:
        """The platform took it."""
        row = self._get(event.command_id)
        if row is not None and row.phase == "sending":
            self._change(row, phase="done", due_ms=event.at_ms)

    def failed(self, event: CommandFailed) -> None:
        """The platform refused, or did not answer."""
        row = self._get(event.command_id)
        if row is not None and row.phase == "sending":
            self._change(row, phase="failed", error_code=event.error_code, params=event.params)

    def heard(self, comment: Comment) -> None:
        """A comment came in; it may be the echo of ours."""
        for row in self.panel.rows:
            if (
                row.phase in ("sending", "done", "unseen")
                and row.act in _SAID
                and row.room_id == comment.source_id
                and row.text == comment.text.strip()
            ):
                self._change(row, phase="seen")
                return

    def resumed(self) -> None:
        """The engine started again: what was under way may or may not have been done."""
        for row in self.panel.rows:
            if row.phase in ("waiting", "sending"):
                self._change(row, phase="failed", error_code="interrupted")

    @property
    def is_open(self) -> bool:
        """Whether an act is under way; comments are looked at only then."""
        return any(row.phase in (*_OPEN, "unseen") for row in self.panel.rows)

    def _is_late(self, row: ChatRow, at_ms: int) -> bool:
        """Whether its echo should have been there by now; a rehearsal has none."""
        is_late = at_ms >= row.due_ms + ECHO_MS and not self.panel.rehearsal
        return is_late and row.phase == "done" and row.act in ("say", "pin")

    def _get(self, chat_id: str) -> ChatRow | None:
        return next((row for row in self.panel.rows if row.chat_id == chat_id), None)

    def _change(self, row: ChatRow, **fields: object) -> None:
        new = msgspec.structs.replace(row, **fields)
        self._show(tuple(new if each.chat_id == row.chat_id else each for each in self.panel.rows))

    def _show(self, rows: tuple[ChatRow, ...]) -> None:
        self.panel = msgspec.structs.replace(
            self.panel, revision=self.panel.revision + 1, rows=rows
        )


def _check(ask: ChatAsked, *, source: SourceRow | None, is_buyer: bool) -> None:
    if source is None:
        raise AskRefusedError(reason="chat_room")
    if not source.can_speak:
        raise AskRefusedError(reason="chat_login")
    if ask.act in _SAID:
        _check_text(ask.text.strip())
        return
    if not ask.confirmed:
        raise AskRefusedError(reason="needs_hold")
    if ask.act in _ON_COMMENT and not (ask.comment_id and ask.author_id):
        raise AskRefusedError(reason="chat_nobody")
    if ask.act in _ON_COMMENT and is_buyer:
        raise AskRefusedError(reason="chat_buyer")


def _check_text(text: str) -> None:
    if not text:
        raise AskRefusedError(reason="chat_empty")
    if len(text) > MAX_TEXT:
        raise AskRefusedError(reason="chat_long")
    if "{" in text and "}" in text:
        raise AskRefusedError(reason="slots_missing")


def _command(row: ChatRow) -> ActInChat:
    return ActInChat(
        command_id=CommandId(row.chat_id),
        room_id=row.room_id,
        act=row.act,
        text=row.text,
        comment_id=row.comment_id,
        author_id=row.author_id,
    )
