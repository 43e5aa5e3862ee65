"""Finding the lexicon's terms in one comment, and dropping those that do not count.

A longer term wins over the shorter ones inside it (不起球 over 起球), and an exception
cancels what begins inside it (银行卡 is not 卡).
"""

import msgspec

from hostdesk.analysis.lexicon import MAX_GAP, Helper, Term
from hostdesk.analysis.normalise import Normal
from hostdesk.analysis.tables import Part, Tables

_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DECOR = " .,!?~…·、;:'\"-_()[]<>^*+=@#"


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A term at a place of the normalised text."""

    start: int
    end: int
    term: Term
    heard: bool = False
    """Found by its sound, not by its letters."""


def find_hits(normal: Normal, tables: Tables) -> list[Hit]:
    """All terms that count, in order of their place."""
    hits = _written(normal.text, tables)
    if tables.has_sounds and any(True for _ in tables.sounds.iter(normal.sound)):
        hits += _heard(normal.text, tables, hits)
    if len(hits) > 1:
        hits = _without_shadowed(_without_exceptions(hits))
    hits = [hit for hit in hits if hit.term.helper is not Helper.EXCEPTION]
    hits.sort(key=lambda hit: hit.start)
    return hits


def _written(text: str, tables: Tables) -> list[Hit]:
    hits: list[Hit] = []
    open_parts: dict[Term, tuple[int, int, int]] | None = None
    for last, (length, parts) in tables.words.iter(text):
        start, end = last + 1 - length, last + 1
        if not _stands_free(text, start, end):
            continue
        for part in parts:
            term = part[0]
            if len(term.parts) > 1:
                open_parts = {} if open_parts is None else open_parts
                start_of_all = _joined(open_parts, part, start, end)
                if start_of_all is not None:
                    hits.append(Hit(start_of_all, end, term))
            elif _is_in_place(term, text, start, end):
                hits.append(Hit(start, end, term))
    return hits


def _stands_free(text: str, start: int, end: int) -> bool:
    """Latin terms match whole words only; "sb" is not in "sbobet"."""
    if start and text[start] in _LATIN and text[start - 1] in _LATIN:
        return False
    return end == len(text) or text[end - 1] not in _LATIN or text[end] not in _LATIN


def _is_in_place(term: Term, text: str, start: int, end: int) -> bool:
    if term.whole:
        return _is_whole(text, start, end)
    return not term.end or end == len(text) or text[end] in _DECOR or text[end] == ","


def _is_whole(text: str, start: int, end: int) -> bool:
    return not text[:start].strip(_DECOR) and not text[end:].strip(_DECOR)


def _joined(
    open_parts: dict[Term, tuple[int, int, int]], part: Part, start: int, end: int
) -> int | None:
    """Follow a term with gaps; its first offset once the last piece is there."""
    term, number = part
    if number == 0:
        open_parts[term] = (1, start, end)
        return None
    wanted, first, before = open_parts.get(term, (-1, 0, 0))
    if number != wanted or not 0 <= start - before <= MAX_GAP:
        return None
    if number + 1 == len(term.parts):
        return first
    open_parts[term] = (number + 1, first, end)
    return None


def _heard(text: str, tables: Tables, seen: list[Hit]) -> list[Hit]:
    places = tables.canon.places(text)
    sounds = "".join(place[0] for place in places)
    hits: list[Hit] = []
    for last, (length, parts) in tables.sounds.iter(sounds):
        start, end = places[last + 1 - length][1], places[last][2]
        if not any(hit.start <= start and hit.end >= end for hit in seen):
            hits += [Hit(start, end, term, heard=True) for term, _ in parts]
    return hits


def _without_exceptions(hits: list[Hit]) -> list[Hit]:
    exceptions = [hit for hit in hits if hit.term.helper is Helper.EXCEPTION]
    if not exceptions:
        return hits
    return [hit for hit in hits if not any(_cancels(exception, hit) for exception in exceptions)]


def _cancels(exception: Hit, hit: Hit) -> bool:
    begins = exception.start <= hit.start < exception.end
    ends = _gapped(hit) and exception.start < hit.end <= exception.end
    if hit.term.helper is Helper.EXCEPTION or not (begins or ends):
        return False
    return exception.term.topic in ("*", hit.term.entry.kind)


def _without_shadowed(hits: list[Hit]) -> list[Hit]:
    """Of two hits where one lies strictly inside the other, the longer stays.

    Helpers (吗, 买了) neither shadow nor are shadowed: they say something else.
    """
    labelled = [hit for hit in hits if hit.term.label is not None]
    return [
        hit
        for hit in hits
        if hit.term.label is None or not any(_shadows(other, hit) for other in labelled)
    ]


def _shadows(longer: Hit, hit: Hit) -> bool:
    inside = longer.start <= hit.start and longer.end >= hit.end
    return inside and longer.end - longer.start > hit.end - hit.start and not _gapped(longer)


def _gapped(hit: Hit) -> bool:
    return len(hit.term.parts) > 1
