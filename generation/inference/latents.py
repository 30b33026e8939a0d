"""Pictures as latents and back, and what lies between two latents.

What belongs here: what every task needs that works on latents itself. What does not: noise and words.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.loading import LoadedModel
from generation.inference.previews import normalise

# Below this angle, in radians, a straight line and an arc are the same to float32.
_ANGLE_MIN = 1e-3
# Pictures that are decoded at once.
_CHUNK = 8


@torch.inference_mode()
def encode(model: LoadedModel, pictures: Sequence[Pixels]) -> torch.Tensor:
    """Return latents as the denoiser knows them, float32: (count, channels, height, width). Without chance."""
    vae = model.pipeline.vae
    values = (canvas.to_tensor(pictures) * 2 - 1).to(vae.device, vae.dtype)
    # One by one: what a picture becomes must not depend on what it is encoded with.
    encoded = torch.cat([vae.encode(value[None]).latent_dist.mode() for value in values])
    latents: torch.Tensor = normalise(encoded.float().cpu(), vae.config)
    return latents.to(vae.device)


@torch.inference_mode()
def decode(model: LoadedModel, latents: torch.Tensor) -> torch.Tensor:
    """Return pictures (count, 3, height, width), float32 from 0 to 1, of latents as `encode` gives them.

    For autoencoders with one scale for all channels, as Stable Diffusion's.
    """
    vae = model.pipeline.vae
    values = latents / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
    decoded = [vae.decode(chunk.to(vae.dtype)).sample.float() for chunk in values.split(_CHUNK)]
    return ((torch.cat(decoded) + 1) / 2).clamp(0, 1)


def slerp(one: torch.Tensor, other: torch.Tensor, share: float) -> torch.Tensor:
    """Return what lies between two tensors on an arc, `share` of the way to the other.

    On a straight line the middle has less contrast than either end. Source: Shoemake, Animating Rotation with
    Quaternion Curves (1985), for the angle between the whole tensors.
    """
    cosine = torch.nn.functional.cosine_similarity(one.flatten(), other.flatten(), dim=0)
    angle = torch.arccos(cosine.clamp(-1, 1))
    if torch.sin(angle) < _ANGLE_MIN:
        return one + (other - one) * share
    return (torch.sin((1 - share) * angle) * one + torch.sin(share * angle) * other) / torch.sin(angle)
