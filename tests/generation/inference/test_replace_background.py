"""The subject stays pixel for pixel, and all around it is new."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generation.engine.options import ReplaceBackgroundOptions
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from generation.inference.matting import GrabCut, cut_out
from tests.generation.inference import toys
from tests.generation.inference.passes import (
    TOLERANCE,
    alone,
    built_in,
    difference,
    disc,
    edit,
    picture_input,
    request_for,
)

TASK = "replace-background"


def with_grabcut(model: LoadedModel) -> LoadedModel:
    return replace(model, tools={"grabcut": built_in("grabcut")})


@pytest.mark.parametrize("family", toys.SAVE)
def test_the_subject_is_identical_and_the_ground_is_another(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model, sources = with_grabcut(toy_model(family)), (disc(90, 60), disc(40, 44, (250, 240, 20)))
    request = request_for(model, TASK, ReplaceBackgroundOptions(1), picture_input(*sources), tmp_path)
    together = edit(model, request)
    for source, pixels in zip(sources, together, strict=True):
        assert pixels.shape == source.shape
        alpha = cut_out(GrabCut(), source, feather=1).alpha
        assert (pixels[alpha == 255] == source[alpha == 255]).all()
        assert np.abs(pixels[alpha == 0].astype(int) - source[alpha == 0]).mean() > 10
    assert difference(alone(model, request, 1), together[1]) <= TOLERANCE


def test_a_transparent_picture_says_itself_what_is_background(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = with_grabcut(toy_model("stable-diffusion"))
    alpha = np.zeros((60, 90), np.uint8)
    alpha[:, :30] = 255
    source = np.dstack([disc(90, 60), alpha])
    (pixels,) = edit(model, request_for(model, TASK, ReplaceBackgroundOptions(1), picture_input(source), tmp_path))
    assert pixels.shape == (60, 90, 3)
    assert (pixels[:, :30] == source[:, :30, :3]).all()
    assert np.abs(pixels[:, 30:].astype(int) - source[:, 30:, :3]).mean() > 10


def test_a_picture_with_nothing_in_it_is_refused(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = with_grabcut(toy_model("stable-diffusion"))
    clear = np.zeros((60, 90, 4), np.uint8)
    with pytest.raises(InvalidRequest, match="something transparent"):
        edit(model, request_for(model, TASK, ReplaceBackgroundOptions(1), picture_input(clear), tmp_path))
