"""How near each part of a picture is: Depth Anything V2, which transformers builds from safetensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.errors import InvalidRequest
from generation.inference.perception import shown

# The shorter side that it was trained at, and the longest it is asked about: attention is over the whole picture.
_SIDE, _SIDE_MAX = 518, 1036


class DepthEstimator:
    """Draws maps of depth."""

    name = "Depth Anything V2"

    def __init__(self, network: Any) -> None:
        self.network = network
        self._patch = int(network.config.patch_size)

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> DepthEstimator:
        """Build the network of a folder that was inspected."""
        from transformers import DepthAnythingForDepthEstimation

        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        network = DepthAnythingForDepthEstimation.from_pretrained(folder, **options).to(device).eval()
        return cls(network.requires_grad_(False))

    @torch.inference_mode()
    def draw(self, pixels: Pixels) -> Pixels:
        """Return (height, width, 3): white is nearest. Raises: InvalidRequest for a picture without depth."""
        height, width = pixels.shape[:2]
        scale = min(_SIDE / min(height, width), _SIDE_MAX / max(height, width))
        size = (self._whole_patches(side * scale) for side in (width, height))
        values = shown(pixels, *size).to(self.network.device, self.network.dtype)
        # It answers with inverse depth, up to a scale and a shift.
        nearness = self.network(values).predicted_depth[0].float().cpu().numpy()
        shrinks = width * height < nearness.size
        fitted = cv2.resize(nearness, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        low, high = float(fitted.min()), float(fitted.max())
        if not np.isfinite([low, high]).all() or high <= low:
            raise InvalidRequest("image", "a picture without depth", "one with something near and something far")
        grey = canvas.to_pixels((np.asarray(fitted) - low) / (high - low) * 255)
        return np.repeat(grey[..., None], 3, axis=2)

    def _whole_patches(self, side: float) -> int:
        return max(1, round(side / self._patch)) * self._patch
