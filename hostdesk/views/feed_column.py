"""Entries of the feed in their order, packed: 50,000 rows as objects would take 29 MB.

Each row is kept, together with what it was judged to be, as bytes (about 140) and unpacked
when somebody looks at it, which takes two microseconds.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import TypeAlias, overload

import msgspec
from typing_extensions import override

from hostdesk.desk.rows import FeedRow, RowFlag
from hostdesk.findings import Label, Lane, Span


class Hole(msgspec.Struct, gc=False):
    """Rows ``seq`` to ``until_seq`` are not here; ``count`` comments are among them."""

    seq: int
    until_seq: int
    count: int


Entry: TypeAlias = FeedRow | Hole
Packed: TypeAlias = bytes | Hole


class _Flag(msgspec.Struct, array_like=True, gc=False):
    """A `RowFlag` in fewer bytes."""

    labels: tuple[Label, ...]
    lane: Lane | None
    spans: tuple[tuple[int, int, Label], ...]
    topic: str
    unsure: bool


class _Kept(msgspec.Struct, array_like=True, gc=False):
    """How an entry is packed. Read by `_Row` alone, the flag is skipped."""

    row: msgspec.Raw
    flag: _Flag | None = None


class _Row(msgspec.Struct, array_like=True, gc=False):
    row: FeedRow


_ENCODER = msgspec.msgpack.Encoder()
_ROWS = msgspec.msgpack.Decoder(_Row)
_KEPT = msgspec.msgpack.Decoder(_Kept)
_NO_FLAG = _ENCODER.encode(None)


def key_of(entry: Entry) -> float:
    """Where an entry stands: a hole just before the first row that is missing."""
    return entry.seq - 0.5 if isinstance(entry, Hole) else entry.seq


def pack(row: FeedRow, flag: RowFlag | None = None) -> bytes:
    """A row and its flag as bytes; what is no Unicode at all is replaced."""
    short = _short(flag)
    try:
        return _ENCODER.encode((row, short))
    except UnicodeEncodeError:
        return _ENCODER.encode((_sound(row), short))


def with_flag(packed: bytes, flag: RowFlag) -> bytes:
    """The same row, judged anew."""
    kept = _KEPT.decode(packed)
    kept.flag = _short(flag)
    return _ENCODER.encode(kept)


def flag_in(packed: bytes, seq: int) -> RowFlag | None:
    """What the row ``seq`` was judged to be; None where nobody said so (yet)."""
    if packed.endswith(_NO_FLAG):  # nearly every row that is new
        return None
    kept = _KEPT.decode(packed).flag
    if kept is None:
        return None
    spans = tuple(Span(start, end, label) for start, end, label in kept.spans)
    return RowFlag(seq, kept.labels, kept.lane, spans, kept.topic, kept.unsure)


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

    def put(self, key: float, item: Packed) -> None:
        """Put another item in the place of the one of this very key."""
        self._items[self.place(key)] = item

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


class Chosen(Sequence[Entry]):
    """The rows that a filter lets through: numbers of rows that a `Column` holds."""

    def __init__(self, of: Column) -> None:
        self._of = of
        self._keys = array("d")

    @override
    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...
    @override
    def __getitem__(self, at: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(at, slice):
            return [self._of[self._of.place(key)] for key in self._keys[at]]
        return self._of[self._of.place(self._keys[at])]

    def place(self, key: float) -> int:
        """Index of the first entry at or behind ``key``."""
        return bisect_left(self._keys, key)

    def has(self, key: float) -> bool:
        """Whether this row is let through."""
        at = self.place(key)
        return at < len(self._keys) and self._keys[at] == key

    def add(self, key: float) -> None:
        """Let this row through."""
        at = self.place(key)
        if at == len(self._keys) or self._keys[at] != key:
            self._keys.insert(at, key)

    def remove(self, key: float) -> None:
        """Let it through no longer."""
        at = self.place(key)
        if at < len(self._keys) and self._keys[at] == key:
            del self._keys[at]

    def drop_before(self, key: float) -> None:
        """Forget everything before ``key``."""
        del self._keys[: self.place(key)]

    def drop_behind(self, key: float) -> None:
        """Forget everything at or behind ``key``."""
        del self._keys[self.place(key) :]


def _unpack(item: Packed) -> Entry:
    return item if isinstance(item, Hole) else _ROWS.decode(item).row


def _short(flag: RowFlag | None) -> _Flag | None:
    if flag is None:
        return None
    spans = tuple((span.start, span.end, span.label) for span in flag.spans)
    return _Flag(flag.labels, flag.lane, spans, flag.topic, flag.unsure)


def _sound(row: FeedRow) -> FeedRow:
    return msgspec.structs.replace(row, author=_unicode(row.author), text=_unicode(row.text))


def _unicode(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
