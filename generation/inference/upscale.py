"""Make a picture two or four times as large.

What belongs here: the one interface behind which a picture is enlarged, the way that needs no weights, and how a
large picture goes through a network in parts. What does not: which network (`upscale_model.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np
import torch
from PIL import Image

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, UpscaleOptions
from generation.inference import canvas, sources

if TYPE_CHECKING:
    from generation.inference.tool_loading import LoadedTool

Progress = Callable[[int, int], None]
# What a network sees at once, and how much of that neighbours share: memory stays the same for every picture.
_TILE, _OVERLAP = 192, 16


class Upscaler(Protocol):
    """Enlarges pictures."""

    @property
    def name(self) -> str:
        """What does it, in words: people are shown it."""

    def enlarge(self, pixels: Pixels, factor: int, progress: Progress) -> Pixels:
        """Return (height × factor, width × factor, 3). `progress` is told step and steps, and may raise."""


class Lanczos:
    """No network: interpolates. Sharp edges stay as sharp as they are, and no detail is added."""

    name = "Lanczos interpolation (no model)"

    def enlarge(self, pixels: Pixels, factor: int, progress: Progress) -> Pixels:
        """See `Upscaler`."""
        height, width = pixels.shape[:2]
        enlarged = Image.fromarray(pixels).resize((width * factor, height * factor), Image.Resampling.LANCZOS)
        progress(1, 1)
        return np.asarray(enlarged)


def run(upscaler: LoadedTool, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Enlarge each picture's source. Raises: PassCanceled."""
    options = work.request.options
    assert isinstance(options, UpscaleOptions)
    for image in work.images:
        yield image.key, enlarge(upscaler.tool, sources.read(image, IMAGE), options.factor, watch.step)


def enlarge(upscaler: Upscaler, pixels: Pixels, factor: int, progress: Progress) -> Pixels:
    """Enlarge a picture; a transparent one stays so."""
    if pixels.shape[2] == 3:
        return upscaler.enlarge(pixels, factor, progress)
    # Networks know opaque pictures only. Where nothing shows, the colours of what does are carried on.
    colours = canvas.spread(np.ascontiguousarray(pixels[..., :3]), pixels[..., 3] > 0)
    alpha = np.asarray(
        cv2.resize(np.ascontiguousarray(pixels[..., 3]), None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    )
    return np.dstack([upscaler.enlarge(colours, factor, progress), alpha])


@torch.inference_mode()
def enlarge_in_tiles(
    network: Callable[[torch.Tensor], torch.Tensor],
    scale: int,
    pixels: Pixels,
    progress: Progress,
    device: torch.device,
) -> Pixels:
    """Return what a network makes of a picture, part by part: (1, 3, h, w) → (1, 3, h × scale, w × scale), 0 to 1.

    Neighbouring parts overlap and are mixed where they do, so that no line shows.
    """
    height, width = pixels.shape[:2]
    values = canvas.to_tensor([pixels])
    total = torch.zeros(3, height * scale, width * scale)
    weights = torch.zeros(height * scale, width * scale)
    tiles = list(_tiles(height, width))
    for index, (rows, columns) in enumerate(tiles, start=1):
        drawn = network(values[:, :, rows, columns].to(device))[0].float().cpu()
        weight = _ramp(drawn.shape[1], scale)[:, None] * _ramp(drawn.shape[2], scale)[None, :]
        place = _scaled(rows, scale), _scaled(columns, scale)
        total[:, *place] += drawn * weight
        weights[place] += weight
        progress(index, len(tiles))
    return canvas.to_pixels((total / weights).clamp(0, 1).mul(255).movedim(0, -1).numpy())


def _tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    for rows in _parts(height):
        for columns in _parts(width):
            yield rows, columns


def _parts(side: int) -> list[slice]:
    """Return overlapping parts of a side, all of one length; the side itself where it is short."""
    if side <= _TILE:
        return [slice(0, side)]
    count = math.ceil((side - _OVERLAP) / (_TILE - _OVERLAP))
    return [slice(start, start + _TILE) for start in (round(i * (side - _TILE) / (count - 1)) for i in range(count))]


def _scaled(part: slice, scale: int) -> slice:
    return slice(part.start * scale, part.stop * scale)


def _ramp(length: int, scale: int) -> torch.Tensor:
    """Return weights that rise from the ends over the overlap and are 1 between."""
    steps = torch.arange(1, length + 1, dtype=torch.float32)
    return torch.minimum(steps, steps.flip(0)).div(_OVERLAP * scale).clamp(max=1)
