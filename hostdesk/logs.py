"""Logging of one process: to a rotating file, and to standard error where asked.

Viewers' names and words never go into a log: log counts, codes and ids of our own.
"""

import logging
import logging.handlers
import sys
import traceback
from pathlib import Path
from types import TracebackType

from typing_extensions import override

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_BYTES = 2_000_000
_FILES = 3


def where(exc: BaseException) -> str:
    """What broke and where, without the error's own words: they may be a viewer's."""
    if isinstance(exc, BaseExceptionGroup):
        return "\n".join(where(each) for each in exc.exceptions)
    return f"{type(exc).__name__}\n{''.join(traceback.format_tb(exc.__traceback__))}"


class Wordless(logging.Formatter):
    """Writes of an error its kind and place: what it quotes may be a viewer's, or a secret."""

    @override
    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        return where(ei[1]) if ei[1] is not None else ""


def start(folder: Path, name: str, *, to_stderr: bool = False) -> None:
    """Send this process's log to ``folder/name.log``. An unwritable folder is no reason to stop."""
    handlers: list[logging.Handler] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handlers.append(
            logging.handlers.RotatingFileHandler(
                folder / f"{name}.log", maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8"
            )
        )
    except OSError:
        to_stderr = True
    if to_stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(Wordless(_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for talkative in ("websockets", "httpx", "httpcore"):  # each call, with its address
        logging.getLogger(talkative).setLevel(logging.WARNING)
