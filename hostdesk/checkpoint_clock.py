"""When the next checkpoint is due: each minute, or earlier after many comments."""

EVERY_S = 60.0
EVENTS = 5_000
"""At high load earlier than each minute: a restart replays what came since, in under 2 s."""
LEAST_S = 3.0


class CheckpointClock:
    """Counts from the last one. Times are seconds of any steady clock."""

    def __init__(self, now: float, judged: int = 0) -> None:
        self._at, self._judged = now, judged

    def is_due(self, now: float, judged: int) -> bool:
        """Whether to begin one now; if so, counts anew from here."""
        since_s, events = now - self._at, judged - self._judged
        due = (since_s >= EVERY_S and events > 0) or (events >= EVENTS and since_s >= LEAST_S)
        if due:
            self._at, self._judged = now, judged
        return due
