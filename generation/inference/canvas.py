"""Arithmetic on pictures as arrays: sizes, frames within a picture, soft masks, and putting a drawn part back.

What belongs here: (height, width, 3 or 4) uint8 pixels and (height, width) masks, 255 where a mask is white.
What does not: models and words. Nothing here is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from generation.engine.backend import Pixels

Floats = npt.NDArray[np.floating[Any]]
Marks = npt.NDArray[np.bool_]

# How much of its surroundings a painted part is shown with, as a share of its own size on each side.
_CONTEXT = 0.35
# A part is never enlarged more than twice for the model: it would be drawn out of all proportion.
_CLOSEST = 0.5
# How far a seam's mismatch is carried into the drawn part, as a share of the frame's longer side.
_SEAM_SHARE = 0.05
# What is smaller than this, as a share of the longer side, is fine detail.
_AFAR_SHARE = 0.012


def to_tensor(pictures: Sequence[Pixels]) -> torch.Tensor:
    """Return (batch, channels, height, width), float32 from 0 to 1, of pictures of one size."""
    stacked = torch.from_numpy(np.stack(pictures))
    planes = stacked[:, None] if stacked.ndim == 3 else stacked.movedim(-1, 1)
    return planes.float() / 255


def opaque(pixels: Pixels) -> Pixels:
    """Return (height, width, 3): a picture with transparency on white."""
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return to_pixels(pixels[..., :3] * alpha + 255 * (1 - alpha))


def to_pixels(values: npt.NDArray[Any]) -> Pixels:
    """Round values from 0 to 255 to bytes."""
    rounded: Pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return rounded


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a picture or a mask in another size: averaged when it shrinks, Lanczos when it grows."""
    if pixels.shape[:2] == (height, width):
        return pixels
    shrinks = width * height < pixels.shape[0] * pixels.shape[1]
    resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4)
    return np.asarray(resized, np.uint8)


def cover(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a picture in another size; of another shape, what stands over at two sides is cut off evenly."""
    own_height, own_width = pixels.shape[:2]
    scale = max(width / own_width, height / own_height)
    cut_width, cut_height = min(own_width, round(width / scale)), min(own_height, round(height / scale))
    left, top = (own_width - cut_width) // 2, (own_height - cut_height) // 2
    return resize(np.ascontiguousarray(pixels[top : top + cut_height, left : left + cut_width]), width, height)


def soften(mask: Pixels, feather: int) -> Floats:
    """Return how much of the new picture shows, 0 to 1: all where the mask is white, nothing `feather` pixels off.

    The edge is softened outwards: softened inwards, what was to be painted over would shine through at its rim.
    """
    weight = mask.astype(np.float32) / 255
    if feather == 0 or not mask.any():
        return weight
    distance = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    nearness = np.clip(1 - distance / feather, 0, 1).astype(np.float32)
    return np.asarray(np.maximum(weight, nearness**2 * (3 - 2 * nearness)), np.float32)


def composite(source: Pixels, drawn: Pixels, weight: Floats) -> Pixels:
    """Lay a drawn picture over its source; where the weight is 0, the source's pixels stay as they are.

    A transparent source becomes as opaque as what is drawn on it shows, and nowhere less opaque than it was.
    """
    if source.shape[2] == 3:
        mixed = to_pixels(source + (drawn.astype(np.float32) - source) * weight[..., None])
        return np.where(weight[..., None] > 0, mixed, source)
    colours, alpha = source[..., :3], source[..., 3].astype(np.float32) / 255
    # What is transparent has no colour to mix with.
    share = weight / np.maximum(weight + alpha * (1 - weight), 1e-6)
    mixed = to_pixels(colours + (drawn.astype(np.float32) - colours) * share[..., None])
    mixed = np.dstack([mixed, to_pixels(np.maximum(alpha, weight) * 255)])
    return np.where(weight[..., None] > 0, mixed, source)


def match_seam(source: Pixels, drawn: Pixels, weight: Floats) -> Pixels:
    """Bring the drawn picture's colours to its source's along the seam; further inside it stays as it was drawn.

    An autoencoder shifts colours a little, and the eye finds a step of two 255ths along a line.
    """
    kept = (weight == 0).astype(np.float32)
    sigma = max(source.shape[:2]) * _SEAM_SHARE
    near = cv2.GaussianBlur(kept, (0, 0), sigma)
    difference = (source.astype(np.float32) - drawn) * kept[..., None]
    carried = cv2.GaussianBlur(difference, (0, 0), sigma) / np.maximum(near, 1e-3)[..., None]
    # On a straight seam half of the surroundings are kept.
    return to_pixels(drawn + carried * np.clip(near * 2, 0, 1)[..., None])


def keep_colours(source: Pixels, drawn: Pixels) -> Pixels:
    """Return the drawn picture with its source's colours as they are from afar; what is fine in it stays."""
    sigma = max(source.shape[:2]) * _AFAR_SHARE
    return to_pixels(drawn + cv2.GaussianBlur(source.astype(np.float32) - drawn, (0, 0), sigma))


def spread(pixels: Pixels, known: Marks) -> Pixels:
    """Fill what is not known with the colours around it, soft and softer with the distance.

    Source: Gortler et al., The Lumigraph (1996): pull the known colours into ever coarser pictures, push them back.
    """
    weight = known.astype(np.float32)
    filled = _push(pixels.astype(np.float32) * weight[..., None], weight)
    return np.where(known[..., None], pixels, to_pixels(filled))


def _push(sums: Floats, weight: Floats) -> Floats:
    """Return colours everywhere, of weighted sums of colours (height, width, 3) and their weights."""
    colours = sums / np.maximum(weight, 1e-6)[..., None]
    height, width = weight.shape
    if weight.min() >= 1 or max(height, width) == 1:
        return np.asarray(colours, np.float32)
    half = ((width + 1) // 2, (height + 1) // 2)
    coarse_weight = np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32)
    coarse_sums = np.asarray(cv2.resize(sums, half, interpolation=cv2.INTER_AREA), np.float32)
    # A known colour counts fully however little of it there is: else far colours would be the darker ones.
    gain = np.minimum(coarse_weight * 4, 1) / np.maximum(coarse_weight, 1e-6)
    coarse = _push(coarse_sums * gain[..., None], coarse_weight * gain)
    behind = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.minimum(weight, 1)[..., None]
    return np.asarray(colours * share + behind * (1 - share), np.float32)


@dataclass(frozen=True)
class Frame:
    """A rectangle of a picture that a model is shown. It may stand over the edge, where the picture is mirrored."""

    left: int
    top: int
    width: int
    height: int

    def take(self, pixels: Pixels) -> Pixels:
        """Cut the frame out of a picture or a mask."""
        height, width = pixels.shape[:2]
        top, bottom = max(0, -self.top), max(0, self.top + self.height - height)
        left, right = max(0, -self.left), max(0, self.left + self.width - width)
        if top or bottom or left or right:
            pixels = np.asarray(cv2.copyMakeBorder(pixels, top, bottom, left, right, cv2.BORDER_REFLECT_101), np.uint8)
        row, column = self.top + top, self.left + left
        return np.ascontiguousarray(pixels[row : row + self.height, column : column + self.width])

    def put(
        self, source: Pixels, drawn: Pixels, weight: Floats, *, one_scene: bool = True, keeps_colours: bool = False
    ) -> Pixels:
        """Return the source with what was drawn of the frame, as far as the weight shows it.

        source: (height, width, 3 or 4); the result has as many channels.
        one_scene: both sides of the seam show the same things, and their colours are brought together.
        keeps_colours: so are those of all that was drawn, with what it was drawn over.
        """
        drawn = resize(drawn, self.width, self.height)
        rows, columns = self._inside(source.shape[0], self.top), self._inside(source.shape[1], self.left, wide=True)
        part = drawn[rows.start - self.top : rows.stop - self.top, columns.start - self.left : columns.stop - self.left]
        under, share = source[rows, columns], weight[rows, columns]
        if keeps_colours:
            part = keep_colours(opaque(under), part)
        if one_scene:
            part = match_seam(opaque(under), part, share if under.shape[2] == 3 else _beside_what_shows(under, share))
        result = source.copy()
        result[rows, columns] = composite(under, part, share)
        return result

    def _inside(self, side: int, start: int, *, wide: bool = False) -> slice:
        return slice(max(0, start), min(side, start + (self.width if wide else self.height)))


def _beside_what_shows(under: Pixels, weight: Floats) -> Floats:
    """Return a weight by which only what is wholly opaque counts as kept: nothing else has a colour to go by."""
    return np.where(under[..., 3] == 255, weight, np.maximum(weight, 1))


def frame_around(marked: Marks, width: int, height: int) -> Frame:
    """Return the frame, in the shape width : height, that shows what is marked with some of its surroundings.

    It is the whole picture when the marked part is large in it.
    """
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    picture_height, picture_width = marked.shape
    tall, wide = rows[-1] + 1 - rows[0], columns[-1] + 1 - columns[0]
    needed = max(wide / width, tall / height) * (1 + 2 * _CONTEXT)
    whole = max(picture_width / width, picture_height / height)
    scale = min(max(needed, _CLOSEST), whole)
    frame_width, frame_height = round(width * scale), round(height * scale)
    return Frame(
        _place(int(columns[0]), int(wide), frame_width, picture_width),
        _place(int(rows[0]), int(tall), frame_height, picture_height),
        frame_width,
        frame_height,
    )


def _place(start: int, length: int, frame: int, picture: int) -> int:
    """Return where a frame begins: its middle on the marked part's, but inside of the picture if it fits."""
    if frame >= picture:
        return (picture - frame) // 2
    return min(max(0, start + (length - frame) // 2), picture - frame)
