"""What the windows show: plain rows and panels. Views format; they decide nothing.

A panel carries its whole state and a ``revision`` that grows with each change, so a
pending digest can be merged by keeping the newest of each panel. Rows carry ``seq``;
a hole between two rows was sampled out and can be paged from the engine.
"""

from typing import Literal

import msgspec

from hostdesk.events import ChatAct, NoticeKind
from hostdesk.findings import Evidence, Flavour, Label, Lane, Span

RowKind = Literal["comment", "gift", "member", "gap", "host", "stream"]


class FeedRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One line of the feed. ``text`` is what was said, shown as plain text."""

    seq: int
    at_ms: int
    kind: RowKind
    author: str
    text: str
    has_order: bool = False
    first_time: bool = False
    """The author's first comment of this show."""
    count: int = 0
    """Gifts: how many. Gaps: how long, in milliseconds."""
    maybe_order: bool = False
    """An order of this author is possible, by the shop's list, and no more."""


class RowFlag(msgspec.Struct, frozen=True, array_like=True):
    """What a row was judged to be; follows the row."""

    seq: int
    labels: tuple[Label, ...]
    lane: Lane | None
    spans: tuple[Span, ...]
    topic: str = ""
    unsure: bool = False


CardKind = Literal["comments", "questions", "raid", "echo", "mass_complaint", "accident"]


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a person: one topic of one lane, a wave, an accident."""

    card_id: str
    kind: CardKind
    lane: Lane | None
    topic: str
    label: Label | None = None
    flavour: Flavour = "neutral"
    since_ms: int
    last_ms: int
    authors: int
    comments: int
    with_order: int = 0
    alike: int = 0
    """How many of the people said what a suspected wave says as well ("其中 16 人雷同")."""
    sample: tuple[str, ...] = ()
    """What was said: buyers first, then own words, then what many copied."""
    words: tuple[str, ...] = ()
    """The words that led here, most frequent first."""
    evidence: tuple[Evidence, ...] = ()
    evidence_of: int = 0
    """How many kinds of evidence there could be ("证据 2/4"); 0 where it does not apply."""
    confidence: float = 0.0
    plan_id: str = ""
    seqs: tuple[int, ...] = ()
    state: Literal["open", "settled", "over"] = "open"
    settled_how: str = ""


class CardsPanel(msgspec.Struct, frozen=True, kw_only=True):
    """待处理: most urgent first; at most three are live, the others are stacked."""

    revision: int = 0
    cards: tuple[Card, ...] = ()
    chosen_id: str = ""
    settled: tuple[Card, ...] = ()
    """The last few that were settled, newest first, for undo."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A calm sentence to use now, slots filled."""

    reply_id: str
    intent: str
    tone: str
    say: str
    chat: str
    card: str


class AdvicePanel(msgspec.Struct, frozen=True, kw_only=True):
    """建议: for the chosen card (or the most urgent one)."""

    revision: int = 0
    card_id: str = ""
    suggestions: tuple[Suggestion, ...] = ()


class StepRow(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the open plan."""

    step_id: str
    role: str
    due_ms: int
    text: str
    done_ms: int | None = None


class PlanPanel(msgspec.Struct, frozen=True, kw_only=True):
    """预案: the open accident plan with its clocks. Closed when ``plan_id`` is empty."""

    revision: int = 0
    plan_id: str = ""
    title: str = ""
    severity: str = ""
    since_ms: int = 0
    first_words_due_ms: int = 0
    first_words_ms: int | None = None
    say: str = ""
    avoid: str = ""
    steps: tuple[StepRow, ...] = ()
    templates: tuple[str, ...] = ()
    """Notices that fit, best first (template ids)."""
    over: bool = False
    """Recovery was noticed; a person closes the plan."""


NoticePhase = Literal[
    "none", "sending", "placed", "seen", "unseen", "no_uplink", "taking_down", "failed"
]
"""none · on its way to OBS · in the scene, not proven · 已上屏 · in the scene but not where
it should be seen · in the scene but viewers get no picture · being removed · refused."""


class NoticePanel(msgspec.Struct, frozen=True, kw_only=True):
    """公告: what is on the picture, and whether that was proven."""

    revision: int = 0
    phase: NoticePhase = "none"
    notice_id: str = ""
    notice_kind: NoticeKind = "note"
    text: str = ""
    asked_ms: int = 0
    seen_since_ms: int | None = None
    reason: str = ""
    """unseen: hidden | differs | no_picture."""
    error_code: str = ""
    params: dict[str, str | int] = {}
    rehearsal: bool = False


ChatPhase = Literal["waiting", "sending", "done", "seen", "unseen", "failed", "undone"]
"""can be taken back · on its way · the platform took it · it stands in the feed · it does not,
after 10 s · refused · taken back."""


class ChatRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act in a chat."""

    chat_id: str
    room_id: str
    act: ChatAct
    text: str
    comment_id: str = ""
    author_id: str = ""
    phase: ChatPhase = "waiting"
    due_ms: int = 0
    error_code: str = ""
    params: dict[str, str | int] = {}


class ChatPanel(msgspec.Struct, frozen=True, kw_only=True):
    """公屏: what we said and did there, the newest first."""

    revision: int = 0
    rows: tuple[ChatRow, ...] = ()
    rehearsal: bool = False


class PromiseRow(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was promised, and until when."""

    promise_id: str
    text: str
    due_ms: int
    state: Literal["open", "kept", "given_up", "late"] = "open"


class TemplateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A notice to choose, slots filled as far as known."""

    template_id: str
    notice_kind: NoticeKind
    title: str
    text: str
    binds: bool = False
    missing: tuple[str, ...] = ()
    """Slots that a person must still fill; they stand as {slot} in ``text``."""


class TemplatesPanel(msgspec.Struct, frozen=True, kw_only=True):
    """The notices that can be chosen now, best first."""

    revision: int = 0
    templates: tuple[TemplateRow, ...] = ()


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One source on the status strip."""

    source_id: str
    state: str
    last_ms: int
    error_code: str = ""
    params: dict[str, str | int] = {}
    skipped: int = 0
    platform: str = ""
    room: str = ""
    masked: bool = False
    """The platform hides who speaks: people cannot be told apart."""
    lag_ms: int = 0
    can_speak: bool = False


class StatusPanel(msgspec.Struct, frozen=True, kw_only=True):
    """The strip on top."""

    revision: int = 0
    show_id: str = ""
    title: str = ""
    opened_ms: int = 0
    closed_ms: int | None = None
    rehearsal: bool = False
    obs_linked: bool = False
    obs_error: str = ""
    obs_params: dict[str, str | int] = {}
    stream: str = ""
    """"", started, stopped, reconnecting, reconnected."""
    fps: float | None = None
    skipped_ratio: float | None = None
    congestion: float | None = None
    mic_peak_db: float | None = None
    picture: str | None = None
    sources: tuple[SourceRow, ...] = ()
    offline: bool = False
    """本机断网: no source gives a sign of life, and the uplink is gone as well."""
    per_min: int = 0
    speakers: int = 0
    """Distinct people who spoke in the last five minutes."""
    waiting: int = 0
    """Comments shown but not judged yet."""
    to_answer: int = 0
    promises: tuple[PromiseRow, ...] = ()
    link_number: int = 0
    product: str = ""
    cue: str = ""
    """The teleprompter line."""
    disk_full: bool = False
    now_ms: int = 0


class Digest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a window needs to be up to date; None = unchanged."""

    now_ms: int = 0
    last_seq: int = 0
    total: int = 0
    """Comments of the show so far."""
    rows: tuple[FeedRow, ...] = ()
    flags: tuple[RowFlag, ...] = ()
    """Every flag since the last digest, also of rows that were sampled out."""
    flagged_rows: tuple[FeedRow, ...] = ()
    """Rows of those flags that are not in ``rows``."""
    gone: tuple[int, ...] = ()
    """Rows that the platform took back: they stay, marked."""
    status: StatusPanel | None = None
    cards: CardsPanel | None = None
    advice: AdvicePanel | None = None
    plan: PlanPanel | None = None
    notice: NoticePanel | None = None
    templates: TemplatesPanel | None = None
    chat: ChatPanel | None = None
