"""How people stand, in OpenPose's order and colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from generation.inference.errors import InvalidRequest
from generation.inference.pose_model import PoseEstimator, draw_skeletons
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import disc


@pytest.fixture
def estimator(tmp_path: Path) -> PoseEstimator:
    """Return a toy."""
    toy_tools.save_pose_estimator(tmp_path)
    made: PoseEstimator = toy_tools.tool_of(tmp_path, "pose-estimator").tool
    return made


def test_points_move_with_the_person(estimator: PoseEstimator) -> None:
    person = np.random.default_rng(0).integers(0, 256, (64, 48, 3), np.uint8)
    picture = np.zeros((200, 300, 3), np.uint8)
    picture[20:84, 30:78] = person
    moved = np.roll(picture, (70, 130), axis=(0, 1))

    here, there = estimator.joints(picture, (30, 20, 48, 64)), estimator.joints(moved, (160, 90, 48, 64))

    assert here.shape == (18, 3)
    assert np.allclose(there[:, :2] - here[:, :2], (130, 70), atol=0.01)
    assert np.allclose(there[:, 2], here[:, 2], atol=1e-4)
    # The box and what is shown around it.
    left, top = 54 - 30, 52 - 40
    assert (here[:, :2] >= (left - 1, top - 1)).all()
    assert (here[:, :2] <= (left + 61, top + 81)).all()


def test_the_neck_is_between_the_shoulders(estimator: PoseEstimator) -> None:
    joints = estimator.joints(disc(60, 80), (0, 0, 60, 80))
    assert np.allclose(joints[1, :2], (joints[2, :2] + joints[5, :2]) / 2)
    assert joints[1, 2] == min(joints[2, 2], joints[5, 2])


def test_limbs_and_joints_have_openposes_colours() -> None:
    joints = np.zeros((18, 3))
    joints[1] = (100, 40, 0.9)  # neck
    joints[2] = (60, 40, 0.9)  # right shoulder
    joints[5] = (140, 40, 0.2)  # left shoulder, unsure
    drawn = draw_skeletons([joints], 200, 120)
    assert drawn.shape == (120, 200, 3)
    assert drawn[40, 100].tolist() == [255, 85, 0]
    assert drawn[40, 60].tolist() == [255, 170, 0]
    assert drawn[40, 80].tolist() == [153, 0, 0]
    assert not drawn[:, 110:].any()
    assert not drawn[60:].any()


def test_a_picture_without_a_person_is_refused(estimator: PoseEstimator) -> None:
    with torch.no_grad():
        for weights in estimator.network.head.parameters():
            weights.zero_()
    with pytest.raises(InvalidRequest, match="without a person"):
        estimator.draw(disc(60, 80), [])
