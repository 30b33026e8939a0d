"""A LoRA draws along in every task that a diffusion model does, and leaves the model as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.backend import Pass, Pixels
from generation.engine.options import (
    BLEND_ROLES,
    IMAGE,
    MASK,
    STROKES,
    BlendOptions,
    ControlNetOptions,
    ImageToImageOptions,
    ImageToVideoOptions,
    InpaintOptions,
    InstructOptions,
    OutpaintOptions,
    ReplaceBackgroundOptions,
    VariationsOptions,
)
from generation.engine.protocol import BatchRequest, ModelSpec
from generation.inference.backend import DiffusersBackend
from generation.inference.loading import LoadedModel
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import Listener, difference, disc, request_for
from tests.generation.loras import lora_of, save_lora

FAMILY = "stable-diffusion"
SOURCE = disc(32, 48, (250, 240, 220), (60, 20, 90))
HALF = np.zeros((48, 32), np.uint8)
HALF[:, 16:] = 255
FEATHER = 2
ASKED: dict[str, tuple[Any, dict[str, Pixels]]] = {
    "image-to-image": (ImageToImageOptions(0.8), {IMAGE: SOURCE}),
    "variations": (VariationsOptions(0.8), {IMAGE: SOURCE}),
    "inpaint": (InpaintOptions(1.0, FEATHER), {IMAGE: SOURCE, MASK: HALF}),
    "outpaint": (OutpaintOptions(0, 32, 0, 0, FEATHER), {IMAGE: SOURCE}),
    "blend": (BlendOptions((0.5, 0.5), 0.8), dict(zip(BLEND_ROLES, (SOURCE, disc(32, 48, (9, 200, 9))), strict=False))),
    "replace-background": (ReplaceBackgroundOptions(FEATHER), {IMAGE: SOURCE, STROKES: HALF}),
    "controlnet": (ControlNetOptions("canny", 1.0, 100, 200, False), {IMAGE: SOURCE}),
    "image-to-video": (ImageToVideoOptions(4, 8, 0.5), {IMAGE: SOURCE}),
}


def drawn(backend: DiffusersBackend, request: BatchRequest) -> Pixels:
    """Draw the one picture, or video, of a request."""
    backend.load(request.model)
    ((_, pixels),) = list(backend.draw(Pass(request, request.images), Listener()))
    return pixels


def assert_it_draws_along(request: BatchRequest, folder: Path) -> None:
    """Check that a LoRA changes what is drawn, as it is switched on and off on one warm model."""
    backend = DiffusersBackend("cpu", threads=1)
    first, second = (
        lora_of(save_lora(folder / f"lora-{seed}.safetensors", Path(request.model.folder), seed=seed))
        for seed in (1, 2)
    )
    plain = drawn(backend, request)
    one, other = (drawn(backend, replace(request, loras=(lora,))) for lora in (first, second))
    assert min(difference(one, plain), difference(other, plain), difference(one, other)) > 0
    assert difference(drawn(backend, replace(request, loras=(first,))), one) == 0
    assert difference(drawn(backend, request), plain) == 0
    assert backend.loads[1] == 2


@pytest.mark.parametrize("task", ASKED)
def test_a_lora_draws_along(task: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model, (options, inputs) = toy_model(FAMILY), ASKED[task]
    tools: tuple[ModelSpec, ...] = ()
    if task == "controlnet":
        toy_tools.save_controlnet(tmp_path / "net", model)
        tools = (toy_tools.tool_of(tmp_path / "net", "controlnet").spec,)
    if task == "replace-background":
        tools = (ModelSpec("grabcut", "grabcut", ""),)
    request = request_for(model, task, options, [inputs], tmp_path, tools=tools)
    assert_it_draws_along(request, tmp_path)


def test_a_lora_draws_along_where_a_picture_is_changed_as_told(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    toy_tools.save_instruct(tmp_path / "model", toy_model(toy_tools.INSTRUCT["instruct-pix2pix"]))
    spec = ModelSpec("toy", "instruct-pix2pix", str(tmp_path / "model"), "float32")
    asked = request_for(toy_model(FAMILY), "instruct", InstructOptions(1.5), [{IMAGE: SOURCE}], tmp_path)
    assert_it_draws_along(replace(asked, model=spec, scheduler="ddim"), tmp_path)


def test_what_is_kept_stays_bit_for_bit(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model, (options, inputs) = toy_model(FAMILY), ASKED["inpaint"]
    lora = lora_of(save_lora(tmp_path / "lora.safetensors", Path(model.spec.folder)))
    request = request_for(model, "inpaint", options, [inputs], tmp_path, loras=(lora,))
    pixels = drawn(DiffusersBackend("cpu", threads=1), request)
    kept = slice(0, 16 - FEATHER)
    assert (pixels[:, kept] == SOURCE[:, kept]).all()
