"""What the analysis concludes: labels, lanes, verdicts on comments, findings on crowds."""

import enum
from typing import Literal

import msgspec


class Label(enum.StrEnum):
    """Independent labels of one comment; several may hold. None at all = chatter."""

    HOSTILE = "hostile"
    COMPLAINT = "complaint"
    ACCIDENT = "accident"
    RUMOUR = "rumour"
    SAFETY = "safety"
    QUESTION = "question"
    PRAISE = "praise"
    SPAM = "spam"
    PRIVACY = "privacy"
    PRICE = "price"
    MINOR = "minor"
    LEGAL = "legal"


class Lane(enum.StrEnum):
    """Where a flagged comment is dealt with. A lane never hides a comment."""

    ANSWER = "answer"
    """待回: a complaint, a safety report, anything that a person must answer."""
    VERIFY = "verify"
    """待核: a claim that nobody has checked yet."""
    SUPPORT = "support"
    """转客服: one order's after-sales."""
    ACCIDENT = "accident"
    """事故: picture, sound or stream trouble."""
    DISPOSE = "dispose"
    """违规: pure abuse, ads, private data. Never where a complaint is in it."""


FindingKind = Literal["raid", "echo", "mass_complaint", "accident", "flag"]
Flavour = Literal["hostile", "ad", "praise", "rumour", "complaint", "accident", "neutral"]


class Span(msgspec.Struct, frozen=True):
    """Words that led to a label: character offsets into the comment's own text."""

    start: int
    end: int
    label: Label


class Verdict(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="verdict", omit_defaults=True
):
    """What one comment was judged to be."""

    seq: int
    """The comment's number in the journal."""
    labels: tuple[Label, ...] = ()
    scores: dict[str, float] = {}
    """Label → 0..1; only labels above 0.05 are listed."""
    spans: tuple[Span, ...] = ()
    lane: Lane | None = None
    topic: str = ""
    """What it is about, as a key of ``resources/text`` ``topic.*``: quality, size, freeze…"""
    unsure: bool = False


class Evidence(msgspec.Struct, frozen=True):
    """One signal beside a finding: what was measured, and what is usual in this room."""

    signal: str
    """Key of ``resources/text`` ``signal.*``."""
    value: float
    usual: float


class Finding(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="finding", omit_defaults=True
):
    """Something about several comments (or one, for ``flag``). Updated under the same id."""

    finding_id: str
    finding_kind: FindingKind
    state: Literal["opened", "grew", "closed"] = "opened"
    at_ms: int
    since_ms: int
    topic: str = ""
    flavour: Flavour = "neutral"
    labels: tuple[Label, ...] = ()
    authors: int
    """Distinct people."""
    comments: int
    sample: tuple[str, ...] = ()
    seqs: tuple[int, ...] = ()
    """The newest comments in it (at most 50), for the view to jump to."""
    with_order: int = 0
    """How many of the people are known to have an order."""
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0


class QuestionGroup(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="questions"):
    """Many people asking the same thing: one card with one answer."""

    group_id: str
    at_ms: int
    topic: str
    authors: int
    comments: int
    sample: tuple[str, ...] = ()
    seqs: tuple[int, ...] = ()


Derived = Verdict | Finding | QuestionGroup
