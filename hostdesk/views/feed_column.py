"""Entries of the feed in their order, packed: 50,000 rows as objects would take 29 MB.

Each row is kept as the bytes in which it came from the engine (about 100 bytes) and
unpacked when somebody looks at it, which takes two microseconds.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias, overload

import msgspec
from typing_extensions import override

from hostdesk.desk.rows import FeedRow


class Hole(msgspec.Struct, gc=False):
    """Rows ``seq`` to ``until_seq`` are not here; ``count`` comments are among them."""

    seq: int
    until_seq: int
    count: int


Entry: TypeAlias = FeedRow | Hole
Packed: TypeAlias = bytes | Hole

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(FeedRow)


def key_of(entry: Entry) -> float:
    """Where an entry stands: a hole just before the first row that is missing."""
    return entry.seq - 0.5 if isinstance(entry, Hole) else entry.seq


def pack(row: FeedRow) -> bytes:
    """A row as bytes; what is no Unicode at all is replaced."""
    try:
        return _ENCODER.encode(row)
    except UnicodeEncodeError:
        author, text = _unicode(row.author), _unicode(row.text)
        return _ENCODER.encode(msgspec.structs.replace(row, author=author, text=text))


class Column(Sequence[Entry]):
    """Entries by ascending key. Reads like a list of rows and holes."""

    def __init__(self) -> None:
        self._keys = array("d")
        self._items: list[Packed] = []

    @override
    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...
    @override
    def __getitem__(self, at: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(at, slice):
            return [_unpack(item) for item in self._items[at]]
        return _unpack(self._items[at])

    def key(self, at: int) -> float:
        """The key of the entry at this index."""
        return self._keys[at]

    def place(self, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return bisect_left(self._keys, key)

    def packed(self, key: float) -> Packed | None:
        """The entry of this very key, as it is kept."""
        at = self.place(key)
        return self._items[at] if at < len(self._keys) and self._keys[at] == key else None

    def hole_before(self, key: float) -> tuple[int, Hole] | None:
        """The nearest hole that stands before ``key``, and its index."""
        for at in range(self.place(key) - 1, -1, -1):
            item = self._items[at]
            if isinstance(item, Hole):
                return at, item
        return None

    def append(self, key: float, item: Packed) -> None:
        """Add at the end; ``key`` is behind all others."""
        self._keys.append(key)
        self._items.append(item)

    def insert(self, key: float, item: Packed) -> bool:
        """Put an entry in its place; False where there is one already."""
        at = self.place(key)
        if at < len(self._keys) and self._keys[at] == key:
            return False
        self._keys.insert(at, key)
        self._items.insert(at, item)
        return True

    def remove(self, key: float) -> None:
        """Take out the entry of this key, where there is one."""
        at = self.place(key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]
            del self._items[at]

    def drop_first(self, count: int) -> None:
        """Forget the oldest ``count`` entries."""
        del self._keys[:count]
        del self._items[:count]

    def drop_behind(self, key: float) -> None:
        """Forget everything at or behind ``key``."""
        at = self.place(key)
        del self._keys[at:]
        del self._items[at:]


def _unpack(item: Packed) -> Entry:
    return item if isinstance(item, Hole) else _DECODER.decode(item)


def _unicode(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
