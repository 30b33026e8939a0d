"""Pictures as latents and back, and the arc between two latents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from generation.engine.protocol import ModelSpec
from generation.inference import canvas
from generation.inference.latents import decode, encode, slerp
from generation.inference.loading import LoadedModel
from tests.generation.engine.asking import STARTER
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import disc


def test_a_picture_comes_back_about_as_it_was() -> None:
    starter = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    picture = disc(128, 96)
    latents = encode(starter, [picture, picture[::-1].copy()])
    assert latents.shape == (2, 4, 12, 16)
    back = decode(starter, latents)
    assert back.shape == (2, 3, 96, 128)
    assert (back[0] - canvas.to_tensor([picture])[0]).abs().mean() < 0.05


def test_a_picture_s_latents_do_not_depend_on_its_company(toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model("stable-diffusion")
    one, other = disc(32, 32), disc(32, 32, (10, 220, 40))
    assert torch.equal(encode(model, [one, other])[1], encode(model, [other])[0])


def test_an_arc_begins_and_ends_at_its_ends_and_keeps_the_contrast() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.randn(4, 16, 16, generator=generator) for _ in range(2))
    assert torch.allclose(slerp(one, other, 0.0), one)
    assert torch.allclose(slerp(one, other, 1.0), other, atol=1e-6)
    assert slerp(one, other, 0.5).std() == pytest.approx(1.0, abs=0.05)
    assert torch.allclose(slerp(one, one, 0.5), one)
