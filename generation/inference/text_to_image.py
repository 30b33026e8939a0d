"""Draw pictures from words.

What belongs here: one pass of one family's pipeline, from prompts to pixels. What does not: passes that do not
fit, files, and who wants what (`generation.engine`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.protocol import BatchRequest, ImageRequest
from generation.inference.errors import InvalidRequest, NoPicture
from generation.inference.loading import LoadedModel
from generation.inference.progress import PassProgress
from generation.inference.schedulers import make_scheduler

# FLUX was trained with prompts of 512 tokens, its distillate without guidance with 256.
_FLUX_TOKENS, _FLUX_DISTILLED_TOKENS = 512, 256
# FLUX packs two by two latents into one token.
_FLUX_PACKING = 2


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Draw one pass; every picture comes from its own seed, whatever it shares the pass with.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    request, images = work.request, work.images
    _check(model, request, images)
    pipeline = model.pipeline
    pipeline.scheduler = make_scheduler(request.scheduler, model.spec.family, model.scheduler_config)
    progress = PassProgress(watch, [image.key for image in images])
    if request.preview:
        progress.show(model.preview, pipeline.scheduler, lambda latents: _unpack(model, request, latents))
    with torch.inference_mode():
        drawn = pipeline(
            **_words(model, request, images),
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


def _check(model: LoadedModel, request: BatchRequest, images: Sequence[ImageRequest]) -> None:
    """Refuse what the pipeline would take and quietly change."""
    is_flux = model.spec.family == "flux"
    multiple = model.latent_scale * (_FLUX_PACKING if is_flux else 1)
    for field, side in (("width", request.width), ("height", request.height)):
        if side % multiple:
            raise InvalidRequest(field, side, f"a multiple of {multiple}")
    if is_flux and any(image.negative_prompt for image in images):
        raise InvalidRequest("negative_prompt", "a negative prompt", "taken by this model")


def _words(model: LoadedModel, request: BatchRequest, images: Sequence[ImageRequest]) -> dict[str, Any]:
    """Return the pipeline's arguments that say what to draw."""
    prompts = [image.prompt for image in images]
    if model.spec.family == "flux":
        has_guidance = model.pipeline.transformer.config.guidance_embeds
        return {"prompt": prompts, "max_sequence_length": _FLUX_TOKENS if has_guidance else _FLUX_DISTILLED_TOKENS}
    negative_prompts = [image.negative_prompt for image in images]
    if model.spec.family == "stable-diffusion-xl":
        return _embed_xl(model.pipeline, prompts, negative_prompts, request.guidance_scale > 1)
    return {"prompt": prompts, "negative_prompt": negative_prompts}


def _embed_xl(pipeline: Any, prompts: list[str], negative_prompts: list[str], guided: bool) -> dict[str, Any]:
    """Embed words for SDXL, where no negative prompt means zeros, not the embedding of an empty text.

    The pipeline decides that for a batch as a whole; here each picture gets what it would get alone.
    """
    with torch.inference_mode():
        embeds, negative, pooled, negative_pooled = pipeline.encode_prompt(
            prompt=prompts,
            negative_prompt=negative_prompts,
            device=pipeline._execution_device,
            do_classifier_free_guidance=guided,
        )
        if guided and pipeline.config.force_zeros_for_empty_prompt:
            empty = torch.tensor([text == "" for text in negative_prompts], device=negative.device)
            negative = negative.masked_fill(empty[:, None, None], 0)
            negative_pooled = negative_pooled.masked_fill(empty[:, None], 0)
    return {
        "prompt_embeds": embeds,
        "negative_prompt_embeds": negative,
        "pooled_prompt_embeds": pooled,
        "negative_pooled_prompt_embeds": negative_pooled,
    }


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
