"""Paint a part of a picture anew: white in the mask is repainted, black stays as it is, to the last bit.

The model is shown the painted part with some of its surroundings in its own size; what it draws is put back into the
source in the source's resolution.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, MASK, InpaintOptions
from generation.inference import canvas, sources
from generation.inference.canvas import Floats, Frame
from generation.inference.denoising import denoise
from generation.inference.errors import InvalidRequest
from generation.inference.image_to_image import check_strength
from generation.inference.loading import LoadedModel

_CLASSES = {
    "stable-diffusion": "StableDiffusionInpaintPipeline",
    "stable-diffusion-xl": "StableDiffusionXLInpaintPipeline",
    "flux": "FluxInpaintPipeline",
}

# How much of a picture's shorter side is its rim, where its ground is seen.
_RIM_SHARE = 0.08


@dataclass(frozen=True)
class Painting:
    """A source (height, width, 3 or 4), and how much of what is drawn shows at each of its pixels, 0 to 1.

    one_scene: what is drawn goes on what is kept, so their colours are brought together along the seam.
    keeps_colours: what is drawn keeps the colours that are laid under it, seen from afar.
    is_backdrop: what is drawn lies behind what is kept and is drawn without a look at it; its ground alone is taken.
    """

    source: Pixels
    weight: Floats
    one_scene: bool = True
    keeps_colours: bool = False
    is_backdrop: bool = False

    def frame(self, width: int, height: int) -> Frame:
        """Return what of it the model is shown."""
        return canvas.frame_around(self.weight > 0, width, height)


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Repaint what is white in each picture's mask; the results have their sources' sizes.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, InpaintOptions)
    paintings = [
        painting_of(sources.read(image, IMAGE), sources.read(image, MASK), options.feather) for image in work.images
    ]
    yield from zip(work.keys, repaint(model, work, watch, paintings, options.strength), strict=True)


def painting_of(source: Pixels, mask: Pixels, feather: int) -> Painting:
    """Check a source and its mask (height, width), and soften the mask's edge. Raises: InvalidRequest."""
    size, mask_size = (f"{pixels.shape[1]} × {pixels.shape[0]}" for pixels in (source, mask))
    if size != mask_size:
        raise InvalidRequest("mask", mask_size, f"of the picture's size, {size}")
    if not mask.any():
        raise InvalidRequest("mask", "an empty mask", "one with something white to repaint")
    return Painting(source, canvas.soften(mask, feather))


def repaint(
    model: LoadedModel, work: Pass, watch: Watch, paintings: Sequence[Painting], strength: float
) -> list[Pixels]:
    """Draw what the paintings show of it, and return them in their own sizes, transparent where they stay so.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    request = work.request
    check_strength(strength, request.num_inference_steps)
    frames = [painting.frame(request.width, request.height) for painting in paintings]
    drawn = denoise(
        model,
        work,
        watch,
        model.pipeline_as(_CLASSES[model.spec.family]),
        image=_shown(
            work, [frame.take(canvas.opaque(each.source)) for frame, each in zip(frames, paintings, strict=True)]
        ),
        mask_image=_cells(model, work, [_marked(frame, each) for frame, each in zip(frames, paintings, strict=True)]),
        strength=strength,
        width=request.width,
        height=request.height,
    )
    return [
        frame.put(
            each.source,
            _ground_of(part) if each.is_backdrop else part,
            each.weight,
            one_scene=each.one_scene,
            keeps_colours=each.keeps_colours,
        )
        for frame, each, part in zip(frames, paintings, drawn, strict=True)
    ]


def _marked(frame: Frame, painting: Painting) -> Pixels:
    if painting.is_backdrop:
        return np.full((frame.height, frame.width), 255, np.uint8)
    return frame.take((painting.weight > 0).astype(np.uint8) * 255)


def _ground_of(drawn: Pixels) -> Pixels:
    """Return a picture's ground: the colours at its rim, carried on over what stands in its middle."""
    height, width = drawn.shape[:2]
    rim = max(1, round(min(height, width) * _RIM_SHARE))
    known = np.ones((height, width), np.bool_)
    known[rim:-rim, rim:-rim] = False
    return canvas.spread(drawn, known)


def _shown(work: Pass, parts: Sequence[Pixels]) -> torch.Tensor:
    """Return parts of pictures in the model's size: (batch, channels, height, width)."""
    return canvas.to_tensor([canvas.resize(part, work.request.width, work.request.height) for part in parts])


def _cells(model: LoadedModel, work: Pass, marks: Sequence[Pixels]) -> torch.Tensor:
    """Return masks in which a latent is either repainted or kept: one that holds a painted pixel is repainted.

    The pipelines shrink a mask by picking one pixel a latent, and lose thin lines.
    """
    touched = (_shown(work, marks) > 0).float()
    scale = model.latent_scale
    pooled = torch.nn.functional.max_pool2d(touched, scale)
    return torch.nn.functional.interpolate(pooled, scale_factor=scale, mode="nearest")
