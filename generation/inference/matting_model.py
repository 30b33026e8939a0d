"""Finds edges, hair and fur with a network: ViTMatte, around a line that is drawn for it.

It is the matting network that transformers builds from safetensors without running code that came with the weights
(BiRefNet's does). It needs to be told roughly where the subject ends: by a network that knows things
(`segmentation.py`) where one is installed, else by GrabCut, and by the brush.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.matting import BACKGROUND, SUBJECT, GrabCut

# The unsure band on each side of the line, as a share of the longer side.
_BAND_SHARE = 0.02
_UNSURE = 128
# Attention over a whole picture: beyond this side, it is asked about a smaller one.
_SIDE_MAX = 1024
# Source: VitMatteImageProcessor's defaults: both of every channel, and sides in multiples of 32.
_MEAN, _SPREAD, _MULTIPLE = 0.5, 0.5, 32


class VitMatte:
    """See `generation.inference.matting.Matter`."""

    name = "ViTMatte"

    def __init__(self, network: Any) -> None:
        self.network = network

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> VitMatte:
        """Build the network of a folder that was inspected."""
        from transformers import VitMatteForImageMatting

        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        network = VitMatteForImageMatting.from_pretrained(folder, **options).to(device).eval()
        return cls(network.requires_grad_(False))

    def alpha(self, pixels: Pixels, strokes: Pixels | None, start: Pixels | None = None) -> Pixels:
        """See `Matter`."""
        trimap = trimap_of(GrabCut().mask(pixels, strokes, start), strokes)
        height, width = trimap.shape
        scale = min(1.0, _SIDE_MAX / max(height, width))
        size = round(width * scale), round(height * scale)
        small_map = np.asarray(cv2.resize(trimap, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        alpha = canvas.resize(self._ask(canvas.resize(pixels, *size), small_map), width, height)
        return np.where(trimap == _UNSURE, alpha, trimap)

    @torch.inference_mode()
    def _ask(self, pixels: Pixels, trimap: Pixels) -> Pixels:
        """Return (height, width) alpha of a picture and its map."""
        colours = (canvas.to_tensor([pixels]) - _MEAN) / _SPREAD
        values = torch.cat([colours, canvas.to_tensor([trimap])], dim=1)
        height, width = trimap.shape
        values = torch.nn.functional.pad(values, (0, -width % _MULTIPLE, 0, -height % _MULTIPLE))
        alphas = self.network(values.to(self.network.device, self.network.dtype)).alphas
        return canvas.to_pixels(alphas[0, 0, :height, :width].float().cpu().numpy() * 255)


def trimap_of(mask: Pixels, strokes: Pixels | None) -> Pixels:
    """Return where is subject (255), background (0) and what is unsure (128) along the mask's line."""
    reach = max(2, round(max(mask.shape) * _BAND_SHARE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    trimap = np.full(mask.shape, _UNSURE, np.uint8)
    trimap[cv2.erode(mask, kernel) > 0] = SUBJECT
    trimap[cv2.dilate(mask, kernel) == 0] = BACKGROUND
    if strokes is not None:
        sure = (strokes == SUBJECT) | (strokes == BACKGROUND)
        trimap[sure] = strokes[sure]
    return trimap
