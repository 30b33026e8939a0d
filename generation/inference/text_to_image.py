"""Draw pictures from words.

What belongs here: one pass of one family's pipeline, from prompts to pixels. What does not: passes that do not
fit, files, and who wants what (`generation.engine`).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.protocol import BatchRequest
from generation.inference import prompts
from generation.inference.errors import InvalidRequest, NoPicture
from generation.inference.loading import LoadedModel
from generation.inference.progress import PassProgress
from generation.inference.schedulers import make_scheduler

# FLUX packs two by two latents into one token.
_FLUX_PACKING = 2


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw one pass; every picture comes from its own seed, whatever it shares the pass with.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    request, images = work.request, work.images
    _check(model, request)
    pipeline = model.pipeline
    pipeline.scheduler = make_scheduler(request.scheduler, model.spec.family, model.scheduler_config)
    progress = PassProgress(watch, [image.key for image in images])
    if request.preview:
        progress.show(model.preview, pipeline.scheduler, lambda latents: _unpack(model, request, latents))
    with torch.inference_mode():
        drawn = pipeline(
            **prompts.arguments(model, images, request.guidance_scale),
            width=request.width,
            height=request.height,
            num_inference_steps=request.num_inference_steps,
            guidance_scale=request.guidance_scale,
            # Noise from the CPU: the same on every device, and each picture's own in every batch.
            generator=[torch.Generator("cpu").manual_seed(image.seed) for image in images],
            output_type="pt",
            callback_on_step_end=progress,
        ).images
        pixels = _to_pixels(drawn, model.spec.slug)
    yield from zip((image.key for image in images), pixels, strict=True)


def _check(model: LoadedModel, request: BatchRequest) -> None:
    """Refuse what the pipeline would take and quietly change."""
    is_flux = model.spec.family == "flux"
    multiple = model.latent_scale * (_FLUX_PACKING if is_flux else 1)
    for field, side in (("width", request.width), ("height", request.height)):
        if side % multiple:
            raise InvalidRequest(field, side, f"a multiple of {multiple}")


def _unpack(model: LoadedModel, request: BatchRequest, latents: torch.Tensor) -> torch.Tensor:
    """Return latents as (batch, channels, height, width)."""
    if model.spec.family != "flux":
        return latents
    rows, columns = (side // (model.latent_scale * _FLUX_PACKING) for side in (request.height, request.width))
    tokens = latents.reshape(latents.shape[0], rows, columns, -1, _FLUX_PACKING, _FLUX_PACKING)
    # (batch, rows, columns, channels, down, right) → (batch, channels, rows × down, columns × right)
    return tokens.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)


def _to_pixels(drawn: torch.Tensor, slug: str) -> Pixels:
    """Return (batch, height, width, 3) uint8 of (batch, 3, height, width) from 0 to 1."""
    if not torch.isfinite(drawn).all():
        raise NoPicture(slug)
    pixels: Pixels = (drawn.float() * 255).round().to(torch.uint8).movedim(1, -1).cpu().numpy()
    return pixels
