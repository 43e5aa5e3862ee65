"""The core's state as bytes: pickle, read back by a reader that builds nothing but our own.

Static content (lexicons, replies) is not saved: classes with ``STATIC = True`` are
written as a name, and the ones that are loaded now stand in for them.
"""

import io
import pickle
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

_COLLECTIONS = {"deque", "OrderedDict", "Counter", "defaultdict"}
_BUILTINS = {"set", "frozenset", "bytearray", "list", "dict", "tuple", "int", "range", "slice"}


_BROKEN = (pickle.UnpicklingError, EOFError, AttributeError, KeyError, TypeError, ValueError)


class CheckpointError(Exception):
    """Not a checkpoint of this version; replay the journal from its start."""


class _Writer(pickle.Pickler):
    @override
    def persistent_id(self, obj: Any) -> str | None:
        return type(obj).__name__ if getattr(type(obj), "STATIC", False) else None


class _Reader(pickle.Unpickler):
    def __init__(self, body: bytes, static: Mapping[str, object]) -> None:
        super().__init__(io.BytesIO(body))
        self._static = static

    @override
    def persistent_load(self, pid: Any) -> Any:
        return self._static[pid]

    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        ours = module_name.startswith("hostdesk.") or module_name == "msgspec._core"
        known = (module_name == "collections" and global_name in _COLLECTIONS) or (
            module_name == "builtins" and global_name in _BUILTINS
        )
        if not (ours or known or (module_name, global_name) == ("copyreg", "_reconstructor")):
            raise CheckpointError(f"{module_name}.{global_name}")
        return super().find_class(module_name, global_name)


def save(state: object, version: str) -> bytes:
    """``state`` as it is now."""
    out = io.BytesIO()
    _Writer(out, protocol=5).dump((version, state))
    return out.getvalue()


def load(body: bytes, version: str, static: Mapping[str, object]) -> Any:
    """The state that was saved.

    Raises:
        CheckpointError: of another version, or not ours.
    """
    try:
        found, state = _Reader(body, static).load()
    except _BROKEN as exc:
        raise CheckpointError(type(exc).__name__) from exc
    if found != version:
        raise CheckpointError("version")
    return state
