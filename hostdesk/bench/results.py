"""Figures of a benchmark, its bars, and whether they are met."""

import math
from collections.abc import Sequence

import msgspec

Figure = float | int | str


class Bar(msgspec.Struct, frozen=True):
    """What one figure must not exceed (or, ``at_least``, not fall below)."""

    figure: str
    limit: float
    at_least: bool = False

    def is_met(self, value: Figure) -> bool:
        """Whether a figure keeps to the bar; a word never does."""
        if isinstance(value, str) or math.isnan(value):
            return False
        return value >= self.limit if self.at_least else value <= self.limit


class Result(msgspec.Struct, kw_only=True):
    """What one benchmark found. ``missing`` names why it could not measure (``bench.why_*``)."""

    name: str
    figures: dict[str, Figure] = {}
    bars: tuple[Bar, ...] = ()
    missing: str = ""
    detail: str = ""
    spin: float = 1.0
    """Wall ÷ CPU time of a fixed loop around it; 1 = the machine was ours alone."""
    others: float = 0.0
    """The share of all cores (0..1) that programs of others took meanwhile."""
    contended: bool = False
    runs: int = 1

    def missed(self) -> list[Bar]:
        """The bars that are not met; all of them where nothing was measured."""
        nothing = math.nan
        return [bar for bar in self.bars if not bar.is_met(self.figures.get(bar.figure, nothing))]

    @property
    def met(self) -> bool | None:
        """Whether all bars are met; None where nothing was measured or nothing is asked."""
        return None if self.missing or not self.bars else not self.missed()


def best(results: Sequence[Result]) -> Result:
    """The run that missed the fewest bars; among those the one with the best first figure."""

    def worth(result: Result) -> tuple[int, float]:
        bar = result.bars[0] if result.bars else None
        value = result.figures.get(bar.figure, 0) if bar else 0
        number = 0.0 if isinstance(value, str) else float(value)
        return len(result.missed()), -number if bar and bar.at_least else number

    return min(results, key=worth)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0..1) of the values do not exceed; NaN where there is none."""
    if not values:
        return math.nan
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, math.ceil(share * len(ranked)) - 1))]


def spread(name: str, values: Sequence[float], digits: int = 1) -> dict[str, Figure]:
    """Median, p99 and maximum of a latency as figures ``<name>_p50_ms`` and so on."""
    if not values:
        return {}
    return {
        f"{name}_p50_ms": round(percentile(values, 0.5), digits),
        f"{name}_p99_ms": round(percentile(values, 0.99), digits),
        f"{name}_max_ms": round(max(values), digits),
    }


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of y over x; NaN where that says nothing."""
    if len(points) < 3:
        return math.nan
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    wide = sum((x - middle_x) ** 2 for x, _ in points)
    if not wide:
        return math.nan
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / wide
