"""Taking people out of a show: who spoke, and what in the words points at somebody."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import ahocorasick

from hostdesk.analysis.contacts import private_data, solicitations
from hostdesk.text import words

MIN_NAME = 4
"""Shorter names are words as often as names ("momo" is masked in a text, "小鹿" only after @)."""
MIN_ID = 4
_STAR = "*"
_NOBODY = ("", "0")

_DIGIT = r"[\d①-⑨⓪⑴-⑼零〇一二三四五六七八九幺]"
_PATTERNS = (
    re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"),  # e-mail
    re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"(?=(?:[A-Za-z_-]*\d){3})(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{6,}", re.ASCII),
    re.compile(rf"{_DIGIT}{{6,}}"),
    re.compile(rf"{_DIGIT}{{3,}}(?:[ .\-]{_DIGIT}{{3,}})+"),
    re.compile(rf"{_DIGIT}(?:[ .,，、\-_*\ufe0f\u20e3]{{0,2}}{_DIGIT}){{10,}}"),
)
_MENTION = re.compile(r"(?<=[@＠])[^\s@＠:：,，。!！?？]{1,40}")

_IDS = frozenset({"author_id", "comment_id", "reply_to", "source_id", "source", "room_id"})
"""Of viewers and their comments; and of sources, whose ids hold the room's name."""
_OURS = frozenset({
    "kind", "state", "picture", "platform", "label", "labels", "lane", "topic", "flavour", "way",
    "how", "why", "level", "after", "error_code", "signal", "notice_kind", "finding_kind",
    "finding_id", "group_id", "card_id", "promise_id", "plan_id", "step_id", "template_id",
    "reply_id", "notice_id", "command_id", "show_id", "version", "locale", "obs_version",
    "model_hash", "content_hash", "settings_hash", "seat", "ask_id", "chat_id", "act",
})  # fmt: skip
"""Keys whose values hostdesk wrote itself."""
_DROPPED = frozenset({
    "learned", "spans", "contact", "scene", "params", "recording", "title", "room",
    "has_order", "order",
})  # fmt: skip
"""Shop, rooms, files, addresses; who bought; and ``spans``, which no longer fit the masked text."""


class Mask:
    """Stands between the show and the file that leaves it. Memory grows with people only.

    Every name must be told with `knows` before the first text is masked.
    """

    def __init__(self, salt: bytes, locale: str) -> None:
        """``salt``: random bytes of this one export; the same person has another id in the next."""
        self._salt = salt[:64]
        self._viewer: Callable[..., str] = words(locale).raw("journal.viewer").format
        self._numbers: dict[str, int] = {}
        self._known: dict[str, str] = {}
        self._names: Any = None

    def knows(self, author_id: str, name: str) -> None:
        """A person of this show."""
        if not name and author_id in _NOBODY:
            return
        stands_for = self.viewer(author_id, name)
        if len(name) >= MIN_NAME:
            self._known.setdefault(name, stands_for)
        if len(author_id) >= MIN_ID:
            self._known.setdefault(author_id, stands_for)

    def viewer(self, author_id: str, name: str) -> str:
        """观众7: always the same for the same person."""
        key = f"n{name}" if author_id in _NOBODY else f"i{author_id}"
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        return self._viewer(number=number)

    def identity(self, value: str) -> str:
        """An id of this export, the same wherever it stands."""
        if value in _NOBODY:
            return value
        digest = hashlib.blake2b(value.encode("utf-8", "replace"), key=self._salt, digest_size=8)
        return f"x{digest.hexdigest()}"

    def text(self, text: str) -> str:
        """``text`` without names, numbers, addresses and accounts of anybody."""
        masked = self._without_names(text)
        masked = _MENTION.sub(_STAR * 2, masked)
        for pattern in _PATTERNS:
            masked = pattern.sub(_stars, masked)
        lowered = masked.lower()
        if len(lowered) == len(masked):
            for start, end in (*private_data(lowered), *solicitations(lowered)):
                masked = masked[:start] + _STAR * (end - start) + masked[end:]
        return masked

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """One line of the show, by the meaning of its keys."""
        masked: dict[str, Any] = {}
        for key, value in row.items():
            if key in _DROPPED:
                continue
            if key == "author_name":
                masked[key] = self.viewer(str(row.get("author_id", "")), value) if value else ""
            elif key in _IDS:
                masked[key] = self.identity(value) if isinstance(value, str) else value
            else:
                masked[key] = value if key in _OURS else self._value(value)
        return masked

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case list() | tuple():
                return [self._value(each) for each in value]
            case dict():
                return self.row(value)
            case _:
                return value

    def _without_names(self, text: str) -> str:
        names = self._automaton()
        if names is None:
            return text
        parts: list[str] = []
        done = 0
        for last, (length, stands_for) in names.iter_long(text):
            parts += (text[done : last + 1 - length], stands_for)
            done = last + 1
        return "".join((*parts, text[done:]))

    def _automaton(self) -> Any:
        if self._names is None and self._known:
            self._names = ahocorasick.Automaton()
            for known, stands_for in self._known.items():
                self._names.add_word(known, (len(known), stands_for))
            self._names.make_automaton()
        return self._names


def people(rows: Iterable[Any]) -> Iterable[tuple[str, str]]:
    """(author id, name) of every event that has an author."""
    for row in rows:
        author_id = getattr(row, "author_id", None)
        if author_id is not None:
            yield author_id, getattr(row, "author_name", "")


def _stars(match: re.Match[str]) -> str:
    return "".join(_STAR if unicodedata.category(char)[0] in "LNP" else char for char in match[0])
