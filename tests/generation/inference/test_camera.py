"""The camera's way: from rest, smoothly out and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from generation.inference import camera
from tests.generation.inference.passes import difference, disc

SIZE = (96, 64)


def test_a_loop_ends_one_step_before_it_begins_again() -> None:
    assert camera.phases(4, is_loop=True) == pytest.approx([0, math.pi / 2, math.pi, 3 * math.pi / 2])
    assert camera.phases(3, is_loop=False) == pytest.approx([0, math.pi, 2 * math.pi])


def test_the_first_frame_is_the_picture_and_the_way_comes_back_to_it() -> None:
    picture = disc(*SIZE)
    phases = camera.phases(24, is_loop=False)
    seen = camera.move([picture] * 24, camera.path(phases, 1.0, SIZE, seed=3))
    assert difference(seen[0], picture) == 0
    assert difference(seen[-1], picture) <= 1
    assert difference(seen[12], picture) > 50


def test_without_motion_the_camera_rests() -> None:
    for matrix in camera.path(camera.phases(5, is_loop=True), 0.0, SIZE, seed=3):
        assert matrix == pytest.approx(np.eye(2, 3))


def test_the_way_is_smooth_and_within_the_picture() -> None:
    corners = np.array([[0, 0, 1], [SIZE[0], 0, 1], [0, SIZE[1], 1], [*SIZE, 1]], float)
    for seed in range(8):
        matrices = camera.path(camera.phases(48, is_loop=True), 1.0, SIZE, seed)
        ways = np.stack([corners @ matrix.T for matrix in (*matrices, matrices[0])])
        steps = np.linalg.norm(np.diff(ways, axis=0), axis=2)
        assert steps.max() < 2.0
        assert np.abs(ways - ways[0]).max() < 0.2 * max(SIZE)


def test_the_seed_decides_to_which_side() -> None:
    aside = {camera.path([math.pi / 2], 1.0, SIZE, seed)[0][0, 1] > 0 for seed in range(12)}
    assert aside == {True, False}
