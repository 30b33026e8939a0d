"""Pictures as networks trained on ImageNet are shown them."""

from __future__ import annotations

import numpy as np
import pytest

from generation.inference.perception import shown


def test_a_picture_has_the_size_that_was_asked_for_and_imagenets_statistics() -> None:
    picture = np.full((30, 50, 3), (124, 116, 104), np.uint8)
    values = shown(picture, 28, 14)
    assert values.shape == (1, 3, 14, 28)
    assert values.abs().max() < 0.02
    white = shown(np.full((30, 50, 3), 255, np.uint8), 28, 14)
    assert white[0, :, 0, 0].tolist() == pytest.approx([2.2489, 2.4286, 2.64], abs=1e-3)
