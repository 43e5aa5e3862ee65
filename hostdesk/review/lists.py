"""Small helpers that keep a look back at eight hours in little memory."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_TEXT = 200
MAX_NAME = 40
MAX_WORD = 30
_UNPRINTABLE = dict.fromkeys(
    [*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF], " "
)
"""Control characters, and those that turn the direction of what follows."""
MASKED = ("", "0")
"""Author ids that platforms give where they hide who spoke."""


class Capped(Generic[T]):
    """The first ``most`` things, and how many more there were."""

    def __init__(self, most: int) -> None:
        self.items: list[T] = []
        self.left_out = 0
        self._most = most

    def add(self, item: T) -> bool:
        """Keep ``item`` if there is room; whether it was kept."""
        if len(self.items) >= self._most:
            self.left_out += 1
            return False
        self.items.append(item)
        return True

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def clip(text: str, most: int = MAX_TEXT) -> str:
    """``text`` on one line, shortened with an ellipsis."""
    line = " ".join(text[: most * 4].translate(_UNPRINTABLE).split())
    return line if len(line) <= most and len(text) <= most * 4 else line[: most - 1] + "…"


def person(author_id: str) -> int | None:
    """A number for counting distinct people; None where the platform hides who it is."""
    return None if author_id in MASKED else hash(author_id)
