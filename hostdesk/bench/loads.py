"""Load that a real room could bring: the shipped shows' lines, again and again, never the same.

What a crowd echoes stays as it is. What people said in their own words is varied on every
further lap (another number, another short word beside it), because a memory of judged
texts would otherwise make the analysis look faster than it is.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hostdesk.content.shows import demo_shows

Line = dict[str, Any]

ECHO = 3
"""A text that occurs this often in one show is an echo."""
SHORT = 4
"""Characters of the words that are put beside others."""
PEOPLE_LAPS = 60
"""After so many laps the same people speak again (about 1,100 speak in one lap)."""
LAP_GAP_MS = 5_000
START_MS = 1_781_784_000_000
"""When the load begins; a recording without believable times is played at once."""
_NUMBER = re.compile(r"\d+")
_ENCODER = msgspec.json.Encoder()


class Crowd:
    """Lines in the manner of the shipped shows, without end and always the same ones."""

    def __init__(self) -> None:
        self._shows = [_read(show.path) for show in demo_shows() if show.path.is_file()]
        texts = [_counted(show) for show in self._shows]
        self._echoes = {text for each in texts for text, n in each.items() if n >= ECHO}
        self._short = sorted(text for text in self._echoes if len(text) <= SHORT)
        self._dice = random.Random(6)
        self._numbers = itertools.count(1)

    def show_lines(self) -> Iterator[Line]:
        """All that happened in the shows, at their own pace, lap after lap."""
        at_ms = START_MS
        for lap in itertools.count():
            for show in self._shows:
                first_ms, last_ms = show[0]["at_ms"], show[-1]["at_ms"]
                for line in show:
                    yield {**self._again(line, lap), "at_ms": at_ms + line["at_ms"] - first_ms}
                at_ms += last_ms - first_ms + LAP_GAP_MS

    def comments(self) -> Iterator[Line]:
        """Only what viewers said; the caller sets the times."""
        said = [line for show in self._shows for line in show if line["kind"] == "comment"]
        for lap in itertools.count():
            for line in said:
                yield self._again(line, lap)

    def _again(self, line: Line, lap: int) -> Line:
        again = dict(line)
        if "author_id" in line:
            again["author_id"] = f"{line['author_id']}.{lap % PEOPLE_LAPS}"
        if line["kind"] == "comment":
            again["comment_id"] = f"c{next(self._numbers)}"
            again["text"] = self._varied(line["text"]) if lap else line["text"]
        return again

    def _varied(self, text: str) -> str:
        if text in self._echoes:
            return text
        other = _NUMBER.sub(lambda _: str(self._dice.randrange(1, 300)), text)
        word = self._dice.choice(self._short)
        return f"{other} {word}" if self._dice.random() < 0.5 else f"{word} {other}"


def timed(
    lines: Iterator[Line], phases: Sequence[tuple[int, int]], start_ms: int = START_MS
) -> Iterator[Line]:
    """The next lines at a pace: each phase is (how many, per second)."""
    at_ms = float(start_ms)
    for count, per_s in phases:
        for line in itertools.islice(lines, count):
            yield {**line, "at_ms": int(at_ms)}
            at_ms += 1000 / per_s


def write(path: Path, lines: Iterable[Line]) -> Path:
    """A show file of these lines."""
    with path.open("wb") as out:
        for line in lines:
            out.write(_ENCODER.encode(line))
            out.write(b"\n")
    return path


def _read(path: Path) -> list[Line]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip()]


def _counted(show: Iterable[Line]) -> Counter[str]:
    return Counter(line["text"] for line in show if line["kind"] == "comment")
