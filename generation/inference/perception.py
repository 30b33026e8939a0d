"""How networks that look at pictures are shown one: in their size, and normalised as they were trained.

What belongs here: what several of them share. What does not: what they answer (`segmentation.py`, `depth_model.py`,
`pose_model.py`).
"""

from __future__ import annotations

import torch

from generation.engine.backend import Pixels
from generation.inference import canvas

# Source: torchvision's ImageNet statistics, as DINOv2's and ViT's processors have them.
_IMAGENET_MEAN, _IMAGENET_SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def shown(pixels: Pixels, width: int, height: int) -> torch.Tensor:
    """Return (1, 3, height, width), normalised, of a picture stretched to that size."""
    return normalised(canvas.to_tensor([canvas.resize(pixels, width, height)]))


def normalised(values: torch.Tensor) -> torch.Tensor:
    """Return values from 0 to 1, (batch, 3, height, width), as networks trained on ImageNet take them."""
    mean, spread = (torch.tensor(numbers)[:, None, None] for numbers in (_IMAGENET_MEAN, _IMAGENET_SPREAD))
    return (values - mean) / spread
