"""The vocabulary of the trade as data: what a row of ``resources/lexicons`` means.

A term is matched as it stands; Latin ends want a word boundary; ``…`` inside a term
stands for up to `MAX_GAP` characters ("洗…次就" finds "洗了两次就").
"""

import enum

import msgspec

from hostdesk.findings import Label

MAX_GAP = 6
"""Characters that one ``…`` may stand for."""

GAP = "…"


class Helper(enum.StrEnum):
    """Kinds of rows that are no label by themselves but change what others mean."""

    EXCEPTION = "exception"
    """Cancels what begins inside it: 银行卡 is not 卡. ``topic`` names the label, or ``*``."""
    ECHO = "echo"
    """What harmless crowds say. Whole comments only."""
    RECOVERY = "recovery"
    """Picture or sound is back."""
    OWNER = "owner"
    """Says to have bought or used it: leaves every suspect cluster."""
    FACT = "fact"
    """A detail that only somebody who has the thing would tell."""
    NEGATOR = "negator"
    FILLER = "filler"
    """May stand between a negator and its word: 不(怎么)起球."""
    YESNO = "yesno"
    """Turns the clause into a question: 起球吗."""
    RHETORIC = "rhetoric"
    """Looks like a question and is a complaint: 怎么又起球了?"""
    REMEDY = "remedy"
    """Asks what happens now: 能退吗. The complaint before it stays one."""
    WORRY = "worry"
    """Not happened yet: 怕起球, 万一掉色."""
    ELSEWHERE = "elsewhere"
    """About another shop: 别家的起球."""
    RESOLVED = "resolved"
    """The trouble was put right: 补发给我了."""
    STYLE = "style"
    """How campaigns talk (别买, 快跑). Style only, never proof."""
    INVITE = "invite"
    """The host asks viewers to type something: 扣, 打在公屏上."""
    CHECK = "check"
    """The host asks whether picture and sound are there: 卡不卡, 听得到吗."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a lexicon."""

    term: str
    kind: str
    """A label or a `Helper`."""
    topic: str = ""
    weight: float = 0.0
    """How much this term alone says for its label, 0..1; 0.5 is enough to set it."""
    how: str = ""
    """Space-separated: ``sound`` also by pinyin, ``whole`` the whole comment only, ``end`` at
    the end of a clause, ``firm`` holds in a question too, ``support`` belongs to one order."""
    source: str = ""


class Term(msgspec.Struct, frozen=True, gc=False):
    """One row, ready to be matched."""

    entry: Entry
    parts: tuple[str, ...]
    label: Label | None
    helper: Helper | None
    weight: float
    topic: str
    firm: bool
    whole: bool
    end: bool
    support: bool


WAYS = frozenset({"sound", "whole", "end", "firm", "support"})
_LABELS = {label.value: label for label in Label}
_HELPERS = {helper.value: helper for helper in Helper}


def problem_of(entry: Entry) -> tuple[str, str] | None:
    """The field that is wrong in ``entry`` and why, or None."""
    if not entry.term.strip() or any(not part for part in entry.term.split(GAP)):
        return "term", entry.term
    if entry.kind not in _LABELS and entry.kind not in _HELPERS:
        return "kind", entry.kind
    if not 0 <= entry.weight <= 1:
        return "weight", str(entry.weight)
    strange = set(entry.how.split()) - WAYS
    return ("how", ", ".join(sorted(strange))) if strange else None


def to_term(entry: Entry, parts: tuple[str, ...]) -> Term:
    """Make ``entry`` ready; ``parts`` are its pieces in the spelling of comments."""
    ways = entry.how.split()
    return Term(
        entry=entry,
        parts=parts,
        label=_LABELS.get(entry.kind),
        helper=_HELPERS.get(entry.kind),
        weight=entry.weight,
        topic=entry.topic,
        firm="firm" in ways,
        whole="whole" in ways or entry.kind == Helper.ECHO,
        end="end" in ways,
        support="support" in ways,
    )
