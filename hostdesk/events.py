"""Facts that reach the desk. Each one is written to the journal as it is.

Times are ``at_ms``: UTC milliseconds since 1970, stamped on receipt by the clock of
the composition root (replay has its own). A platform's own time is ``sent_ms``.

An event is either *in line* (judged in the order of receipt, together with the
comments around it) or *urgent* (asks and the answers of the world: handled at once,
ahead of comments that still wait to be judged). See `URGENT`.
"""

from typing import Any, Literal, NewType

import msgspec

CommentId = NewType("CommentId", str)
AuthorId = NewType("AuthorId", str)
AskId = NewType("AskId", str)
CommandId = NewType("CommandId", str)

StreamState = Literal["started", "stopped", "reconnecting", "reconnected"]
PictureState = Literal["ok", "frozen", "black"]
NoticeKind = Literal["apology", "compensation", "correction", "progress", "recovery", "note"]
"""致歉, 补偿, 更正, 进展, 恢复, 说明: what kind of 画面贴片 it is; decides its colour and word."""

ClosedWhy = Literal["asked", "stream_stopped", "source_ended", "unexpected", "engine_stopped"]
ChatAct = Literal[
    "say", "announce", "pin", "unpin", "delete", "time_out", "shield_on", "shield_off"
]
"""pin: say it and pin it · time_out: ten minutes · shield: the platform's mode against floods."""
ReplyWay = Literal["teleprompter", "copied"]
Settlement = Literal["answered", "wrong_flag", "handed_over", "disposed"]
"""How a person settled a card: answered it, marked it 误报, gave it to support, or
disposed of it (违规 lane only, with a reason that is kept)."""


SourceStateName = Literal[
    "starting",
    "live",
    "quiet",
    "stalled",
    "reconnecting",
    "logged_out",
    "refused",
    "offline",
    "covered",
    "ended",
]
"""live: heartbeats and comments · quiet: heartbeats only · stalled: not even those · logged_out:
a person must log in again · refused: a person must change something · offline: this machine has
no network · covered: the page that a bridge reads is not in sight · ended: by the platform."""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", omit_defaults=True):
    """Something that happened, in the order in which it reached us.

    Defaults are not written: a journal row is half as long. So a default never changes.
    """

    at_ms: int


# ---------------------------------------------------------------- what viewers and host did


class Comment(Event, frozen=True, kw_only=True, tag="comment"):
    """A viewer said something in chat."""

    comment_id: CommentId = CommentId("")
    author_id: AuthorId = AuthorId("")
    """Stable per platform; empty or "0" where the platform masks it."""
    author_name: str = ""
    text: str
    author_level: int | None = None
    """Platform level, 0 = new account; None where the platform hides it."""
    badges: tuple[str, ...] = ()
    has_order: bool | None = None
    """True when the shop knows an order of this author; None when nobody knows."""
    order: Literal["", "sure", "likely", "possible"] = ""
    """How certain the shop's list is that the author has an order; empty = not in it."""
    platform: str = ""
    source_id: str = ""
    reply_to: str | None = None
    sent_ms: int | None = None


class Gift(Event, frozen=True, kw_only=True, tag="gift"):
    """A viewer gave something, or bought a paid message."""

    author_id: AuthorId = AuthorId("")
    author_name: str = ""
    name: str = ""
    count: int = 1
    value_fen: int | None = None
    platform: str = ""


class Member(Event, frozen=True, kw_only=True, tag="member"):
    """A viewer joined the fan club or bought a membership."""

    author_id: AuthorId = AuthorId("")
    author_name: str = ""
    name: str = ""
    count: int = 1
    value_fen: int | None = None
    platform: str = ""


class Join(Event, frozen=True, kw_only=True, tag="join"):
    """A viewer entered the room."""

    author_id: AuthorId = AuthorId("")
    author_name: str = ""
    count: int = 1
    platform: str = ""


class Like(Event, frozen=True, kw_only=True, tag="like"):
    """Viewers pressed like."""

    author_id: AuthorId = AuthorId("")
    author_name: str = ""
    count: int = 1
    platform: str = ""


class Removed(Event, frozen=True, kw_only=True, tag="removed"):
    """The platform (or a moderator there) took back comments. They stay in our feed and record.

    One comment by its id, all of one author, or with neither the whole chat.
    """

    comment_id: CommentId = CommentId("")
    author_id: AuthorId = AuthorId("")
    platform: str = ""
    source_id: str = ""
    reason: Literal["deleted", "timed_out", "banned", "cleared"] = "deleted"
    span_ms: int | None = None
    """How long the author may not speak; None = for good, or not told."""


class HostSaid(Event, frozen=True, kw_only=True, tag="host_said"):
    """The host said this. What the host asked viewers to type is not a raid."""

    text: str


# ------------------------------------------------------------------- what the broadcast does


class Stream(Event, frozen=True, kw_only=True, tag="stream"):
    """The uplink changed its state (judged by OBS's outputState, never outputActive)."""

    state: StreamState
    reason: str = ""


class Health(Event, frozen=True, kw_only=True, tag="health"):
    """How the broadcast is doing, every few seconds."""

    fps: float | None = None
    skipped_ratio: float | None = None
    """Skipped ÷ total output frames since the last reading, 0..1."""
    congestion: float | None = None
    mic_peak_db: float | None = None
    picture: PictureState | None = None


class Gap(Event, frozen=True, kw_only=True, tag="gap"):
    """Comments of one source are missing between ``at_ms`` and ``until_ms``."""

    until_ms: int
    source: str = ""


class SourceState(Event, frozen=True, kw_only=True, tag="source_state"):
    """A source tells whether its feed is alive."""

    source_id: str
    state: SourceStateName
    error_code: str = ""
    params: dict[str, str | int] = {}
    skipped: int = 0
    """Lines or frames that could not be read so far."""
    platform: str = ""
    room: str = ""
    """What a person calls it, e.g. the channel."""
    masked: bool = False
    """The platform hides who speaks."""
    lag_ms: int = 0
    """By how much comments are held back to smooth clumps, or arrive late."""
    can_speak: bool = False
    """Somebody is logged in there who may write."""


class ObsState(Event, frozen=True, kw_only=True, tag="obs_state"):
    """The link to OBS came up, or was lost and why."""

    linked: bool
    obs_version: str = ""
    scene: str = ""
    streaming: bool = False
    recording: bool = False
    error_code: str = ""
    params: dict[str, str | int] = {}


class NoticeProof(Event, frozen=True, kw_only=True, tag="notice_proof"):
    """What a screenshot of the programme scene shows where the notice should be."""

    notice_id: str
    seen: bool
    reason: Literal["seen", "hidden", "differs", "no_picture"]
    similarity: float = 0.0


# ------------------------------------------------------------------------- time and the show


class Tick(Event, frozen=True, kw_only=True, tag="tick"):
    """One second went by. The only way in which time passes in the core."""


class WallJumped(Event, frozen=True, kw_only=True, tag="wall_jumped"):
    """The wall clock moved by more than 2 s against the monotonic one (sleep, or set)."""

    by_ms: int


class LoadChanged(Event, frozen=True, kw_only=True, tag="load_changed"):
    """Judging fell behind receipt, or caught up again."""

    level: Literal["normal", "behind"]
    waiting: int
    """Comments received and shown, not judged yet."""


class OpenPromise(msgspec.Struct, frozen=True, kw_only=True):
    """A promise that an earlier show left open."""

    promise_id: str
    text: str
    due_ms: int


class ShowOpened(Event, frozen=True, kw_only=True, tag="show_opened"):
    """First event of every show: all that replay needs to know."""

    show_id: str
    title: str
    version: str
    zone_offset_min: int
    rehearsal: bool = False
    model_hash: str = ""
    content_hash: str = ""
    settings_hash: str = ""
    locale: str = "zh"
    platform: str = ""
    """Whose safe area and reply length hold, e.g. "douyin"."""
    contact: str = ""
    """The official place to send buyers to; fills {contact}."""
    recording: str = ""
    """Rehearsals: the file that is played."""
    learned: dict[str, Any] = {}
    """What this room taught us before (marked 误报 and the like)."""
    promises: tuple[OpenPromise, ...] = ()


class ShowResumed(Event, frozen=True, kw_only=True, tag="show_resumed"):
    """The engine started again in the middle of a show. Unanswered commands are lost."""

    after: Literal["crash", "stop"]


class ShowClosed(Event, frozen=True, kw_only=True, tag="show_closed"):
    """The show is over."""

    why: ClosedWhy


# --------------------------------------------------------------------------- what people ask


class Ask(Event, frozen=True, kw_only=True):
    """A person at a seat wants something. Answered once, by `Desk.receive`."""

    ask_id: AskId = AskId("")
    seat: str = ""


class NoticeAsked(Ask, frozen=True, kw_only=True, tag="notice_asked"):
    """上屏: put this notice on the picture."""

    text: str
    notice_kind: NoticeKind = "note"
    template_id: str = ""
    confirmed: bool = False
    """A person held the key: wanted where the text commits money (``binds``)."""


class NoticeDownAsked(Ask, frozen=True, kw_only=True, tag="notice_down_asked"):
    """撤下: take the notice off the picture."""


class ReplyUsed(Ask, frozen=True, kw_only=True, tag="reply_used"):
    """A suggested or own reply was put on the teleprompter, or copied."""

    text: str
    way: ReplyWay
    reply_id: str = ""
    card_id: str = ""


class ChatAsked(Ask, frozen=True, kw_only=True, tag="chat_asked"):
    """Do something in the chat of a room, as who is logged in there."""

    room_id: str
    act: ChatAct
    text: str = ""
    comment_id: str = ""
    author_id: str = ""
    """delete, time_out: whose comment it is."""
    author_name: str = ""
    """Where the seat knows no more: the engine puts in the ids of that person's last comment."""
    confirmed: bool = False
    """A person held the key: wanted for everything but words."""


class ChatUndone(Ask, frozen=True, kw_only=True, tag="chat_undone"):
    """撤回: do not send what still waits."""

    chat_id: str


class CueCleared(Ask, frozen=True, kw_only=True, tag="cue_cleared"):
    """The teleprompter line is done with."""


class CardChosen(Ask, frozen=True, kw_only=True, tag="card_chosen"):
    """The assistant looks at this card; advice is for it now. Empty = let the desk choose."""

    card_id: str = ""


class CardSettled(Ask, frozen=True, kw_only=True, tag="card_settled"):
    """A card was dealt with by a person."""

    card_id: str
    how: Settlement
    reason: str = ""


class CardRestored(Ask, frozen=True, kw_only=True, tag="card_restored"):
    """Undo of `CardSettled`."""

    card_id: str


class PlanOpened(Ask, frozen=True, kw_only=True, tag="plan_opened"):
    """A person opened an accident plan, from a card or by hand."""

    plan_id: str
    card_id: str = ""


class PlanClosed(Ask, frozen=True, kw_only=True, tag="plan_closed"):
    """The incident is over, says a person."""


class StepTicked(Ask, frozen=True, kw_only=True, tag="step_ticked"):
    """A step of the open plan was done, or un-done."""

    step_id: str
    done: bool = True


class PromiseSettled(Ask, frozen=True, kw_only=True, tag="promise_settled"):
    """A promise was kept, or given up with a reason."""

    promise_id: str
    kept: bool
    reason: str = ""


class OnAirSet(Ask, frozen=True, kw_only=True, tag="on_air_set"):
    """正讲: which link number is being shown now (0 = none)."""

    link_number: int
    product: str = ""


class StartShowAsked(Ask, frozen=True, kw_only=True, tag="start_show_asked"):
    """开始: open a show now."""

    title: str = ""


class EndShowAsked(Ask, frozen=True, kw_only=True, tag="end_show_asked"):
    """下播: close the show."""


# ------------------------------------------------------------------------ the world's answers


class CommandDone(Event, frozen=True, kw_only=True, tag="command_done"):
    """The outside world confirmed a command."""

    command_id: CommandId


class CommandFailed(Event, frozen=True, kw_only=True, tag="command_failed"):
    """The outside world refused a command, or did not answer in time."""

    command_id: CommandId
    error_code: str
    params: dict[str, str | int] = {}


# fmt: off
AnyAsk = (
    NoticeAsked | NoticeDownAsked | ReplyUsed | ChatAsked | ChatUndone | CueCleared | CardChosen
    | CardSettled | CardRestored | PlanOpened | PlanClosed | StepTicked | PromiseSettled
    | OnAirSet | StartShowAsked | EndShowAsked
)

AnyEvent = (
    Comment | Gift | Member | Join | Like | Removed | HostSaid | Stream | Health | Gap
    | SourceState | ObsState | NoticeProof | Tick | WallJumped | LoadChanged | ShowOpened
    | ShowResumed | ShowClosed | AnyAsk | CommandDone | CommandFailed
)
# fmt: on

URGENT = (
    Ask,
    CommandDone,
    CommandFailed,
    NoticeProof,
    ObsState,
    ShowOpened,
    ShowResumed,
    ShowClosed,
)
"""Handled at once, ahead of comments that wait to be judged. The journal keeps beside
each one how far judging had come, so that replay puts it at the same place."""
