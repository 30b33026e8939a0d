"""ViTMatte decides along the line where the subject ends, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.inference.matting import GrabCut, cut_out
from generation.inference.matting_model import trimap_of
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import disc


@pytest.mark.parametrize("size", [(90, 70), (1500, 64)])
def test_the_network_is_asked_about_the_edge_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    toy_tools.save_vitmatte(tmp_path)
    matter = toy_tools.tool_of(tmp_path, "matting").tool
    picture = disc(*size)
    alpha = cut_out(matter, picture).alpha
    trimap = trimap_of(GrabCut().mask(picture, None), None)
    sure = trimap != 128
    assert alpha.shape == size[::-1]
    assert (alpha[sure] == trimap[sure]).all()
    # Random weights answer something between.
    assert ((alpha[~sure] > 0) & (alpha[~sure] < 255)).any()
    assert matter.name == "ViTMatte"


def test_strokes_are_sure() -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[20:40, 20:40] = 255
    strokes = np.full((60, 60), 128, np.uint8)
    strokes[19:21, 20:40], strokes[39:41, 20:40] = 255, 0
    trimap = trimap_of(mask, strokes)
    assert (trimap[19:21, 20:40] == 255).all()
    assert (trimap[39:41, 20:40] == 0).all()
    assert (trimap[25:35, 20] == 128).all()
