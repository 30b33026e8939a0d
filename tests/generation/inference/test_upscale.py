"""Pictures twice and four times as large, by interpolation or by a network that sees them in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.options import UpscaleOptions
from generation.inference.errors import PassCanceled
from generation.inference.upscale import enlarge_in_tiles
from tests.generation.inference.conftest import CPU
from tests.generation.inference.passes import Listener, built_in, difference, disc, edit, picture_input, request_for


@pytest.mark.parametrize("factor", [2, 4])
def test_lanczos_says_what_it_is_and_keeps_the_picture(factor: int, tmp_path: Path) -> None:
    lanczos, source, listener = built_in("lanczos"), disc(50, 30), Listener()
    request = request_for(lanczos, "upscale", UpscaleOptions(factor), picture_input(source), tmp_path)
    (pixels,) = edit(lanczos, request, listener)
    assert "no model" in lanczos.tool.name
    assert pixels.shape == (30 * factor, 50 * factor, 3)
    back = pixels.reshape(30, factor, 50, factor, 3).mean(axis=(1, 3))
    assert np.abs(back - source).mean() < 3
    assert listener.steps == [(1, 1)]


def test_a_transparent_picture_stays_transparent(tmp_path: Path) -> None:
    lanczos = built_in("lanczos")
    alpha = np.zeros((30, 50), np.uint8)
    alpha[:, 25:] = 255
    colours = np.where(alpha[..., None] > 0, disc(50, 30), 0).astype(np.uint8)
    request = request_for(lanczos, "upscale", UpscaleOptions(2), picture_input(np.dstack([colours, alpha])), tmp_path)
    (pixels,) = edit(lanczos, request)
    assert pixels.shape == (60, 100, 4)
    assert (pixels[:, :46, 3] == 0).all()
    assert (pixels[:, 54:, 3] == 255).all()
    # No rim of the black that nobody saw.
    edge = pixels[2:8, 48:52, :3]
    assert np.abs(edge.astype(int) - pixels[2:8, 60:64, :3]).mean() < 20


def test_a_large_picture_goes_through_in_parts_that_leave_no_line() -> None:
    shapes = []

    def double(values: torch.Tensor) -> torch.Tensor:
        shapes.append(values.shape[2:])
        return torch.nn.functional.interpolate(values, scale_factor=2, mode="nearest")

    source, steps = disc(500, 300), list[tuple[int, int]]()
    pixels = enlarge_in_tiles(double, 2, source, lambda step, of: steps.append((step, of)), CPU)
    assert difference(pixels, source.repeat(2, axis=0).repeat(2, axis=1)) == 0
    assert set(shapes) == {(192, 192)}
    assert steps == [(index, 6) for index in range(1, 7)]


def test_a_cancel_is_heard_between_two_parts() -> None:
    def same(values: torch.Tensor) -> torch.Tensor:
        return values

    with pytest.raises(PassCanceled):
        enlarge_in_tiles(same, 1, disc(500, 300), Listener(cancel_after=2).step, CPU)
