"""A preview has the right colours and is small."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image

from generation.engine.protocol import PREVIEW_MAX_BYTES, ModelSpec
from generation.inference.loading import LoadedModel
from generation.inference.previews import encode_webp, fit_preview
from tests.generation.engine.asking import STARTER
from tests.generation.inference.conftest import load_model

# A straight line through a curved space: greens of this small autoencoder it takes for greys.
COLOURS = {
    "red": (0.85, 0.1, 0.1),
    "blue": (0.1, 0.15, 0.7),
    "white": (1.0, 1.0, 1.0),
    "black": (0.0, 0.0, 0.0),
}


@pytest.fixture(scope="module")
def starter() -> LoadedModel:
    """Return the model that ships with the project: the one autoencoder here that was trained."""
    return load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))


@pytest.mark.parametrize("ground", COLOURS)
@pytest.mark.parametrize("thing", COLOURS)
def test_a_thing_on_a_ground_is_told_by_its_colours(starter: LoadedModel, thing: str, ground: str) -> None:
    image = torch.tensor(COLOURS[ground]).view(1, 3, 1, 1).repeat(1, 1, 128, 128)
    image[:, :, 40:88, 40:88] = torch.tensor(COLOURS[thing]).view(1, 3, 1, 1)
    with torch.inference_mode():
        latents = starter.pipeline.vae.encode(image * 2 - 1).latent_dist.mode()
    assert starter.preview
    (pixels,) = starter.preview.pixels(latents * starter.pipeline.vae.config.scaling_factor)
    assert pixels.shape == (16, 16, 3)
    assert _nearest(pixels[6:10, 6:10]) == thing
    assert _nearest(pixels[:3, :3]) == ground


def test_fitting_leaves_the_autoencoder_as_it_was(toy_model: Callable[[str], LoadedModel]) -> None:
    vae = toy_model("stable-diffusion").pipeline.vae
    before = {name: tensor.clone() for name, tensor in vae.state_dict().items()}
    fit_preview(vae, 2)
    assert all(torch.equal(before[name], tensor) for name, tensor in vae.state_dict().items())


def test_the_same_autoencoder_gives_the_same_preview(toy_model: Callable[[str], LoadedModel]) -> None:
    model = toy_model("flux")
    latents = torch.randn(2, 4, 8, 8, generator=torch.Generator("cpu").manual_seed(0))
    again = fit_preview(model.pipeline.vae, model.latent_scale)
    assert model.preview
    assert (again.pixels(latents) == model.preview.pixels(latents)).all()


@pytest.mark.parametrize("shape", [(16, 16, 3), (128, 96, 3), (256, 256, 3), (1, 1, 3)])
def test_even_noise_fits_into_8_kib(shape: tuple[int, int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    webp = encode_webp(noise)
    assert len(webp) <= PREVIEW_MAX_BYTES
    image = Image.open(io.BytesIO(webp))
    assert image.format == "WEBP"
    assert image.size == (min(shape[1], 128), min(shape[0], 128))


def _nearest(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> str:
    mean = pixels.reshape(-1, 3).mean(axis=0) / 255
    return min(COLOURS, key=lambda name: float(np.square(mean - COLOURS[name]).sum()))
