"""Windows: Qt draws what the desk says. Views decide nothing."""

import builtins
import linecache

import PySide6.QtCore  # noqa: F401  (its hook is there only once it has been imported)


def _import_plainly() -> None:
    """Take off PySide6's own ``__import__``.

    It reads the source of every module that is imported behind it, to find those that ask
    for ``__feature__`` (PYSIDE-2029). Nothing here does; it cost each process 9 MB of kept
    source lines and a tenth of its start.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    linecache.clearcache()


_import_plainly()
