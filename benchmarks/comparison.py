"""Two sides in turn, pair by pair, and what their ratio says. Arithmetic only; nothing here measures."""

import statistics
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Side = Literal["site", "bare"]
Name = TypeVar("Name", bound=str)
Verdict = Literal[
    "holds", "falls short", "too few pairs: not judged", "smaller than asked: not judged", "reported, not judged"
]
# With fewer, chance decides.
PAIRS_AT_LEAST = 7


@dataclass(frozen=True)
class Bound:
    """What the median ratio has to keep to."""

    value: float
    is_ceiling: bool

    def holds(self, ratio: float) -> bool:
        """Whether the ratio is good enough."""
        return ratio <= self.value if self.is_ceiling else ratio >= self.value

    def __str__(self) -> str:
        return f"{'at most' if self.is_ceiling else 'at least'} {self.value:g}"


@dataclass(frozen=True)
class Spread:
    """How numbers lie: the median, the middle half, the ends."""

    median: float
    lower_quartile: float
    upper_quartile: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Describe at least one value."""
        quartiles = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [*values] * 3
        return cls(statistics.median(values), quartiles[0], quartiles[2], min(values), max(values))

    def __str__(self) -> str:
        return (
            f"{self.median:.3f} (middle half {self.lower_quartile:.3f} to {self.upper_quartile:.3f}, "
            f"all {self.low:.3f} to {self.high:.3f})"
        )


@dataclass(frozen=True)
class Part:
    """One of the ratios that a benchmark is judged by, with a bound of its own; without one it is reported only."""

    title: str
    bound: Bound | None
    ratios: list[float]
    judged: float

    @classmethod
    def of(cls, title: str, bound: Bound | None, ratios: Sequence[float]) -> "Part":
        """Return what is judged by the median of its pairs."""
        return cls(title, bound, list(ratios), Spread.of(ratios).median)


@dataclass(frozen=True)
class Outcome:
    """One benchmark's answer: the ratio of each pair and, where they are told apart, the ratio that is judged.

    `parts` are the ratios that this one was made of, where there are several. `sides` are each side's absolute figures
    by what they are of, unit included; None was not measured. `in_pairs` is False for counts of bytes and points, of
    which one look says all. `is_small`: less was asked for than the bound speaks of.
    """

    name: str
    title: str
    bound: Bound | None
    ratios: list[float]
    judged: float
    lines: list[str]
    details: dict[str, Any]
    parts: list[Part] = field(default_factory=list)
    sides: dict[str, dict[str, float | None]] = field(default_factory=dict)
    in_pairs: bool = True
    is_small: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the bound says; nothing of fewer than seven pairs or of a smaller size."""
        if self.bound is None:
            return "reported, not judged"
        if self.in_pairs and len(self.ratios) < PAIRS_AT_LEAST:
            return "too few pairs: not judged"
        if self.is_small:
            return "smaller than asked: not judged"
        return "holds" if self.bound.holds(self.judged) else "falls short"

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None where it was not judged."""
        return {"holds": True, "falls short": False}.get(self.verdict)


def status_of(outcomes: Sequence[Outcome], failures: Collection[str]) -> int:
    """Return the exit status.

    2 where something could not be measured, 1 where a bound does not hold, 3 where there were too few pairs, or too
    little was asked for, to judge by, else 0.
    """
    if failures:
        return 2
    verdicts = {outcome.verdict for outcome in outcomes}
    if "falls short" in verdicts:
        return 1
    return 3 if verdicts & {"too few pairs: not judged", "smaller than asked: not judged"} else 0


def is_smaller(asked: "DataclassInstance", full: "DataclassInstance") -> bool:
    """Return whether any number of a size is below that of the full one, which the bounds speak of."""
    return any(getattr(asked, part.name) < getattr(full, part.name) for part in fields(full))


def in_turn(pairs: int) -> Iterator[tuple[int, Side]]:
    """Yield (pair, side) as A B, B A, A B …: a machine that slows down or speeds up favours neither side."""
    both: tuple[Side, Side] = ("site", "bare")
    for pair, order in orders(pairs, both):
        for side in order:
            yield pair, side


def orders(pairs: int, sides: Sequence[Name]) -> Iterator[tuple[int, Sequence[Name]]]:
    """Yield each pair with its sides in order, A B C, then C B A, then A B C …: none of them always comes last."""
    for pair in range(pairs):
        yield pair, sides if pair % 2 == 0 else sides[::-1]


def ratios_of(site: Sequence[Any], bare: Sequence[Any], figure: Callable[[Any], float]) -> list[float]:
    """Return site ÷ bare of each pair."""
    return [figure(left) / figure(right) for left, right in zip(site, bare, strict=True)]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of the values do not exceed, between two neighbours in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
