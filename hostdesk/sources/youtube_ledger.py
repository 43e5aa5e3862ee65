"""What was used of today's quota, kept over a restart. Google does not tell it."""

import contextlib
import os
from pathlib import Path
from typing import ClassVar

import msgspec
from typing_extensions import override

from hostdesk.sources.youtube_quota import Ledger

MAX_KEYS = 50


class KeptLedger(Ledger):
    """A ledger in a small file. Where it cannot be read or written, it is one in memory."""

    _KIND: ClassVar[type[dict[str, tuple[str, int]]]] = dict[str, tuple[str, int]]

    def __init__(self, file: Path) -> None:
        """``file``: in the user's data folder; it names keys by a hash, never the key."""
        self._file = file
        used: dict[str, tuple[str, int]] = {}
        with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
            used = msgspec.json.decode(file.read_bytes(), type=self._KIND)
        super().__init__(dict(list(used.items())[-MAX_KEYS:]))

    @override
    def spend(self, key_id: str, units: int, now_ms: int) -> None:
        super().spend(key_id, units, now_ms)
        new = self._file.with_name(self._file.name + ".new")
        with contextlib.suppress(OSError):  # a full disk must not end the chat
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(self.used()))
            os.replace(new, self._file)  # noqa: PTH105  (atomic on every system)
