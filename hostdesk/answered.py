"""Asks that were answered: a window that asks again after a cut is not done twice."""

from hostdesk.errors import AskRefusedError, HostdeskError

REMEMBERED = 256


class Answered:
    """The last asks by id, with why they were refused (empty: done)."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def has(self, ask_id: str) -> bool:
        """Whether this was answered before."""
        return bool(ask_id) and ask_id in self._reasons

    def again(self, ask_id: str) -> HostdeskError | None:
        """The same answer once more."""
        reason = self._reasons[ask_id]
        return AskRefusedError(reason=reason) if reason else None

    def take(self, ask_id: str, error: HostdeskError | None) -> None:
        """Remember an answer; the oldest goes."""
        self._reasons[ask_id] = str(error.params.get("reason", "")) if error else ""
        while len(self._reasons) > REMEMBERED:
            del self._reasons[next(iter(self._reasons))]
