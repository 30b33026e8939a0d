"""How a training's loss went, as plain geometry: a line through averages, the words at its axes. Templates draw it.

The curve is drawn in a frame of 1000 × HEIGHT units that is stretched to the page's width; words stand outside of it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 168
WIDTH = 1000
_TOP, _FOOT = 10, 24
_TICKS = 4
# Each loss is of a few pictures at one strength of noise, and jumps about; what is looked for is where it goes.
_SMOOTHING = 0.9
_POINTS_MAX = 400


@dataclass(frozen=True)
class Tick:
    """A line across, and the number beside it."""

    y: str
    text_y: str
    text: str


@dataclass(frozen=True)
class LossPlot:
    """`line` and `dots` are an SVG path's and a polyline's points; `last_step` stands at the right end."""

    line: str
    raw: str
    ticks: tuple[Tick, ...]
    last_step: int
    summary: str
    height: int = HEIGHT
    width: int = WIDTH
    text_y: int = HEIGHT - 6


def plot_of(curve: Sequence[Sequence[float]]) -> LossPlot | None:
    """Return the plot of [step, loss] pairs; None while there are fewer than two."""
    points = [(step, loss) for step, loss in curve if math.isfinite(loss)]
    if len(points) < 2:
        return None
    points = points[:: math.ceil(len(points) / _POINTS_MAX)]
    smooth = _smoothed([loss for _, loss in points])
    step = _nice_step(max(loss for _, loss in points))
    top = step * max(1, math.ceil(max(loss for _, loss in points) / step))
    last = points[-1][0] or 1

    def place(at: float, loss: float) -> str:
        floor = HEIGHT - _FOOT
        return f"{WIDTH * at / last:.1f},{floor - (floor - _TOP) * loss / top:.1f}"

    return LossPlot(
        line=" ".join(place(at, loss) for (at, _), loss in zip(points, smooth, strict=True)),
        raw=" ".join(place(at, loss) for at, loss in points),
        ticks=tuple(_tick(number * step, top) for number in range(round(top / step) + 1)),
        last_step=int(points[-1][0]),
        summary=f"from {smooth[0]:.3f} to {smooth[-1]:.3f}",
    )


def _smoothed(losses: Sequence[float]) -> list[float]:
    """Return the moving average of all before, each weighing nine tenths of the next; the first ones count fully."""
    average, weight, smooth = 0.0, 0.0, []
    for loss in losses:
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        weight = _SMOOTHING * weight + (1 - _SMOOTHING)
        smooth.append(average / weight)
    return smooth


def _nice_step(largest: float) -> float:
    """Return a step of 1, 2 or 5 times a power of ten that reaches the largest loss in at most four."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest / _TICKS))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power * _TICKS >= largest * 0.999)


def _tick(loss: float, top: float) -> Tick:
    floor = HEIGHT - _FOOT
    y = floor - (floor - _TOP) * loss / top
    return Tick(f"{y:.1f}", f"{y + 4:.1f}", f"{loss:.3g}")
