"""What a look back consists of. ``hostdesk review SHOW --json`` prints one `ShowReview`.

The shape, by key (times are UTC milliseconds, durations end in ``_ms``; ``null`` = not
known or did not happen, never a guess)::

    {"facts":      {"show_id", "title", "opened_ms", "last_ms", "state", "rehearsal", …},
     "speech":     {"comments", "people", "people_state", "masked", "labels": [Rate…],
                    "complainants", "complainants_per_1000", "complainants_state"},
     "broadcast":  {"state", "reconnecting_ms", "frozen_ms", "down_ms", "gaps", …},
     "pace":       {"step_ms", "bins": [{"at_ms", "comments", "complaint", …}]},
     "moments":    [Moment…],      accident, many complaints, the same words by many
     "lanes":      [LaneReview…],  flagged comments with the words that led there
     "replies", "notices", "plans", "promises", "settlements",
     "unanswered": [CardFacts…],   cards that waited when the show ended
     "buyers":     [BuyerComplaint…],
     "questions":  [Asked…],
     "removed":    {"comments", "people", "chats"},   what the platform took back
     "flags":      {"settled", "wrong", "wrong_per_100", "state", "by": [FlagCount…]},
     "left_out":   {list name: how many more there were than the list holds},
     "content_changed": bool}

Keys may be added; those that stand here stay as they are.
"""

from typing import Literal

import msgspec

from hostdesk.events import NoticeKind, ReplyWay, Settlement
from hostdesk.findings import Evidence, FindingKind, Flavour, Lane

Enough = Literal["known", "too_few", "masked"]
"""Whether a figure can be told: yes; too few cases to tell; the platform hides accounts."""

MomentKind = Literal["accident", "mass_complaint", "raid"]
FirstWords = Literal["in_time", "late", "none", "unclear", "not_wanted"]
"""Were there words to the viewers within the limit? ``unclear``: the host said something
next, and only a person can tell whether it was about this. A campaign is not to be
announced: there ``not_wanted`` stands, and the limit does not hold."""
PromiseState = Literal["kept", "kept_late", "late", "open", "given_up"]
"""``late``: the time is past and nobody has marked it as kept."""
SpokenBy = Literal["host", "reply", "notice"]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Which show, and how long it was."""

    show_id: str
    title: str
    opened_ms: int
    last_ms: int
    state: Literal["closed", "unexpected", "open"]
    """``open``: no end is recorded."""
    closed_why: str = ""
    rehearsal: bool = False
    zone_offset_min: int = 0
    platform: str = ""
    version: str = ""
    made_ms: int = 0
    """When this look back was made."""


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How often comments had one label."""

    label: str
    comments: int
    people: int
    per_1000: float | None
    """Per 1,000 comments; null where there are too few."""


class Speech(msgspec.Struct, frozen=True, kw_only=True):
    """How much was said, by how many."""

    comments: int = 0
    people: int | None = None
    people_state: Enough = "known"
    masked: int = 0
    """Comments whose author the platform hides: they count for no person."""
    rates_state: Enough = "known"
    labels: tuple[Rate, ...] = ()
    complainants: int = 0
    complainants_per_1000: float | None = None
    """Distinct complainants per 1,000 distinct speakers."""
    complainants_state: Enough = "known"
    orders_known: bool = False
    """Whether anything told us who has an order."""


class Broadcast(msgspec.Struct, frozen=True, kw_only=True):
    """Trouble of the broadcast."""

    state: Literal["known", "unknown"] = "unknown"
    """``unknown``: nothing told us about the broadcast; the durations are null then."""
    reconnecting_ms: int | None = None
    reconnects: int = 0
    frozen_ms: int | None = None
    """Picture still or black, as far as readings came."""
    down_ms: int | None = None
    """Stream stopped in the middle of the show."""
    obs_lost: int = 0
    gaps: int = 0
    gap_ms: int = 0
    """Time in which comments are missing, over all sources."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the pace."""

    at_ms: int
    comments: int
    complaint: int = 0
    accident: int = 0
    hostile: int = 0
    rumour: int = 0


class TakenBack(msgspec.Struct, frozen=True, kw_only=True):
    """What platforms (or moderators there) took back."""

    comments: int = 0
    """Named one by one."""
    people: int = 0
    """All that they had said."""
    chats: int = 0
    """Rooms that were cleared."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Comments by time; steps without a comment are left out."""

    step_ms: int = 60_000
    bins: tuple[Bin, ...] = ()


class CardFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a card was about."""

    card_id: str
    kind: str
    lane: Lane | None
    topic: str
    label: str = ""
    since_ms: int | None = None
    authors: int = 0
    comments: int = 0
    with_order: int = 0
    sample: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A card that a person dealt with (and did not take back)."""

    at_ms: int
    how: Settlement
    reason: str
    seat: str
    card: CardFacts


class ReplyDone(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that was put on the teleprompter, or copied."""

    at_ms: int
    text: str
    way: ReplyWay
    reply_id: str = ""
    card_id: str = ""
    topic: str = ""


class NoticeDone(msgspec.Struct, frozen=True, kw_only=True):
    """A notice from the press of 上屏 until it was gone."""

    notice_id: str
    kind: NoticeKind
    text: str
    asked_ms: int
    placed_ms: int | None = None
    seen_ms: int | None = None
    """First seen on the picture while viewers got one; null = never proven."""
    seen_for_ms: int = 0
    down_asked_ms: int | None = None
    gone_ms: int | None = None
    error_code: str = ""
    error_params: dict[str, str | int] = {}
    unseen: str = ""
    """Why it was not seen: hidden | differs | no_picture | no_uplink | not_checked."""
    replaced: bool = False
    """The next notice took its place."""


class StepDone(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a plan."""

    step_id: str
    role: str
    text: str
    due_ms: int
    done_ms: int | None = None


class PlanDone(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that was opened."""

    plan_id: str
    title: str
    severity: str
    card_id: str
    opened_ms: int
    closed_ms: int | None = None
    steps: tuple[StepDone, ...] = ()


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Something about many viewers, with all that was done about it."""

    finding_id: str
    kind: MomentKind
    topic: str
    flavour: Flavour = "neutral"
    since_ms: int
    found_ms: int
    """When it was flagged: signals need a little time to be sure of."""
    over_ms: int | None = None
    people: int
    comments: int
    with_order: int
    sample: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    first_words: FirstWords
    first_words_after_ms: int | None = None
    first_words_limit_ms: int | None = None
    first_words_by: SpokenBy | None = None
    first_words_text: str = ""
    replies: tuple[ReplyDone, ...] = ()
    notices: tuple[NoticeDone, ...] = ()
    plans: tuple[PlanDone, ...] = ()
    settled: tuple[Settled, ...] = ()
    nothing_done: bool = False
    """No words, no reply, no notice, no plan, and the card was left as it was."""


class Flagged(msgspec.Struct, frozen=True, kw_only=True):
    """One flagged comment, as an example."""

    seq: int
    at_ms: int
    author: str
    text: str
    words: tuple[str, ...]
    """The words that led there."""
    labels: tuple[str, ...]
    has_order: bool = False
    unsure: bool = False
    removed: bool = False
    """The platform took it back."""


class TopicReview(msgspec.Struct, frozen=True, kw_only=True):
    """One topic of a lane."""

    topic: str
    comments: int
    people: int
    words: tuple[str, ...]
    """The words that led there, most frequent first."""
    examples: tuple[Flagged, ...]


class LaneReview(msgspec.Struct, frozen=True, kw_only=True):
    """What was flagged into one lane."""

    lane: Lane
    comments: int
    people: int
    topics: tuple[TopicReview, ...]


class PromiseDone(msgspec.Struct, frozen=True, kw_only=True):
    """A promised time and what became of it."""

    promise_id: str
    text: str
    said_ms: int | None
    """null: carried over from an earlier show."""
    due_ms: int
    state: PromiseState
    settled_ms: int | None = None
    reason: str = ""


class BuyerComplaint(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an order who complained, and no answer is recorded."""

    author: str
    at_ms: int
    text: str
    topic: str
    comments: int = 1


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question of many, with the most people that asked it at one time."""

    topic: str
    people: int
    groups: int
    """How many times it came up."""
    sample: tuple[str, ...] = ()
    answered: bool = False


class FlagCount(msgspec.Struct, frozen=True, kw_only=True):
    """How the cards of one lane were settled."""

    lane: Lane | None
    settled: int
    wrong: int


class Flags(msgspec.Struct, frozen=True, kw_only=True):
    """误报: what people said about our flags."""

    settled: int = 0
    wrong: int = 0
    wrong_per_100: float | None = None
    state: Enough = "too_few"
    by: tuple[FlagCount, ...] = ()


class ShowReview(msgspec.Struct, frozen=True, kw_only=True):
    """The whole look back."""

    facts: Facts
    speech: Speech = Speech()
    broadcast: Broadcast = Broadcast()
    pace: Pace = Pace()
    moments: tuple[Moment, ...] = ()
    lanes: tuple[LaneReview, ...] = ()
    replies: tuple[ReplyDone, ...] = ()
    notices: tuple[NoticeDone, ...] = ()
    plans: tuple[PlanDone, ...] = ()
    promises: tuple[PromiseDone, ...] = ()
    settlements: tuple[Settled, ...] = ()
    unanswered: tuple[CardFacts, ...] = ()
    buyers: tuple[BuyerComplaint, ...] = ()
    questions: tuple[Asked, ...] = ()
    removed: TakenBack = TakenBack()
    flags: Flags = Flags()
    left_out: dict[str, int] = {}
    content_changed: bool = False
    """Plans and notices changed since: the words of steps are today's."""


MOMENT_KINDS: tuple[FindingKind, ...] = ("accident", "mass_complaint", "raid")
