"""The notice on the picture. 已上屏 only when it was seen there, and viewers get a picture."""

import msgspec

from hostdesk.commands import AnyCommand, HideNotice, ShowNotice
from hostdesk.desk.rows import NoticePanel, NoticePhase
from hostdesk.errors import AskRefusedError
from hostdesk.events import (
    CommandDone,
    CommandFailed,
    CommandId,
    NoticeAsked,
    NoticeDownAsked,
    NoticeProof,
    Stream,
    StreamState,
)

MAX_TEXT = 120
_NOTHING_UP: tuple[NoticePhase, ...] = ("none", "failed")
_UPLINK_UP = ("started", "reconnected")


class Notice:
    """One notice at a time. Answers to older commands are ignored."""

    def __init__(self, *, locale: str = "zh", platform: str = "", rehearsal: bool = False) -> None:
        self.panel = NoticePanel(rehearsal=rehearsal)
        self._locale, self._platform = locale, platform
        self._count = self._commands = 0
        self._waiting_for = ""
        self._uplink: StreamState | None = None
        self._proof: NoticeProof | None = None

    @property
    def is_up(self) -> bool:
        """Whether something of ours may be on the picture."""
        return self.panel.phase not in _NOTHING_UP

    def asked(self, ask: NoticeAsked, *, binds: bool) -> list[AnyCommand]:
        """上屏.

        Raises:
            AskRefusedError: empty, too long, a slot is unfilled, or it commits money and
                nobody held the key.
        """
        self._check(ask, binds=binds)
        self._count += 1
        self._proof = None
        self._set(
            phase="sending",
            notice_id=f"notice-{self._count}",
            notice_kind=ask.notice_kind,
            text=ask.text.strip(),
            asked_ms=ask.at_ms,
        )
        return [self._show()]

    def down_asked(self, ask: NoticeDownAsked) -> list[AnyCommand]:
        """撤下.

        Raises:
            AskRefusedError: nothing is up. What could not be taken down may still be.
        """
        if self.panel.phase == "none":
            raise AskRefusedError(reason="nothing_up")
        return self._hide()

    def take_down(self) -> list[AnyCommand]:
        """Remove what is up, if anything is."""
        return self._hide() if self.is_up else []

    def resumed(self) -> list[AnyCommand]:
        """The engine started again: what was under way is lost, what was up is put up again."""
        match self.panel.phase:
            case "sending":
                self._waiting_for = ""
                self._change(phase="failed", error_code="interrupted")
                return []
            case "taking_down":
                return self.take_down()
            case "placed" | "seen" | "unseen" | "no_uplink":
                self._proof = None
                self._change(phase="sending", seen_since_ms=None)
                return [self._show()]
            case _:
                return []

    def done(self, event: CommandDone) -> None:
        """A command of ours was confirmed."""
        if event.command_id != self._waiting_for:
            return
        self._waiting_for = ""
        if self.panel.phase == "taking_down":
            self._set(phase="none")
        else:
            self._change(phase="placed")
            self._judge(event.at_ms)

    def failed(self, event: CommandFailed) -> None:
        """A command of ours was refused, or nobody answered."""
        if event.command_id != self._waiting_for:
            return
        self._waiting_for = ""
        self._change(phase="failed", error_code=event.error_code, params=event.params)

    def proof(self, event: NoticeProof) -> None:
        """A screenshot was compared."""
        if event.notice_id == self.panel.notice_id:
            self._proof = event
            self._judge(event.at_ms)

    def stream(self, event: Stream) -> None:
        """The uplink changed."""
        self._uplink = event.state
        self._judge(event.at_ms)

    def _judge(self, at_ms: int) -> None:
        if self.panel.phase not in ("placed", "seen", "unseen", "no_uplink"):
            return
        if self._proof is None:
            phase: NoticePhase = "placed"
        elif not self._proof.seen:
            phase = "unseen"
        elif self._uplink not in _UPLINK_UP:
            phase = "no_uplink"
        else:
            phase = "seen"
        reason = self._proof.reason if self._proof else ""
        if (phase, reason) == (self.panel.phase, self.panel.reason):
            return
        self._change(phase=phase, reason=reason, seen_since_ms=at_ms if phase == "seen" else None)

    def _check(self, ask: NoticeAsked, *, binds: bool) -> None:
        text = ask.text.strip()
        if not text:
            raise AskRefusedError(reason="notice_empty")
        if len(text) > MAX_TEXT:
            raise AskRefusedError(reason="notice_long")
        if "{" in text and "}" in text:
            raise AskRefusedError(reason="slots_missing")
        if binds and not ask.confirmed:
            raise AskRefusedError(reason="needs_hold")

    def _show(self) -> ShowNotice:
        return ShowNotice(
            command_id=self._next_command(),
            notice_id=self.panel.notice_id,
            notice_kind=self.panel.notice_kind,
            text=self.panel.text,
            locale=self._locale,
            platform=self._platform,
        )

    def _hide(self) -> list[AnyCommand]:
        command = HideNotice(command_id=self._next_command(), notice_id=self.panel.notice_id)
        self._change(phase="taking_down", seen_since_ms=None, error_code="", params={})
        return [command]

    def _next_command(self) -> CommandId:
        self._commands += 1
        self._waiting_for = f"command-{self._commands}"
        return CommandId(self._waiting_for)

    def _set(self, **fields: object) -> None:
        fresh = NoticePanel(revision=self.panel.revision + 1, rehearsal=self.panel.rehearsal)
        self.panel = msgspec.structs.replace(fresh, **fields)

    def _change(self, **fields: object) -> None:
        fields["revision"] = self.panel.revision + 1
        self.panel = msgspec.structs.replace(self.panel, **fields)
