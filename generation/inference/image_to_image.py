"""Draw a picture anew from another one and words.

`strength` says how far: the source is brought to that much noise, and the model takes the noise away again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, ImageToImageOptions
from generation.inference import canvas, sources
from generation.inference.denoising import denoise
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel

_CLASSES = {
    "stable-diffusion": "StableDiffusionImg2ImgPipeline",
    "stable-diffusion-xl": "StableDiffusionXLImg2ImgPipeline",
    "flux": "FluxImg2ImgPipeline",
}


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw each picture's source anew, in the request's size; a source of another shape is cut to it.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, ImageToImageOptions)
    start = canvas.to_tensor(fitted(work, sources.read_all(work, IMAGE)))
    yield from zip(work.keys, redraw(model, work, watch, start, options.strength), strict=True)


def fitted(work: Pass, pictures: Sequence[Pixels]) -> list[Pixels]:
    """Return pictures in the size that the model draws in, cut to its shape, without transparency."""
    size = work.request.width, work.request.height
    return [canvas.cover(canvas.opaque(picture), *size) for picture in pictures]


def redraw(
    model: LoadedModel,
    work: Pass,
    watch: Watch,
    start: torch.Tensor,
    strength: float,
    pipeline: Any = None,
    **more: Any,
) -> Pixels:
    """Draw from pictures (batch, 3, height, width) or from their latents, which the pipelines take as well.

    pipeline: one of `class_for` the model, where its own will not do; `more` are further arguments of it.
    """
    check_strength(strength, work.request.num_inference_steps)
    pipeline = pipeline or model.pipeline_as(class_for(model))
    return denoise(model, work, watch, pipeline, image=start, strength=strength, **_size(model, work), **more)


def class_for(model: LoadedModel) -> str:
    """Return the name of the pipeline that draws a model's pictures from others."""
    return _CLASSES[model.spec.family]


def check_strength(strength: float, num_inference_steps: int) -> None:
    """Refuse a strength that leaves no step to take. Raises: InvalidRequest."""
    if not 0 < strength <= 1:
        raise InvalidRequest("strength", strength, "above 0 and at most 1")
    if int(num_inference_steps * strength) < 1:
        raise InvalidRequest("strength", strength, f"at least {1 / num_inference_steps:.3f} with so few steps")


def _size(model: LoadedModel, work: Pass) -> dict[str, Any]:
    """Return the arguments for the size; pipelines other than FLUX's take it from the picture."""
    return {"width": work.request.width, "height": work.request.height} if model.is_flux else {}
