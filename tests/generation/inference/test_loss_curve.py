"""A curve follows the loss, is no longer than an eye can see, and goes on where it was."""

from __future__ import annotations

import pytest

from generation.engine.training import CURVE_POINTS_MAX
from generation.inference.loss_curve import LossCurve


def test_the_first_point_is_the_first_loss_and_the_average_follows() -> None:
    curve = LossCurve(100)
    curve.add(1, 2.0)
    for step in range(2, 101):
        curve.add(step, 1.0)
    assert curve.points[0] == (1.0, 2.0)
    assert curve.average == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("steps", [1, 7, 200, 201, 5000])
def test_a_long_curve_is_thinned_and_ends_with_the_last_step(steps: int) -> None:
    curve = LossCurve(steps)
    for step in range(1, steps + 1):
        curve.add(step, 1.0)
    assert len(curve.points) <= CURVE_POINTS_MAX + 2
    assert curve.points[-1][0] == steps


def test_a_curve_goes_on_as_if_it_had_not_been_interrupted() -> None:
    whole, first = LossCurve(10), LossCurve(10)
    for step in range(1, 11):
        whole.add(step, 1 / step)
    for step in range(1, 5):
        first.add(step, 1 / step)
    second = LossCurve(10, first.points, first.average)
    for step in range(5, 11):
        second.add(step, 1 / step)
    assert second.points == whole.points
