"""Change a picture as an instruction says ("make it winter"), with models that were trained to be told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, InstructOptions
from generation.inference import canvas, sources
from generation.inference.denoising import denoise
from generation.inference.errors import InvalidRequest
from generation.inference.image_to_image import fitted
from generation.inference.loading import LoadedModel

FAMILIES = ("instruct-pix2pix", "flux-kontext")


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Change each picture's source, in the request's size; a source of another shape is cut to it.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, InstructOptions)
    if model.spec.family not in FAMILIES:
        raise InvalidRequest("model", model.spec.slug, "one that follows instructions")
    start = canvas.to_tensor(fitted(work, sources.read_all(work, IMAGE)))
    pixels = denoise(model, work, watch, model.pipeline, image=start, **_arguments(model, work, options))
    yield from zip(work.keys, pixels, strict=True)


def _arguments(model: LoadedModel, work: Pass, options: InstructOptions) -> dict[str, Any]:
    if not model.is_flux:
        return {"image_guidance_scale": options.image_guidance_scale}
    width, height = work.request.width, work.request.height
    # Left alone, the pipeline brings every picture to one megapixel.
    return {"width": width, "height": height, "max_area": width * height, "_auto_resize": False}
