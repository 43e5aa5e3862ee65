"""The records of a CSV or TSV file, whatever its encoding, in constant memory.

A quote that is never closed costs its own line, not the file: a record may run over a few
lines, and where it does not close within them its first line is given up (or taken as it
stands, where it has as many cells as the header), and reading goes on with the next.
"""

import codecs
import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

CHUNK = 1 << 16
MAX_LINE = 1 << 16
"""Characters; a longer line is given up."""
MAX_LINES = 12
"""Lines of one record: an item's text may have line breaks in it."""
DELIMITERS = (",", "\t", ";", "|")

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"),
          (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff]")

Record = tuple[int, list[str] | None]
"""Number of its first line, and its cells; None where it cannot be read."""


def encoding_of(file: Path) -> str:
    """The encoding: by its mark, by its zeros, or UTF-8 unless GB 18030 fits better.

    The whole file is looked at: the first Chinese name may stand in the last line.

    Raises:
        OSError: it cannot be read.
    """
    utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
    chinese = codecs.getincrementaldecoder("gb18030")(errors="replace")
    wrong_utf8 = wrong_chinese = foreign = 0
    for number, chunk in enumerate(_chunks(file)):
        if number == 0 and (marked := _marked(chunk)):
            return marked
        if chunk.isascii() and not utf8.getstate()[0] and not chinese.getstate()[0]:
            continue
        text = utf8.decode(chunk)
        wrong_utf8 += text.count("\ufffd")
        foreign += len(text) - len(text.encode("ascii", errors="ignore"))
        wrong_chinese += chinese.decode(chunk).count("\ufffd")
    if not wrong_utf8 or wrong_utf8 * 4 < foreign:
        return "utf-8"
    return "gb18030" if wrong_chinese <= wrong_utf8 else "utf-8"


def lines_of(file: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """(number from 1, line without its end); None for a line that is too long.

    Raises:
        OSError: it cannot be read.
    """
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    number, rest = 1, ""
    is_too_long = False
    for chunk in _chunks(file):
        *complete, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in complete:
            yield number, None if is_too_long or len(line) > MAX_LINE else _clean(line)
            number, is_too_long = number + 1, False
        if len(rest) > MAX_LINE:
            rest, is_too_long = "", True
    if rest := rest + decoder.decode(b"", final=True):
        yield number, None if is_too_long else _clean(rest)


class Records:
    """Cuts lines into records by one delimiter."""

    def __init__(self, lines: Iterator[tuple[int, str | None]], delimiter: str) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._waiting: deque[tuple[int, str | None]] = deque()

    def __iter__(self) -> Iterator[Record]:
        """All records; empty lines are left out."""
        while (first := self._next()) is not None:
            number, line = first
            if line is None:
                yield number, None
            elif line.strip():
                yield number, self._record(line)

    def _record(self, line: str) -> list[str] | None:
        if line.count('"') % 2 == 0:
            return cells_of(line, self._delimiter)
        taken: list[tuple[int, str | None]] = []
        text = line
        while len(taken) < MAX_LINES - 1 and len(text) <= MAX_LINE:
            following = self._next()
            if following is None:
                break
            taken.append(following)
            if following[1] is None:
                break
            text += "\n" + following[1]
            if following[1].count('"') % 2:
                return cells_of(text, self._delimiter)
        self._waiting.extendleft(reversed(taken))
        return cells_of(line, self._delimiter, quotes=False)

    def _next(self) -> tuple[int, str | None] | None:
        return self._waiting.popleft() if self._waiting else next(self._lines, None)


def cells_of(text: str, delimiter: str, *, quotes: bool = True) -> list[str] | None:
    """The cells of one record; None where it is none."""
    try:
        if quotes:
            found = list(csv.reader([text], delimiter=delimiter))
        else:
            found = list(csv.reader([text], delimiter=delimiter, quoting=csv.QUOTE_NONE))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def best_delimiter(line: str, score: Callable[[list[str]], int]) -> tuple[str, int]:
    """The delimiter by which ``line`` makes most sense, and the score that it reaches."""
    scored = [(score(cells_of(line, each) or []), each) for each in DELIMITERS]
    best = max(scored, key=lambda each: each[0])
    return best[1], best[0]


def plain(cell: str) -> str:
    """A cell without blanks and without what keeps a spreadsheet from reading an id as a number.

    Those are ``="0123"``, ``'0123`` and tabs.
    """
    cell = cell.strip()
    if not cell.startswith(("=", "'", '"')):
        return cell.rstrip('"')
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    elif cell.startswith("="):
        cell = cell[1:]
    return cell.removeprefix("'").strip().strip('"').strip()


def _clean(line: str) -> str:
    return _UNFIT.sub("", line.removesuffix("\r"))


def _marked(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:400:2].count(0), head[1:400:2].count(0)
    if max(even, odd) * 8 > len(head[:400]):
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def _chunks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
