"""How a training's loss goes: a moving average, and a curve with as many points as an eye can tell apart."""

from __future__ import annotations

from collections.abc import Sequence

from generation.engine.training import CURVE_POINTS_MAX

# The loss of one step says little: it depends on which timesteps were drawn.
_MEMORY = 0.97

Points = tuple[tuple[float, ...], ...]


class LossCurve:
    """Takes each step's loss; `points` are [step, average], at most some 200 over the whole training."""

    def __init__(self, steps: int, points: Sequence[Sequence[float]] = (), average: float = 0.0) -> None:
        """Begin, or go on from what an earlier attempt had."""
        self._every = max(1, -(-steps // CURVE_POINTS_MAX))
        self._steps = steps
        self._points = [(float(at), float(loss)) for at, loss in points]
        self.average = average

    @property
    def points(self) -> Points:
        """The curve so far."""
        return tuple(self._points)

    def add(self, step: int, loss: float) -> None:
        """Take the loss of a step, counted from 1."""
        # Young averages remember less, so that the first step does not weigh on all that follow.
        memory = min(_MEMORY, (step - 1) / (step + 4)) if step > 1 else 0.0
        self.average = memory * self.average + (1 - memory) * loss
        if step % self._every == 0 or step in (1, self._steps):
            self._points.append((float(step), round(self.average, 6)))
