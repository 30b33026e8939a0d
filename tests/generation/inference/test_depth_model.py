"""Maps of depth, in the picture's size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from generation.inference.depth_model import DepthEstimator
from generation.inference.errors import InvalidRequest
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import disc


@pytest.fixture
def estimator(tmp_path: Path) -> DepthEstimator:
    """Return a toy."""
    toy_tools.save_depth_estimator(tmp_path)
    made: DepthEstimator = toy_tools.tool_of(tmp_path, "depth-estimator").tool
    return made


@pytest.mark.parametrize("size", [(90, 70), (40, 200)])
def test_a_map_is_grey_of_the_pictures_size_and_goes_from_black_to_white(
    estimator: DepthEstimator, size: tuple[int, int]
) -> None:
    depths = estimator.draw(disc(*size))
    assert depths.shape == (*size[::-1], 3)
    assert (depths == depths[..., :1]).all()
    assert (depths.min(), depths.max()) == (0, 255)


def test_the_nearest_is_white(estimator: DepthEstimator) -> None:
    """The network's answer is how near it is: what it answers more of is lighter."""
    picture = disc(80, 80)
    asked: list[torch.Tensor] = []
    estimator.network.register_forward_hook(lambda _, __, answer: asked.append(answer.predicted_depth[0]))
    depths = estimator.draw(picture)[..., 0].astype(float)
    answer = cv2.resize(asked[0].numpy(), (80, 80), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(answer.ravel(), depths.ravel())[0, 1] > 0.999


def test_a_picture_without_depth_is_refused(estimator: DepthEstimator) -> None:
    with torch.no_grad():
        estimator.network.head.conv3.weight.zero_()
    with pytest.raises(InvalidRequest, match="without depth"):
        estimator.draw(np.full((60, 60, 3), 90, np.uint8))
