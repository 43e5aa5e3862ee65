"""Cutting text into lines, in constant memory."""

from collections.abc import Iterator

MAX_LINE = 1 << 24
"""Characters; a longer line is given up."""


class Lines:
    """Takes text in pieces of any size and gives (number, line), numbers from 1."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._number = 0

    def feed(self, text: str) -> Iterator[tuple[int, str | None]]:
        """The lines that end in ``text``; None for one that is too long."""
        *complete, rest = text.split("\n")
        for end in complete:
            self._keep(end)
            yield self._take()
        self._keep(rest)

    def finish(self) -> Iterator[tuple[int, str | None]]:
        """The last line, where no line end follows."""
        if self._size:
            yield self._take()

    def _keep(self, part: str) -> None:
        self._size += len(part)
        if self._size > MAX_LINE:
            self._parts.clear()
        elif part:
            self._parts.append(part)

    def _take(self) -> tuple[int, str | None]:
        self._number += 1
        line = "".join(self._parts).strip() if self._size <= MAX_LINE else None
        self._parts, self._size = [], 0
        return self._number, line
