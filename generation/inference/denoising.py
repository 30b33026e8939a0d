"""One call of a pipeline, the same for every task: sampler, words, seeds, progress, and pixels that are numbers.

What belongs here: what all tasks that draw share. What does not: which pipeline and what it starts from, which is
what makes a task (`text_to_image.py`, `image_to_image.py`, `inpaint.py` …).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.inference import prompts
from generation.inference.errors import InvalidRequest, NoPicture
from generation.inference.loading import LoadedModel
from generation.inference.progress import PassProgress
from generation.inference.schedulers import make_scheduler

# FLUX packs two by two latents into one token.
_FLUX_PACKING = 2
# On a CPU eight at once fall out of its cache: four took a tenth less time a picture, to the same bits.
_DECODED_AT_ONCE = 4


def denoise(model: LoadedModel, work: Pass, watch: Watch, pipeline: Any, **arguments: Any) -> Pixels:
    """Draw the pictures of a pass: (batch, height, width, 3). `arguments` say what the pipeline starts from.

    Every picture comes from its own seed, whatever it shares the pass with.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    request, images = work.request, work.images
    _check_size(model, request.width, request.height)
    pipeline.scheduler = make_scheduler(request.scheduler, model.spec.family, model.scheduler_config)
    progress = PassProgress(watch, work.keys)
    if request.preview and model.preview is not None:
        size = (request.height, request.width)
        progress.show(model.preview, pipeline.scheduler, lambda latents: _unpack(model, size, latents))
    with torch.inference_mode(), _decoding_in_parts(pipeline.vae):
        drawn = pipeline(
            **prompts.arguments(model, images, request.guidance_scale),
            num_inference_steps=request.num_inference_steps,
            guidance_scale=request.guidance_scale,
            # Noise from the CPU: the same on every device, and each picture's own in every batch.
            generator=[torch.Generator("cpu").manual_seed(image.seed) for image in images],
            output_type="pt",
            callback_on_step_end=progress,
            **arguments,
        ).images
        return to_pixels(drawn, model.spec.slug)


@contextmanager
def _decoding_in_parts(vae: Any) -> Iterator[None]:
    """Let a pipeline decode a few latents at a time where that is quicker: on a CPU."""
    if vae.device.type != "cpu":
        yield
        return
    decode = vae.decode

    def decode_parts(latents: torch.Tensor, *, return_dict: bool, **options: Any) -> Any:
        assert not return_dict  # as all pipelines ask
        parts = [decode(part, return_dict=False, **options)[0] for part in torch.split(latents, _DECODED_AT_ONCE)]
        return (torch.cat(parts),)

    vae.decode = decode_parts
    try:
        yield
    finally:
        del vae.decode


def _check_size(model: LoadedModel, width: int, height: int) -> None:
    """Refuse what the pipeline would take and quietly change."""
    multiple = model.latent_scale * (_FLUX_PACKING if model.is_flux else 1)
    for field, side in (("width", width), ("height", height)):
        if side % multiple:
            raise InvalidRequest(field, side, f"a multiple of {multiple}")


def _unpack(model: LoadedModel, size: tuple[int, int], latents: torch.Tensor) -> torch.Tensor:
    """Return latents of pictures of `size` (height, width) as (batch, channels, height, width)."""
    if not model.is_flux:
        return latents
    rows, columns = (side // (model.latent_scale * _FLUX_PACKING) for side in size)
    tokens = latents.reshape(latents.shape[0], rows, columns, -1, _FLUX_PACKING, _FLUX_PACKING)
    # (batch, rows, columns, channels, down, right) → (batch, channels, rows × down, columns × right)
    return tokens.permute(0, 3, 1, 4, 2, 5).flatten(4, 5).flatten(2, 3)


def to_pixels(drawn: torch.Tensor, slug: str) -> Pixels:
    """Return (…, height, width, 3) uint8 of (…, 3, height, width) from 0 to 1. Raises: NoPicture."""
    if not torch.isfinite(drawn).all():
        raise NoPicture(slug)
    pixels: Pixels = (drawn.float() * 255).round().to(torch.uint8).movedim(-3, -1).cpu().numpy()
    return pixels
