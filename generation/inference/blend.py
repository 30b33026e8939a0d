"""Blend two to four pictures into one: between their latents, then drawn anew with words so that it is one picture.

Where the model has an IP-Adapter, it draws by what the pictures are of, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import BLEND_ROLES, BlendOptions
from generation.inference import sources
from generation.inference.errors import InvalidRequest
from generation.inference.image_to_image import class_for, fitted, redraw
from generation.inference.latents import encode, slerp
from generation.inference.loading import LoadedModel

# How much the pictures count beside the words. Source: IP-Adapter's authors, for pictures and words together.
_SEEN = 0.6


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Blend each picture's own sources in the request's size; sources of another shape are cut to it.

    Where the run says so, the model also sees what the pictures are of, by the IP-Adapter among its tools.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, BlendOptions)
    roles = BLEND_ROLES[: len(options.weights)]
    pictures = [[sources.read(image, role) for role in roles] for image in work.images]
    starts = torch.stack([mix(encode(model, fitted(work, each)), options.weights) for each in pictures])
    seen = _image_prompts(model, work, pictures, options.weights) if options.sees_pictures else {}
    yield from zip(work.keys, redraw(model, work, watch, starts, options.strength, **seen), strict=True)


def _image_prompts(
    model: LoadedModel, work: Pass, pictures: Sequence[Sequence[Pixels]], weights: Sequence[float]
) -> dict[str, Any]:
    """Return the arguments that let the model see the pictures. Raises: InvalidRequest."""
    if "ip-adapter" not in model.tools:
        raise InvalidRequest("model", model.spec.slug, "one that an IP-Adapter is installed for")
    tool = model.tools["ip-adapter"]
    unet = model.pipeline.unet
    if tool.tool.text_width != unet.config.cross_attention_dim:
        raise InvalidRequest("model", model.spec.slug, f"one that {tool.spec.slug} was made for")
    pipeline = model.pipeline_with(class_for(model), unet=tool.tool.prompted(unet))
    pipeline.set_ip_adapter_scale(_SEEN)
    seen = torch.stack([tool.tool.mix(each, weights) for each in pictures]).to(unet.device, unet.dtype)
    if work.request.guidance_scale > 1:
        # The pipelines expect what guidance leads away from first: nothing seen at all.
        seen = torch.cat([torch.zeros_like(seen), seen])
    # They would repeat one picture's for all that are drawn; here each has its own.
    pipeline.prepare_ip_adapter_image_embeds = lambda *_: [seen]
    return {"pipeline": pipeline, "ip_adapter_image_embeds": [seen]}


def mix(latents: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Return one picture's latents between those of several: (count, channels, height, width), one weight each.

    Along the arc, not the straight line: a mean of two pictures has less contrast than either.
    """
    mixed, total = latents[0], weights[0]
    for other, weight in zip(latents[1:], weights[1:], strict=True):
        total += weight
        mixed = slerp(mixed, other, weight / total if total else 0.0)
    return mixed
