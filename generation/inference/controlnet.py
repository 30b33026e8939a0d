"""Draw from words along the edges, depths, poses or scribbles of a picture, with a ControlNet beside the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, ControlNetOptions
from generation.inference import canvas, sources
from generation.inference.control_maps import control_map
from generation.inference.denoising import denoise
from generation.inference.errors import InvalidRequest
from generation.inference.image_to_image import fitted
from generation.inference.loading import LoadedModel, pipeline_class

_CLASSES = {
    "stable-diffusion": "StableDiffusionControlNetPipeline",
    "stable-diffusion-xl": "StableDiffusionXLControlNetPipeline",
    "flux": "FluxControlNetPipeline",
}
_NETWORKS = ("ControlNetModel", "FluxControlNetModel")


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw along each picture's source, cut to the request's shape.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, ControlNetOptions)
    network = _network(model)
    pictures = fitted(work, sources.read_all(work, IMAGE))
    maps = canvas.to_tensor([control_map(picture, options, model.tools) for picture in pictures])
    pixels = denoise(
        model,
        work,
        watch,
        model.pipeline_with(_CLASSES[model.spec.family], controlnet=network),
        **{"control_image" if model.is_flux else "image": maps},
        controlnet_conditioning_scale=options.conditioning_scale,
        width=work.request.width,
        height=work.request.height,
    )
    yield from zip(work.keys, pixels, strict=True)


def load_network(folder: Path, device: torch.device, dtype: torch.dtype) -> Any:
    """Build the ControlNet of a folder that was inspected. Raises: ValueError for another network."""
    name = json.loads((folder / "config.json").read_text()).get("_class_name")
    if name not in _NETWORKS:
        raise ValueError(f"{name} is not one of {', '.join(_NETWORKS)}")
    options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
    return pipeline_class(name).from_pretrained(folder, **options).to(device).eval().requires_grad_(False)


def _network(model: LoadedModel) -> Any:
    """Return the pass's ControlNet. Raises: InvalidRequest when it was made for another model."""
    if "controlnet" not in model.tools or model.spec.family not in _CLASSES:
        raise InvalidRequest("model", model.spec.slug, "one with a ControlNet")
    tool = model.tools["controlnet"]
    core = model.pipeline.transformer if model.is_flux else model.pipeline.unet
    width = "joint_attention_dim" if model.is_flux else "cross_attention_dim"
    if getattr(tool.tool.config, width, None) != getattr(core.config, width):
        raise InvalidRequest("control", tool.spec.slug, f"a ControlNet made for {model.spec.slug}")
    return tool.tool
