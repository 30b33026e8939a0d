import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from generation import picture_difference


def noise(seed: int, side: int = 64) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def test_equal_pictures_have_no_difference() -> None:
    found = picture_difference.between(noise(1), noise(1))

    assert found == picture_difference.Difference(0, math.inf, 1.0)


@pytest.mark.parametrize("shift", [1, 9])
def test_the_measures_are_those_that_the_field_knows(shift: int) -> None:
    one = np.clip(noise(1), 0, 255 - shift)
    one = np.asarray(one // 2 + 40, np.uint8)
    other = np.array(one)
    other[10:40, 5:30] += np.uint8(shift)

    found = picture_difference.between(one, other)

    assert found is not None
    assert found.max_difference == shift
    assert found.psnr == pytest.approx(peak_signal_noise_ratio(one, other), abs=1e-6)
    known = structural_similarity(
        one, other, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert found.ssim == pytest.approx(known, abs=2e-3)  # the two treat the edges differently


def test_pictures_of_different_shapes_cannot_be_compared() -> None:
    assert picture_difference.between(noise(1, 64), noise(1, 32)) is None
