"""Turns, ratios and bounds."""

import pytest

from benchmarks.comparison import Bound, Outcome, Spread, in_turn, percentile, ratios_of


def test_sides_take_turns_so_that_drift_favours_neither() -> None:
    assert list(in_turn(3)) == [(0, "site"), (0, "bare"), (1, "bare"), (1, "site"), (2, "site"), (2, "bare")]


def test_a_ratio_is_of_the_two_turns_of_a_pair() -> None:
    assert ratios_of([2.0, 9.0], [1.0, 3.0], float) == [2.0, 3.0]


def test_a_pair_that_lacks_a_side_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios_of([1.0, 2.0], [1.0], float)


@pytest.mark.parametrize(
    ("bound", "ratio", "holds"),
    [
        (Bound(1.1, is_ceiling=True), 1.1, True),
        (Bound(1.1, is_ceiling=True), 1.101, False),
        (Bound(0.95, is_ceiling=False), 0.95, True),
        (Bound(0.95, is_ceiling=False), 0.949, False),
    ],
)
def test_a_bound_is_kept_at_its_very_value(bound: Bound, ratio: float, holds: bool) -> None:
    outcome = Outcome("x", "", bound, [ratio], ratio, [], {})
    assert outcome.holds is holds


def test_spread_of_several_and_of_one() -> None:
    assert Spread.of([5.0, 1.0, 2.0, 4.0, 3.0]) == Spread(3.0, 2.0, 4.0, 1.0, 5.0)
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 2.0, 2.0)


@pytest.mark.parametrize(("percent", "value"), [(0, 1.0), (50, 2.5), (95, 3.85), (100, 4.0)])
def test_percentile_lies_between_its_neighbours(percent: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == pytest.approx(value)
