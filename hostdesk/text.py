"""The words for people, by locale: ``resources/text/<locale>/*.toml``.

A key is the dotted path in the file ("notice.seen"); placeholders are ``{name}``.
``HOSTDESK_PSEUDO=150`` stretches every sentence to that percentage, to find clipped labels.
"""

import functools
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hostdesk import paths

LOCALES = ("zh", "en")


class Words:
    """All sentences of one locale."""

    def __init__(self, locale: str, table: dict[str, str]) -> None:
        self.locale = locale
        self._table = table
        self._pseudo = int(os.environ.get("HOSTDESK_PSEUDO", "100"))

    def __call__(self, key: str, **params: object) -> str:
        """The sentence of ``key`` with its placeholders filled.

        Raises:
            KeyError: no such key; a test checks that all locales have the same keys.
        """
        sentence = self._table[key].format(**params)
        return sentence if self._pseudo == 100 else _stretch(sentence, self._pseudo)

    def has(self, key: str) -> bool:
        """Whether there is a sentence of this key."""
        return key in self._table

    def get(self, key: str, default: str, **params: object) -> str:
        """The sentence of ``key``, or ``default`` where data brought an unknown key."""
        return self(key, **params) if key in self._table else default

    def error(self, code: str, params: dict[str, str | int]) -> tuple[str, str]:
        """What happened, and what to do now."""
        known = code if f"error.{code}.message" in self._table else "bug"
        filled = _Forgiving(params)
        reason = f"reason.{params.get('reason', '')}"
        if reason in self._table:
            filled["reason"] = self._table[reason]
        if "missing" in filled:
            filled["missing"] = self._names(str(filled["missing"]))
        message = self._table[f"error.{known}.message"].format_map(filled)
        hint = self._table[f"error.{known}.hint"].format_map(filled)
        return message, hint

    def _names(self, fields: str) -> str:
        """Fields and secrets of a room (blanks between them) as people call them."""
        names = [
            self.get(f"setting.secret.{name}", self.get(f"room.field.{name}", name))
            for name in fields.split()
        ]
        return " · ".join(names)

    def keys(self) -> frozenset[str]:
        """Every key, for tests and completion."""
        return frozenset(self._table)

    def raw(self, key: str) -> str:
        """The sentence with its placeholders unfilled, for tests."""
        return self._table[key]


class _Forgiving(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "…"


@functools.cache
def words(locale: str) -> Words:
    """The words of ``locale``; Chinese where we do not have it."""
    chosen = locale if locale in LOCALES else LOCALES[0]
    table: dict[str, str] = {}
    for file in sorted((paths.resources() / "text" / chosen).glob("*.toml")):
        table.update(_flatten(_read(file)))
    return Words(chosen, table)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _flatten(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value)


def _stretch(sentence: str, percent: int) -> str:
    return sentence + "·" * (len(sentence) * (percent - 100) // 100)
