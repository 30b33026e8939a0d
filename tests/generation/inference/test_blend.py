"""Between several pictures, by weight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.options import BLEND_ROLES, BlendOptions
from generation.inference.blend import mix
from generation.inference.loading import LoadedModel
from tests.generation.inference import toys
from tests.generation.inference.passes import TOLERANCE, alone, difference, disc, edit, request_for

RED, GREEN, BLUE = disc(40, 40), disc(32, 48, (10, 220, 40)), disc(64, 40, (20, 20, 160), (240, 240, 200))


@pytest.mark.parametrize("family", toys.SAVE)
def test_a_picture_is_the_same_alone_as_in_a_batch(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model(family)
    inputs = [dict(zip(BLEND_ROLES, pictures, strict=False)) for pictures in ((RED, GREEN, BLUE), (BLUE, RED, GREEN))]
    request = request_for(model, "blend", BlendOptions((0.5, 0.3, 0.2), 0.5), inputs, tmp_path)
    together = edit(model, request)
    assert {pixels.shape for pixels in together} == {(48, 32, 3)}
    assert difference(*together) > 5
    for index in range(2):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE


def test_weights_decide_which_picture_is_nearer(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    inputs = [{BLEND_ROLES[0]: RED, BLEND_ROLES[1]: BLUE}]
    first, mostly_first, mostly_second = (
        edit(model, request_for(model, "blend", BlendOptions(weights, 0.25), inputs, tmp_path))[0].astype(int)
        for weights in ((1.0, 0.0), (0.8, 0.2), (0.2, 0.8))
    )
    assert 0 < np.abs(mostly_first - first).mean() < np.abs(mostly_second - first).mean()


def test_a_mix_keeps_the_pictures_contrast() -> None:
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(4, 4, 16, 16, generator=generator)
    mixed = mix(latents, [0.25] * 4)
    assert mixed.std() == pytest.approx(1.0, abs=0.05)
    similar = torch.nn.functional.cosine_similarity(mixed.flatten()[None], latents.flatten(1))
    assert similar.std() < 0.1
    assert latents.mean(dim=0).std() < 0.6


def test_a_mix_of_one_is_itself() -> None:
    latents = torch.randn(2, 4, 8, 8)
    assert torch.allclose(mix(latents, (1.0, 0.0)), latents[0])
    assert torch.allclose(mix(latents, (0.0, 1.0)), latents[1], atol=1e-6)
    same = torch.stack([latents[0], latents[0]])
    assert torch.allclose(mix(same, (0.5, 0.5)), latents[0])
