"""The core's state as bytes: pickle, read back by a reader that builds nothing but our own.

Static content (lexicons, replies) is not saved: objects of the classes named on saving are
written as a name, and the ones that are loaded now stand in for them.
"""

import enum
import io
import pickle
import zlib
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

SHAPE = 3
"""Raise it when what is saved looks different, though it means the same."""
MAX_BYTES = 1 << 28
"""More than a show's state can ever be."""

_COLLECTIONS = {"deque", "OrderedDict", "Counter", "defaultdict"}
_ARRAYS = {"array", "_array_reconstructor"}
_BUILTINS = {"set", "frozenset", "bytearray", "list", "dict", "tuple", "int", "range", "slice"}
_BROKEN = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
    zlib.error,
)


class CheckpointError(Exception):
    """Not a checkpoint of this version; replay the journal from its start."""


def stand_in(name: str) -> object:
    """Marks static content in a checkpoint; the reader puts the real object there."""
    raise CheckpointError(name)


def save(state: object, version: str, static: Mapping[str, object]) -> bytes:
    """``state`` as it is now; each object of ``static`` is left out by its name.

    Compressed: megabytes would pass through the engine and its journal every few seconds.
    """
    names = {type(each): name for name, each in static.items()}
    out = io.BytesIO()
    writer = pickle.Pickler(out, protocol=5)
    # a table, not persistent_id: that one is a Python call for every object of the state
    writer.dispatch_table = {kind: (lambda obj: (stand_in, (names[type(obj)],))) for kind in names}
    writer.dump((SHAPE, version, state))
    return zlib.compress(out.getbuffer(), 1)


def load(body: bytes, version: str, static: Mapping[str, object]) -> Any:
    """The state that was saved.

    Raises:
        CheckpointError: of another version, or not ours.
    """
    try:
        *found, state = _Reader(_whole(body), static).load()
    except _BROKEN as exc:
        raise CheckpointError(type(exc).__name__) from exc
    if found != [SHAPE, version]:
        raise CheckpointError("version")
    return state


def _whole(body: bytes) -> bytes:
    unpacking = zlib.decompressobj()
    whole = unpacking.decompress(body, MAX_BYTES)
    if not unpacking.eof:
        raise ValueError(len(whole))
    return whole


class _Reader(pickle.Unpickler):
    def __init__(self, body: bytes, static: Mapping[str, object]) -> None:
        super().__init__(io.BytesIO(body))
        self._static = static

    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) == (__name__, "stand_in"):
            return self._static.__getitem__
        if (module_name, global_name) == ("builtins", "getattr"):
            return _member  # how Python 3.11.0 to 3.11.3 pickle a member of an enum
        if not _is_plain(module_name, global_name):
            raise CheckpointError(f"{module_name}.{global_name}")
        return super().find_class(module_name, global_name)


def _member(kind: object, name: object) -> object:
    """In the place of ``getattr``: members of enums, and nothing else."""
    if isinstance(kind, type) and issubclass(kind, enum.Enum) and isinstance(name, str):
        return kind[name]
    raise CheckpointError(f"getattr {name}")


def _is_plain(module_name: str, global_name: str) -> bool:
    if "." in global_name:
        return False  # a dotted name reaches whatever a module of ours happens to import
    match module_name:
        case "array":
            return global_name in _ARRAYS
        case "collections":
            return global_name in _COLLECTIONS
        case "builtins":
            return global_name in _BUILTINS
        case "copyreg":
            return global_name == "_reconstructor"
        case "msgspec._utils" | "msgspec._core":
            return global_name == "rebuild"
        case _:
            return module_name.startswith("hostdesk.") and global_name.lstrip("_")[:1].isupper()
