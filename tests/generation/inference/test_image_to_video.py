"""Who makes a picture's video, and who can't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generation.engine.options import ImageToVideoOptions
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from tests.generation.inference.passes import difference, disc, edit, picture_input, request_for

OPTIONS = ImageToVideoOptions(4, 8, 0.5)


def test_each_picture_gets_its_own_video(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    sources = picture_input(disc(32, 48), disc(32, 48, (10, 220, 40)))
    one, other = edit(model, request_for(model, "image-to-video", OPTIONS, sources, tmp_path))
    assert one.shape == other.shape == (4, 48, 32, 3)
    assert difference(one, other) > 50


@pytest.mark.parametrize("family", ["stable-diffusion-xl", "flux"])
def test_a_model_that_makes_none_is_refused(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model(family)
    with pytest.raises(InvalidRequest, match="model"):
        edit(model, request_for(model, "image-to-video", OPTIONS, picture_input(disc(32, 48)), tmp_path))
