"""A picture drawn anew comes from its source, its words and its seed; with less strength, more from its source."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from diffusers import StableDiffusionImg2ImgPipeline

from generation.engine.options import ImageToImageOptions, VariationsOptions
from generation.engine.protocol import ModelSpec
from generation.inference.errors import InvalidRequest, PassCanceled
from generation.inference.loading import LoadedModel
from tests.generation.engine.asking import STARTER
from tests.generation.inference import toys
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import (
    TOLERANCE,
    Listener,
    alone,
    difference,
    disc,
    edit,
    picture_input,
    request_for,
)

TASK = "image-to-image"
SOURCES = picture_input(disc(32, 48), disc(32, 48, (250, 240, 20)), disc(64, 40, (20, 160, 20)))


@pytest.mark.parametrize("family", toys.SAVE)
def test_a_picture_is_the_same_alone_as_in_a_batch(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model, listener = toy_model(family), Listener()
    request = request_for(model, TASK, ImageToImageOptions(0.5), SOURCES, tmp_path)
    together = edit(model, request, listener)
    assert {pixels.shape for pixels in together} == {(48, 32, 3)}
    assert difference(together[0], together[1]) > 20
    assert listener.steps == [(1, 2), (2, 2)]
    assert listener.previews == ["job:0", "job:1", "job:2"]
    for index in range(3):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE


@pytest.mark.parametrize("family", toys.SAVE)
def test_more_strength_leaves_less_of_the_source(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    """An autoencoder with random weights changes every picture; so runs are held against the one of least strength."""
    model = toy_model(family)
    least, some, most = (
        edit(
            model,
            request_for(model, TASK, ImageToImageOptions(strength), SOURCES[:1], tmp_path, num_inference_steps=20),
        )
        for strength in (0.05, 0.3, 1.0)
    )
    near, far = (np.abs(pixels[0].astype(int) - least[0]).mean() for pixels in (some, most))
    assert 0 < near < far


def test_all_its_parts_are_the_models_own(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    edit(model, request_for(model, TASK, ImageToImageOptions(0.5), SOURCES, tmp_path))
    pipeline = model.pipeline_as("StableDiffusionImg2ImgPipeline")
    assert isinstance(pipeline, StableDiffusionImg2ImgPipeline)
    assert pipeline is model.pipeline_as("StableDiffusionImg2ImgPipeline")
    for name in ("unet", "vae", "text_encoder", "tokenizer"):
        assert getattr(pipeline, name) is getattr(model.pipeline, name)


def test_a_variation_is_drawn_the_same_way(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("flux")
    (varied,) = edit(model, request_for(model, "variations", VariationsOptions(0.5), SOURCES[:1], tmp_path))
    (redrawn,) = edit(model, request_for(model, TASK, ImageToImageOptions(0.5), SOURCES[:1], tmp_path))
    assert difference(varied, redrawn) == 0


def test_transparent_places_are_white(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    clear = np.dstack([disc(32, 48), np.zeros((48, 32), np.uint8)])
    white = np.full((48, 32, 3), 255, np.uint8)
    drawn = [
        edit(model, request_for(model, TASK, ImageToImageOptions(0.5), picture_input(source), tmp_path))[0]
        for source in (clear, white)
    ]
    assert difference(*drawn) == 0


def test_a_strength_without_a_step_is_refused(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    request = request_for(model, TASK, ImageToImageOptions(0.2), SOURCES, tmp_path)
    with pytest.raises(InvalidRequest, match=r"strength: 0.2 is not at least 0.250"):
        edit(model, request)


def test_a_cancel_is_heard_and_leaves_the_model_as_it_was(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model("flux")
    request = request_for(model, TASK, ImageToImageOptions(1.0), SOURCES[:1], tmp_path)
    (before,) = edit(model, request)
    with pytest.raises(PassCanceled):
        edit(model, request, Listener(cancel_after=2))
    (after,) = edit(model, request)
    assert difference(before, after) == 0


def test_the_starter_draws_a_pair_anew_alike_alone_and_among_others(tmp_path: Path) -> None:
    model = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    request = request_for(
        model, TASK, ImageToImageOptions(0.8), picture_input(*[disc(128, 128, ground=(255, 255, 255))] * 3), tmp_path,
        prompts=["a fox and an apple", "a sunflower", "a fox, an apple and a car"], width=128, height=128,
    )  # fmt: skip

    together = edit(model, request)

    assert all(difference(alone(model, request, index), together[index]) <= TOLERANCE for index in range(3))
