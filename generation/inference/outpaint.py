"""Draw on beyond the edges of a picture, at any of its sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.options import IMAGE, OutpaintOptions
from generation.inference import canvas, sources
from generation.inference.canvas import Marks
from generation.inference.inpaint import Painting, repaint
from generation.inference.loading import LoadedModel

# Some of the colours laid under the new part stay: from noise alone a model begins another picture beside this one.
_STRENGTH = 0.75
# The starter draws single things on plain grounds: from more noise than this it begins a second thing beside the
# picture, and of a photograph it knows nothing but the colours that are laid under the new part.
_STRENGTH_OF_STARTER = 0.3
# What lies within this share of the shorter side from an edge is carried on beyond it …
_RIM_SHARE = 0.06
# … mirrored, so that lines meet the edge, up to about this share of it away.
_MIRROR_SHARE = 0.08


def run(model: LoadedModel, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
    """Extend each picture's source; but for the blended edge, its pixels stay as they are.

    Raises: InvalidRequest, PassCanceled, NoPicture.
    """
    options = work.request.options
    assert isinstance(options, OutpaintOptions)
    is_starter = bool(model.spec.text_encoder)
    paintings = [replace(extend(source, options), keeps_colours=is_starter) for source in sources.read_all(work, IMAGE)]
    strength = _STRENGTH_OF_STARTER if is_starter else _STRENGTH
    # So few steps that a part of them is none are one step.
    strength = max(strength, 1 / work.request.num_inference_steps)
    yield from zip(work.keys, repaint(model, work, watch, paintings, strength), strict=True)


def extend(source: Pixels, options: OutpaintOptions) -> Painting:
    """Return a picture on a larger canvas, its colours carried on, and the new part to be painted.

    `options.feather` is over how many of the picture's own pixels the new part is blended in.
    """
    height, width = source.shape[:2]
    sides = options.top, options.bottom, options.left, options.right
    larger = np.asarray(cv2.copyMakeBorder(canvas.opaque(source), *sides, cv2.BORDER_REFLECT_101), np.uint8)
    old = np.zeros(larger.shape[:2], np.bool_)
    old[options.top : options.top + height, options.left : options.left + width] = True
    shorter = min(height, width)
    soft = canvas.spread(larger, _rim(old, max(2, round(shorter * _RIM_SHARE))))
    nearness = np.exp(-_distance_to(old) / max(1.0, shorter * _MIRROR_SHARE))[..., None]
    carried_on = canvas.to_pixels(soft + (larger.astype(np.float32) - soft) * nearness)
    mask = np.where(old, 0, 255).astype(np.uint8)
    begun = carried_on if source.shape[2] == 3 else np.dstack([carried_on, np.full(old.shape, 255, np.uint8)])
    begun[options.top : options.top + height, options.left : options.left + width] = source
    return Painting(begun, canvas.soften(mask, options.feather))


def _rim(old: Marks, width: int) -> Marks:
    """Return the part of the old picture along the edges where something is added."""
    distance = cv2.distanceTransform(old.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return old & (np.asarray(distance) <= width)


def _distance_to(old: Marks) -> canvas.Floats:
    return np.asarray(cv2.distanceTransform((~old).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)
