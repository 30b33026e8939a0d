"""A ratio's plot: a dot for each pair, the middle half, the median, and the bound with the side that holds.

Places are percentages of the width, so that text and dots keep their size on a phone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.comparison import Bound, Spread

# The dots lie between, the first pair on top; below are the axis and its ends, above the bound's words.
_TOP, _BOTTOM = 26.0, 74.0
_LEFT, _RIGHT = 3.0, 97.0
# What is left free at both ends of the axis, of what lies between.
_FREE = 0.08


@dataclass(frozen=True)
class Plot:
    """One ratio as it is drawn. Everything that a template asks for is a string."""

    title: str
    bound: Bound | None
    ratios: Sequence[float]
    judged: float
    verdict: str
    tone: str

    @property
    def spread(self) -> Spread:
        """How the pairs lie."""
        return Spread.of(self.ratios)

    @property
    def says(self) -> str:
        """The plot in words."""
        spread = self.spread
        return (
            f"middle half {number(spread.lower_quartile)} to {number(spread.upper_quartile)}, "
            f"all {number(spread.low)} to {number(spread.high)}, {len(self.ratios)} dots"
        )

    @property
    def value(self) -> str:
        """What is judged."""
        return number(self.judged)

    @property
    def dots(self) -> list[tuple[str, str, str]]:
        """Each pair's place and words, the first on top."""
        apart = (_BOTTOM - _TOP) / max(1, len(self.ratios) - 1)
        first = _TOP if len(self.ratios) > 1 else (_TOP + _BOTTOM) / 2
        return [
            (self._at(ratio), f"{first + place * apart:.1f}", f"{place + 1}: {number(ratio)}")
            for place, ratio in enumerate(self.ratios)
        ]

    @property
    def middle(self) -> tuple[str, str]:
        """Where the middle half begins, and how wide it is."""
        spread = self.spread
        return self._at(spread.lower_quartile), _percent(
            self._place(spread.upper_quartile) - self._place(spread.lower_quartile)
        )

    @property
    def judged_at(self) -> str:
        """Where the judged value lies."""
        return self._at(self.judged)

    @property
    def bound_at(self) -> str:
        """Where the bound lies."""
        return self._at(self.bound.value) if self.bound else ""

    @property
    def words_of_bound(self) -> str:
        """The bound in words."""
        return f"bound: {self.bound}" if self.bound else ""

    @property
    def bound_side(self) -> str:
        """Which end of the bound's words is at the bound, as SVG has it: so that they stay within the plot."""
        return "start" if self.bound and self._place(self.bound.value) < 50 else "end"

    @property
    def holding(self) -> tuple[str, str]:
        """Where the side begins that holds, and how wide it is."""
        if self.bound is None:
            return "0%", "0%"
        place = self._place(self.bound.value)
        return ("0%", _percent(place)) if self.bound.is_ceiling else (_percent(place), _percent(100 - place))

    @property
    def ends(self) -> tuple[str, str]:
        """What is written at both ends of the axis."""
        low, high = self._range
        return number(low), number(high)

    @property
    def _range(self) -> tuple[float, float]:
        values = [*self.ratios, self.judged, *([self.bound.value] if self.bound else ())]
        low, high = min(values), max(values)
        free = (high - low) * _FREE or abs(high) * _FREE or 1.0
        return low - (0 if low == 0 else free), high + free

    def _place(self, value: float) -> float:
        low, high = self._range
        return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)

    def _at(self, value: float) -> str:
        return _percent(self._place(value))


def number(value: float) -> str:
    """Return four digits of a number, and all of what stands before the point."""
    if value == 0:
        return "0"
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 10 else 3 if size >= 0.1 else 4
    return f"{value:,.{digits}f}"


def _percent(place: float) -> str:
    return f"{place:.2f}%"
