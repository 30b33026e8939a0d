"""One call of a pipeline: its size is checked, its progress told, its pixels are numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.backend import Pass
from generation.engine.options import TextToImageOptions
from generation.engine.protocol import ModelSpec
from generation.inference.denoising import denoise
from generation.inference.errors import InvalidRequest, NoPicture
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import TOLERANCE, Listener, request_for

Specs = Callable[[str], ModelSpec]


def work_of(spec: ModelSpec, folder: Path, count: int = 2, **changes: object) -> Pass:
    request = request_for(load_model(spec), "text-to-image", TextToImageOptions(), [{}] * count, folder, **changes)
    return Pass(request, request.images)


def test_a_pass_gives_a_picture_of_each_and_tells_each_step(tmp_path: Path, toy_spec: Specs) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    work, listener = work_of(toy_spec("stable-diffusion"), tmp_path), Listener()
    size = {"width": work.request.width, "height": work.request.height}

    pixels = denoise(model, work, listener, model.pipeline, **size)

    assert pixels.shape == (2, work.request.height, work.request.width, 3)
    assert pixels.dtype.name == "uint8"
    assert [step for step, _ in listener.steps] == list(range(1, work.request.num_inference_steps + 1))


@pytest.mark.parametrize("family", ["stable-diffusion", "stable-diffusion-xl", "flux"])
def test_on_a_cpu_latents_are_decoded_a_few_at_a_time_into_the_same_pictures(
    family: str, tmp_path: Path, toy_spec: Specs
) -> None:
    model = load_model(toy_spec(family))
    vae, decoded = model.pipeline.vae, []
    forward = vae.decoder.register_forward_pre_hook(lambda _, given: decoded.append(len(given[0])))
    work = work_of(toy_spec(family), tmp_path, 6)
    size = {"width": work.request.width, "height": work.request.height}

    pixels = denoise(model, work, Listener(), model.pipeline, **size)

    assert decoded == [4, 2]
    alone = replace(work.request, images=work.request.images[5:])
    (last,) = denoise(model, Pass(alone, alone.images), Listener(), model.pipeline, **size)
    assert np.abs(pixels[5].astype(int) - last).max() <= TOLERANCE
    forward.remove()


def test_a_size_off_the_latents_grid_is_refused_by_name(tmp_path: Path, toy_spec: Specs) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    with pytest.raises(InvalidRequest, match="width: 33"):
        denoise(model, work_of(toy_spec("stable-diffusion"), tmp_path, width=33), Listener(), model.pipeline)


def test_values_that_are_no_numbers_are_no_picture(tmp_path: Path, toy_spec: Specs) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    with torch.no_grad():
        model.pipeline.vae.decoder.conv_out.bias.fill_(float("nan"))
    work = work_of(toy_spec("stable-diffusion"), tmp_path)
    size = {"width": work.request.width, "height": work.request.height}
    with pytest.raises(NoPicture):
        denoise(model, work, Listener(), model.pipeline, **size)
