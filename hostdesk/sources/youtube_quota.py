"""How the units of quota that Google gives for a day are made to last for the show.

Each look into a YouTube chat costs units. They are spread evenly over what is left of the
planned show, or of the day where that ends first: a day of quota ends at midnight in
California, which is in the afternoon in China.
Source: https://developers.google.com/youtube/v3/determine_quota_cost
"""

import datetime
from collections.abc import Mapping

import msgspec

LOOKUP = "videos.list"
POLL = "liveChatMessages.list"

RESERVED_LOOKUPS = 20
"""Units that looks into the chat leave alone: to find the chat again after a cut."""
PLANNED_MS = 4 * 3_600_000
"""The show is taken to last so long where nobody planned its end."""
LEAST_AHEAD_MS = 3_600_000
"""Always spread over at least so long: shows run over, and the last hour must not be blind."""
LEAST_POLL_MS, MOST_POLL_MS, USUAL_POLL_MS = 200, 60_000, 5_000
"""Bounds of what the platform may ask for, and what holds where it asks for nothing."""

_DAY_MS = 86_400_000
_STANDARD, _SUMMER = datetime.timedelta(hours=-8), datetime.timedelta(hours=-7)


class Pace(msgspec.Struct, frozen=True):
    """How often the chat is read, and how long the quota lasts at that."""

    every_ms: int
    units: int
    """Left today."""
    minutes: int
    """How long they last when the chat is read every ``every_ms``."""
    is_stretched: bool
    """Read less often than the platform allows, because the quota is short."""


class Ledger:
    """Units used by each key today. Rooms that share a key share one ledger."""

    def __init__(self, used: Mapping[str, tuple[str, int]] | None = None) -> None:
        """``used``: what `used` said before a restart."""
        self._used = dict(used or {})

    def spent(self, key_id: str, now_ms: int) -> int:
        """Units that ``key_id`` used on the day of ``now_ms``."""
        day, units = self._used.get(key_id, ("", 0))
        return units if day == pacific_day(now_ms) else 0

    def spend(self, key_id: str, units: int, now_ms: int) -> None:
        """A call was made (calls that fail cost as well); less than 0: it never left."""
        units = max(0, self.spent(key_id, now_ms) + units)
        self._used[key_id] = (pacific_day(now_ms), units)

    def used(self) -> dict[str, tuple[str, int]]:
        """What to keep over a restart: (day, units) of each key."""
        return dict(self._used)


class Quota:
    """The share of the quota that one room may use, and the pace that follows from it."""

    def __init__(
        self, costs: Mapping[str, int], budget: int, ledger: Ledger, *, key_id: str = ""
    ) -> None:
        """``costs``: units a call, by the name of its method; ``budget``: units a day."""
        self._costs, self.budget, self._ledger = costs, budget, ledger
        self.key_id = key_id

    def spend(self, method: str, now_ms: int) -> None:
        """One call of ``method`` leaves."""
        self._ledger.spend(self.key_id, self._costs[method], now_ms)

    def refund(self, method: str, now_ms: int) -> None:
        """The call did not reach the platform."""
        self._ledger.spend(self.key_id, -self._costs[method], now_ms)

    def left(self, now_ms: int) -> int:
        """Units left today."""
        return max(0, self.budget - self._ledger.spent(self.key_id, now_ms))

    def affords(self, method: str, now_ms: int) -> bool:
        """Whether one more call of ``method`` is within the budget."""
        reserved = RESERVED_LOOKUPS * self._costs[LOOKUP] if method == POLL else 0
        return self.left(now_ms) >= self._costs[method] + reserved

    def pace(self, platform_ms: int | None, ends_ms: int, now_ms: int) -> Pace:
        """The pace until the show ends at ``ends_ms``; never faster than ``platform_ms``."""
        least = bounded_ms(platform_ms)
        units = self.left(now_ms)
        polls = max(0, units - RESERVED_LOOKUPS * self._costs[LOOKUP]) // self._costs[POLL]
        ahead = max(ends_ms - now_ms, LEAST_AHEAD_MS)
        ahead = min(ahead, resets_ms(now_ms) - now_ms)
        every = max(least, -(-ahead // polls)) if polls else ahead
        minutes = polls * every // 60_000
        return Pace(every, units, minutes, is_stretched=every > least)


def bounded_ms(platform_ms: int | None) -> int:
    """The wait that the platform asks for, within reason."""
    asked = USUAL_POLL_MS if platform_ms is None else platform_ms
    return min(max(asked, LEAST_POLL_MS), MOST_POLL_MS)


def pacific_day(now_ms: int) -> str:
    """The date in California, whose midnight begins a new day of quota."""
    return _pacific(now_ms).date().isoformat()


def resets_ms(now_ms: int) -> int:
    """When the quota is given anew: the next midnight in California, UTC milliseconds."""
    local = _pacific(now_ms)
    midnight = datetime.datetime.combine(local.date() + datetime.timedelta(days=1), datetime.time())
    for offset in (_SUMMER, _STANDARD):
        moment = round((midnight - offset).replace(tzinfo=datetime.UTC).timestamp() * 1000)
        if _offset(moment) == offset:
            return moment
    return now_ms + _DAY_MS  # never: midnight is not the hour at which clocks change


def _pacific(now_ms: int) -> datetime.datetime:
    """The wall clock of California. By rule: Windows has no time zones without a package."""
    moment = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC)
    return moment.replace(tzinfo=None) + _offset(now_ms)


def _offset(now_ms: int) -> datetime.timedelta:
    """Summer time runs from 2:00 on March's second Sunday to 2:00 on November's first."""
    moment = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC).replace(tzinfo=None)
    begins = _sunday(moment.year, 3, 2) + datetime.timedelta(hours=10)
    ends = _sunday(moment.year, 11, 1) + datetime.timedelta(hours=9)
    return _SUMMER if begins <= moment < ends else _STANDARD


def _sunday(year: int, month: int, which: int) -> datetime.datetime:
    first = datetime.datetime(year, month, 1)  # noqa: DTZ001  (a wall clock)
    return first + datetime.timedelta(days=(6 - first.weekday()) % 7 + 7 * (which - 1))
