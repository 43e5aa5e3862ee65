"""How long to wait before the next try: longer each time, never the same for everybody."""

from collections.abc import Callable

FIRST_S = 1.0
LONGEST_S = 30.0
FACTOR = 2.0


class Backoff:
    """Doubles from `FIRST_S` to `LONGEST_S`; each wait is between two thirds of that and all of it.

    Jitter, because a platform that comes back is not helped by a thousand desks at once.
    """

    def __init__(self, dice: Callable[[], float]) -> None:
        """``dice`` gives numbers from 0 up to 1."""
        self._dice = dice
        self._next_s = FIRST_S

    def wait_s(self, least_s: float = 0.0) -> float:
        """Seconds until the next try; at least what the platform asked for."""
        wait_s, self._next_s = self._next_s, min(self._next_s * FACTOR, LONGEST_S)
        return max(wait_s * (2 + self._dice()) / 3, least_s)

    def succeeded(self) -> None:
        """A room was joined: begin anew."""
        self._next_s = FIRST_S
