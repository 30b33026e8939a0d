"""How a camera moves over a picture: a slow swing to one side and back, coming closer in the middle.

What belongs here: the geometry, which begins and ends at rest. Nothing here is random but by its seed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.backend import Pixels

Matrix = npt.NDArray[np.float64]

# At full motion: how much closer, how far aside and up as a share of the sides, how slanted, how many degrees turned.
_ZOOM, _ASIDE, _LIFT, _SLANT, _DEGREES = 0.12, 0.035, 0.02, 0.1, 2.0


def phases(frames: int, *, is_loop: bool) -> list[float]:
    """Return how far each frame is on its way out and back, 0 to 2 π: the last is one step before the end of a loop."""
    return [2 * math.pi * index / (frames if is_loop else frames - 1) for index in range(frames)]


def path(phases: Sequence[float], motion: float, size: tuple[int, int], seed: int) -> list[Matrix]:
    """Return a matrix (2, 3) for each phase that maps a picture's pixels to the frame's; at 0 it changes nothing.

    size: (width, height). `motion`: 0 (still) to 1.
    """
    drawn = np.random.default_rng(seed)
    side, lift = (1.0 if drawn.random() < 0.5 else -1.0), drawn.uniform(-1.0, 1.0)
    return [_matrix(phase, motion, size, side, lift) for phase in phases]


def move(frames: Sequence[Pixels], matrices: Sequence[Matrix]) -> list[Pixels]:
    """Return each frame (height, width, 3) as the camera sees it; what lies beyond the edges is mirrored."""
    return [_seen(frame, matrix) for frame, matrix in zip(frames, matrices, strict=True)]


def _seen(frame: Pixels, matrix: Matrix) -> Pixels:
    height, width = frame.shape[:2]
    seen = cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(seen, np.uint8)


def _matrix(phase: float, motion: float, size: tuple[int, int], side: float, lift: float) -> Matrix:
    width, height = size
    swing, near = motion * side * math.sin(phase), motion * (1 - math.cos(phase)) / 2
    turn, scale = math.radians(_DEGREES * swing), 1 + _ZOOM * near
    rotation = scale * np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    # Slanted about the middle, the top goes one way and the foot the other, as a thing does that sways.
    linear = rotation @ np.array([[1.0, _SLANT * swing], [0.0, 1.0]])
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    moved = np.array([_ASIDE * swing * width, _LIFT * lift * near * height])
    return np.column_stack([linear, middle - linear @ middle + moved])
