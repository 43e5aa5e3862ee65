"""What comments can be about, and the cards on which they are gathered."""

from typing import Literal

from hostdesk.findings import Label

TOPICS = frozenset(
    {
        "quality", "size", "colour", "shipping", "refund", "service", "authenticity", "price",
        "link", "coupon", "stock", "material", "usage", "returns", "tryon", "repeat", "freeze",
        "sound", "cut", "insult", "rumour", "raid", "compensation", "legal", "minor", "privacy",
        "safety", "efficacy", "foreign", "compare",
    }
)  # fmt: skip
"""The keys that analysis, replies, notices and plans share; "" stands for anything else."""

CardKind = Literal["comments", "questions", "raid", "echo", "mass_complaint", "accident"]

_IMPLIED = {
    Label.SAFETY: "safety",
    Label.RUMOUR: "rumour",
    Label.PRIVACY: "privacy",
    Label.MINOR: "minor",
    Label.LEGAL: "legal",
    Label.HOSTILE: "insult",
    Label.PRICE: "price",
}


def implied(labels: frozenset[str]) -> frozenset[str]:
    """The topics that these labels bring with them, whatever else the comments are about."""
    return frozenset(topic for label, topic in _IMPLIED.items() if label.value in labels)


def card_kind_of(kind: str) -> str:
    """A finding's kind as a card's: a single flag, or nothing at all, stands with comments."""
    return "comments" if kind in {"", "flag"} else kind
