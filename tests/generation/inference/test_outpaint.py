"""A picture goes on beyond its edges and stays as it is within them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generation.engine.options import OutpaintOptions
from generation.inference.loading import LoadedModel
from generation.inference.outpaint import extend
from tests.generation.inference import toys
from tests.generation.inference.passes import TOLERANCE, alone, difference, disc, edit, picture_input, request_for

SOURCE = disc(40, 30)


@pytest.mark.parametrize("family", toys.SAVE)
def test_the_new_part_is_drawn_and_the_old_one_kept(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model(family)
    options = OutpaintOptions(left=0, right=25, top=10, bottom=0, feather=5)
    request = request_for(model, "outpaint", options, picture_input(SOURCE, disc(40, 30, (9, 200, 9))), tmp_path)
    together = edit(model, request)
    pixels = together[0]
    assert pixels.shape == (40, 65, 3)
    assert (pixels[10 + 5 :, : 40 - 5] == SOURCE[5:, :35]).all()
    begun = extend(SOURCE, options).source
    assert np.abs(pixels[:, 45:].astype(int) - begun[:, 45:]).mean() > 3
    assert difference(alone(model, request, 1), together[1]) <= TOLERANCE


def test_a_transparent_picture_stays_transparent_within_and_the_new_part_is_opaque(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model("stable-diffusion")
    alpha = np.where(SOURCE[..., 0] > 130, 255, 0).astype(np.uint8)
    alpha[:10] //= 2
    source = np.dstack([SOURCE, alpha])
    options = OutpaintOptions(left=0, right=25, top=10, bottom=0, feather=5)
    (pixels,) = edit(model, request_for(model, "outpaint", options, picture_input(source), tmp_path))
    assert pixels.shape == (40, 65, 4)
    assert (pixels[10 + 5 :, : 40 - 5] == source[5:, :35]).all()
    assert (pixels[:10, :, 3] == 255).all()
    assert (pixels[:, 40:, 3] == 255).all()
    assert (pixels[10:, :40, 3] >= alpha).all()


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_each_side_can_grow_alone(side: str) -> None:
    options = OutpaintOptions(**{"left": 0, "right": 0, "top": 0, "bottom": 0, side: 12}, feather=0)
    painting = extend(SOURCE, options)
    assert painting.source.shape[:2] == ((42, 40) if side in ("top", "bottom") else (30, 52))
    old = painting.weight == 0
    assert old.sum() == 30 * 40
    assert (painting.source[old].reshape(30, 40, 3) == SOURCE).all()


def test_the_model_is_given_the_colours_at_the_edge_to_go_on_from() -> None:
    halves = np.zeros((40, 40, 3), np.uint8)
    halves[:20], halves[20:] = (200, 30, 30), (30, 30, 200)
    begun = extend(halves, OutpaintOptions(left=0, right=30, top=0, bottom=0, feather=0)).source
    assert begun[2, 45, 0] > 150 > begun[2, 45, 2]
    assert begun[37, 45, 2] > 150 > begun[37, 45, 0]
