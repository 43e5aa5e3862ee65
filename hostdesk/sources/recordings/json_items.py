"""The objects of a big JSON file, one by one, in constant memory and past broken ones.

Only brackets and strings are followed here; each object is decoded by msgspec. (ijson was
tried: 100 kB of "[" make it take all memory, and it loses everything after the first
wrong byte.)
"""

import json
import re
from typing import Any

import msgspec

from hostdesk.sources.recordings.tally import Tally

MAX_ITEM = 1 << 24
"""Characters of one object; a longer one is skipped."""

MAX_KEY = 64
_TOKEN = re.compile(r'["{}\[\]]')
_RUN = re.compile(r'(?:[^"{}\[\]]++|"(?:[^"\\\n]++|\\.)*+")*+')
"""All up to the next bracket, or to a string that does not end in this piece."""
_STRING_END = re.compile(r'["\\\n]')


def decode_object(text: str) -> dict[str, Any] | None:
    """One JSON object; None where it is none. Half surrogate pairs are let pass."""
    try:
        found = msgspec.json.decode(text)
    except RecursionError:
        return None
    except (msgspec.DecodeError, UnicodeEncodeError):
        found = _decode_loosely(text)
    return found if isinstance(found, dict) else None


class JsonItems:
    """Takes JSON text in pieces of any size and gives the objects of its lists.

    In a file that is a list these are its elements (section ""); in one that is an
    object they are the elements of the lists, and the objects, under ``sections``.
    """

    def __init__(self, tally: Tally, sections: frozenset[str] = frozenset()) -> None:
        self._tally, self._sections = tally, sections
        self._depth = 0
        self._in_string = self._escaped = False
        self._is_list: bool | None = None
        self._section = ""
        self._key = ""
        """The string read last at depth 1: the name of the section that follows."""
        self._item: list[str] | None = None
        self._item_depth = self._item_size = self._count = 0

    def feed(self, text: str) -> list[tuple[str, dict[str, Any]]]:
        """(section, object) for each one that ends in ``text``."""
        found: list[tuple[str, dict[str, Any]]] = []
        position = begin = 0
        while position < len(text):
            if self._in_string:
                position = self._through_string(text, position)
                continue
            start = self._next_token(text, position)
            if start == len(text):
                break
            position = start + 1
            if text[start] == '"':
                self._in_string = True
                self._key = "" if self._depth == 1 else self._key
            elif text[start] in "{[":
                begin = start if self._opens(text[start]) else begin
            elif self._closes():
                self._keep(text[begin:position])
                self._finish_item(found)
        if self._item is not None:
            self._keep(text[begin:])
        return found

    def finish(self) -> None:
        """The text is over: an object that was cut off is skipped."""
        if self._item is not None:
            self._tally.skip(self._count)
            self._item = None

    def _next_token(self, text: str, position: int) -> int:
        """Where the next bracket or string begins; below depth 1 whole strings are passed."""
        if self._depth > 1:
            run = _RUN.match(text, position)
            return run.end() if run else position
        match = _TOKEN.search(text, position)
        return match.start() if match else len(text)

    def _through_string(self, text: str, position: int) -> int:
        """Move on in a string, to its end if it is in ``text``."""
        if self._escaped:
            self._escaped = False
            return position + 1
        match = _STRING_END.search(text, position)
        end = match.start() if match else len(text)
        if self._depth == 1:
            self._key = (self._key + text[position : min(end, position + MAX_KEY)])[:MAX_KEY]
        if match is None:
            return end
        if match[0] == "\\":
            self._escaped = True
        else:
            self._in_string = False  # also at a raw line end: a quote is missing there
        return match.end()

    def _opens(self, char: str) -> bool:
        """Whether a wanted object begins here."""
        if self._is_list is None:
            self._is_list = char == "["
            self._depth = 1
            return False
        self._depth += 1
        if self._depth == 2 and not self._is_list:
            self._section = self._key
        if char != "{" or self._item is not None or not self._is_wanted():
            return False
        self._item, self._item_depth, self._item_size = [], self._depth, 0
        self._count += 1
        return True

    def _is_wanted(self) -> bool:
        if self._is_list:
            return self._depth == 2
        return self._section in self._sections and self._depth in (2, 3)

    def _closes(self) -> bool:
        """Whether the object that is being kept ends here."""
        self._depth = max(self._depth - 1, 0)
        if self._depth == 0:
            self._depth = 1  # files that were put one behind the other are read on
        return self._item is not None and self._depth < self._item_depth

    def _keep(self, part: str) -> None:
        assert self._item is not None
        self._item_size += len(part)
        if self._item_size > MAX_ITEM:
            self._item.clear()
        else:
            self._item.append(part)

    def _finish_item(self, found: list[tuple[str, dict[str, Any]]]) -> None:
        assert self._item is not None
        item = decode_object("".join(self._item))
        self._item = None
        if item is None:
            self._tally.skip(self._count)
        else:
            found.append((self._section, item))


def _decode_loosely(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None
