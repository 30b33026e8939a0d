"""Blend two to four pictures into one: between their latents, then drawn anew with words so that it is one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import BLEND_ROLES, BlendOptions
from generation.inference import canvas, sources
from generation.inference.image_to_image import fitted, redraw
from generation.inference.loading import LoadedModel
from generation.inference.previews import normalise

# Below this angle, in radians, a straight line and an arc are the same to float32.
_ANGLE_MIN = 1e-3


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Blend each picture's own sources in the request's size; sources of another shape are cut to it.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, BlendOptions)
    roles = BLEND_ROLES[: len(options.weights)]
    starts = [
        mix(_encode(model, fitted(work, [sources.read(image, role) for role in roles])), options.weights)
        for image in work.images
    ]
    yield from zip(work.keys, redraw(model, work, watch, torch.stack(starts), options.strength), strict=True)


def mix(latents: torch.Tensor, weights: Sequence[float]) -> torch.Tensor:
    """Return one picture's latents between those of several: (count, channels, height, width), one weight each.

    Along the arc, not the straight line: a mean of two pictures has less contrast than either.
    """
    mixed, total = latents[0], weights[0]
    for other, weight in zip(latents[1:], weights[1:], strict=True):
        total += weight
        mixed = _slerp(mixed, other, weight / total if total else 0.0)
    return mixed


def _slerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Return what lies between two tensors on an arc, `share` of the way to the other.

    Source: Shoemake, Animating Rotation with Quaternion Curves (1985), for the angle between the whole tensors.
    """
    cosine = torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0)
    angle = torch.arccos(cosine.clamp(-1, 1))
    if torch.sin(angle) < _ANGLE_MIN:
        return one + (other - one) * share
    return (torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other) / torch.sin(angle)


@torch.inference_mode()
def _encode(model: LoadedModel, pictures: Sequence[Pixels]) -> torch.Tensor:
    """Return latents as the denoiser knows them, float32: (count, channels, height, width). Without chance."""
    vae = model.pipeline.vae
    values = (canvas.to_tensor(pictures) * 2 - 1).to(vae.device, vae.dtype)
    # One by one: what a picture becomes must not depend on what it is encoded with.
    encoded = torch.cat([vae.encode(value[None]).latent_dist.mode() for value in values])
    latents: torch.Tensor = normalise(encoded.float().cpu(), vae.config)
    return latents.to(vae.device)
