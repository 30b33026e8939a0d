"""How far two pictures are from each other: the largest difference, PSNR and SSIM. Pure numbers, no files."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

# Source: Wang, Bovik, Sheikh, Simoncelli, "Image Quality Assessment: From Error Visibility to Structural Similarity",
# IEEE Transactions on Image Processing 13 (2004): a Gaussian window of 11 × 11 with a deviation of 1.5, K1, K2.
_SIDE, _SIGMA, _K1, _K2 = 11, 1.5, 0.01, 0.03
_PEAK = 255.0


@dataclass(frozen=True)
class Difference:
    """What was measured; `psnr` in decibels is infinite, and `ssim` 1, where nothing differs."""

    max_difference: int
    psnr: float
    ssim: float


NONE = Difference(0, math.inf, 1.0)


def between_frames(one: Iterable[Pixels], other: Iterable[Pixels]) -> Difference | None:
    """Compare two videos frame by frame; None where they are not of one shape and length."""
    found: list[Difference] = []
    for first, second in zip_longest(one, other):
        difference = None if first is None or second is None else between(first, second)
        if difference is None:
            return None
        found.append(difference)
    error = float(np.mean([_PEAK**2 / 10 ** (each.psnr / 10) for each in found]))
    return Difference(
        max(each.max_difference for each in found),
        10 * math.log10(_PEAK**2 / error) if error else math.inf,
        float(np.mean([each.ssim for each in found])),
    )


def between(one: Pixels, other: Pixels) -> Difference | None:
    """Compare two pictures, shape (height, width, channels), uint8; None where their shapes differ."""
    if one.shape != other.shape:
        return None
    if np.array_equal(one, other):
        return NONE
    first, second = one.astype(np.float64), other.astype(np.float64)
    error = float(np.mean((first - second) ** 2))
    return Difference(
        int(np.abs(one.astype(np.int16) - other.astype(np.int16)).max()),
        10 * math.log10(_PEAK**2 / error),
        _ssim(first, second),
    )


def _ssim(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Return the mean over all places and channels; at the edges the picture goes on as in a mirror."""
    steady, contrast = (_K1 * _PEAK) ** 2, (_K2 * _PEAK) ** 2
    mean_one, mean_other = _blur(one), _blur(other)
    spread_one = _blur(one * one) - mean_one**2
    spread_other = _blur(other * other) - mean_other**2
    shared = _blur(one * other) - mean_one * mean_other
    like = (2 * mean_one * mean_other + steady) * (2 * shared + contrast)
    whole = (mean_one**2 + mean_other**2 + steady) * (spread_one + spread_other + contrast)
    return float(np.mean(like / whole))


def _blur(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(cv2.GaussianBlur(values, (_SIDE, _SIDE), _SIGMA, borderType=cv2.BORDER_REFLECT_101))
