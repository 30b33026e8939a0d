"""Turns, ratios and bounds."""

import pytest

from benchmarks.comparison import Bound, Outcome, Spread, in_turn, is_smaller, orders, percentile, ratios_of, status_of
from benchmarks.turns import Load


def test_sides_take_turns_so_that_drift_favours_neither() -> None:
    assert list(in_turn(3)) == [(0, "site"), (0, "bare"), (1, "bare"), (1, "site"), (2, "site"), (2, "bare")]


def test_none_of_three_sides_always_comes_last() -> None:
    forth, back = ("site", "bare", "stock"), ("stock", "bare", "site")
    assert list(orders(3, forth)) == [(0, forth), (1, back), (2, forth)]


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
    outcome = Outcome("x", "", bound, [ratio] * 7, ratio, [], {})
    assert outcome.holds is holds


@pytest.mark.parametrize(
    ("pairs", "judged", "verdict", "status"),
    [
        (7, 1.0, "holds", 0),
        (7, 1.2, "falls short", 1),
        (6, 1.0, "too few pairs: not judged", 3),
        (1, 1.2, "too few pairs: not judged", 3),
    ],
)
def test_fewer_than_seven_pairs_are_not_judged(pairs: int, judged: float, verdict: str, status: int) -> None:
    outcome = Outcome("x", "", Bound(1.1, is_ceiling=True), [judged] * pairs, judged, [], {})
    assert outcome.verdict == verdict
    assert status_of([outcome], {}) == status


@pytest.mark.parametrize("judged", [1.0, 1.2])
def test_what_is_smaller_than_asked_is_not_judged(judged: float) -> None:
    outcome = Outcome("a", "", Bound(1.1, is_ceiling=True), [judged] * 7, judged, [], {}, is_small=True)
    assert (outcome.verdict, outcome.holds) == ("smaller than asked: not judged", None)
    assert status_of([outcome], {}) == 3


def test_one_number_below_the_full_size_makes_it_smaller() -> None:
    assert is_smaller(Load(jobs=63), Load())
    assert is_smaller(Load(num_inference_steps=24), Load())
    assert not is_smaller(Load(jobs=64), Load())
    assert not is_smaller(Load(jobs=100, pairs=9), Load())


def test_what_is_counted_needs_no_pairs_and_what_has_no_bound_no_judgement() -> None:
    counted = Outcome("h", "", Bound(1.0, is_ceiling=True), [0.9], 0.9, [], {}, in_pairs=False)
    reported = Outcome("bentoml", "", None, [2.0], 2.0, [], {})
    assert counted.verdict == "holds"
    assert reported.verdict == "reported, not judged"
    assert status_of([counted, reported], {}) == 0


def test_what_could_not_be_measured_outweighs_what_falls_short_and_that_too_few_pairs() -> None:
    short = Outcome("a", "", Bound(1.0, is_ceiling=True), [2.0] * 7, 2.0, [], {})
    few = Outcome("c", "", Bound(1.0, is_ceiling=True), [0.5], 0.5, [], {})
    assert status_of([few, short], {}) == 1
    assert status_of([few, short], {"b": "the site did not answer"}) == 2


def test_spread_of_several_and_of_one() -> None:
    assert Spread.of([5.0, 1.0, 2.0, 4.0, 3.0]) == Spread(3.0, 2.0, 4.0, 1.0, 5.0)
    assert Spread.of([2.0]) == Spread(2.0, 2.0, 2.0, 2.0, 2.0)


@pytest.mark.parametrize(("percent", "value"), [(0, 1.0), (50, 2.5), (95, 3.85), (100, 4.0)])
def test_percentile_lies_between_its_neighbours(percent: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], percent) == pytest.approx(value)
