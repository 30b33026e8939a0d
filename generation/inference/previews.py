"""What a picture looks like while it is still latents: a linear guess, small enough for a cache and a poll.

The guess is fitted to the model's own autoencoder when it is loaded, from a few colour images made here, so that
it holds for any latent space and no constants have to be known.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch
from PIL import Image

from generation.engine.protocol import PREVIEW_MAX_BYTES

_SIDE_MAX = 128
_QUALITIES = (70, 45, 20, 5)
# Four images of 8 × 8 latents are 256 equations for at most 17 unknowns.
_FIT_IMAGES, _FIT_LATENT_SIDE, _FIT_PATCHES = 4, 8, 4
# Full and hard-edged colours: fitted to soft ones, the guess is pale where pictures have black, white and edges.
_FIT_CONTRAST = 4.0
# Keeps directions that the colour images hardly excite from being blown up.
_RIDGE = 1e-3


class LatentPreview:
    """Turns latents into small WebPs. `projection`: (channels + 1, 3), float32, the last row the offset."""

    def __init__(self, projection: torch.Tensor) -> None:
        self._projection = projection

    def pixels(self, latents: torch.Tensor) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """Return (batch, height, width, 3) pixels of (batch, channels, height, width) latents, one each."""
        values = latents.detach().to("cpu", torch.float32).movedim(1, -1)
        rgb = values @ self._projection[:-1] + self._projection[-1]
        return (rgb.clamp(0, 1) * 255).round().to(torch.uint8).numpy()

    def webps(self, latents: torch.Tensor) -> list[bytes]:
        """Return one WebP of at most 8 KiB a picture."""
        return [encode_webp(pixels) for pixels in self.pixels(latents)]


def encode_webp(pixels: np.ndarray[Any, np.dtype[np.uint8]]) -> bytes:
    """Encode (height, width, 3) pixels as a WebP of at most 8 KiB and 128 pixels a side."""
    image = Image.fromarray(pixels)
    image.thumbnail((_SIDE_MAX, _SIDE_MAX))
    for quality in _QUALITIES:
        buffer = io.BytesIO()
        # Method 0: a third of the time for a tenth more bytes, and there are six of these a picture.
        image.save(buffer, "WEBP", quality=quality, method=0)
        if buffer.tell() <= PREVIEW_MAX_BYTES:
            break
    return buffer.getvalue()


@torch.inference_mode()
def fit_preview(vae: Any, scale: int) -> LatentPreview:
    """Fit the projection by least squares; `scale` is how many pixels a latent spans.

    Leaves the autoencoder as it was, but asks it in float32: some overflow in half precision.
    """
    images = _colour_images(_FIT_LATENT_SIDE * scale)
    dtype = vae.dtype
    vae.to(torch.float32)
    encoded = vae.encode((images * 2 - 1).to(vae.device)).latent_dist.mode()
    vae.to(dtype)
    latents = normalise(encoded.cpu(), vae.config)
    rgb = torch.nn.functional.avg_pool2d(images, scale).movedim(1, -1).reshape(-1, 3)
    values = latents.movedim(1, -1).reshape(rgb.shape[0], -1)
    known = torch.cat([values, torch.ones(len(values), 1)], dim=1)
    # Normal equations with a little weight on zero; the system is at most 17 × 17.
    weight = known.T @ known + _RIDGE * len(known) * torch.eye(known.shape[1])
    return LatentPreview(torch.linalg.solve(weight, known.T @ rgb))


def _colour_images(side: int) -> torch.Tensor:
    """Return mosaics of strong colours, (batch, 3, side, side), 0 to 1, the same every time."""
    generator = torch.Generator("cpu").manual_seed(0)
    patches = torch.rand(_FIT_IMAGES, 3, _FIT_PATCHES, _FIT_PATCHES, generator=generator)
    strong = ((patches - 0.5) * _FIT_CONTRAST + 0.5).clamp(0, 1)
    return torch.nn.functional.interpolate(strong, size=(side, side), mode="nearest")


def normalise(latents: torch.Tensor, config: Any) -> Any:
    """Bring what the encoder says into the space the denoiser works in: the inverse of what pipelines do to decode."""
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is not None and std is not None:
        return (latents - _per_channel(mean)) * config.scaling_factor / _per_channel(std)
    return (latents - (getattr(config, "shift_factor", None) or 0.0)) * config.scaling_factor


def _per_channel(values: list[float]) -> torch.Tensor:
    return torch.tensor(values).view(1, -1, 1, 1)
