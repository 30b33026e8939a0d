"""Find the subject of a picture: how much of each pixel is subject, and which colour the subject has there.

What belongs here: the one interface behind which a subject is found, the way that needs no weights, and the edges.
What does not: models with weights (`matting_model.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.canvas import Floats, Marks
from generation.inference.errors import InvalidRequest

# What a map of brush strokes says of a pixel: subject, background; anything between leaves it open.
SUBJECT, BACKGROUND = 255, 0
# GrabCut's time grows with the pixels, and its answer does not get better: edges are found afterwards, in full size.
_CUT_SIDE = 320
_CUT_ROUNDS = 6
# The frame along the left, top and right edge that is taken as background, as a share of the shorter side.
_RIM_SHARE = 0.02
_BACKGROUND_COLOURS = 4
# Pieces of the subject, and holes in it, below this share of it are noise.
_SPECK_SHARE = 0.02
# How far from the cut's line an edge may run (hair, fur), as a share of the longer side.
_EDGE_SHARE = 0.012
_GUIDE_EPSILON = 1e-4
# Pictures are worked on in strips of so many rows, so that memory does not grow with them; see `_strips`.
_EDGE_ROWS, _COLOUR_ROWS = 256, 1024
# Below and above, a pixel is wholly one or the other: what is a 255th off would change pixels nobody sees.
_FLOOR, _CEILING = 0.04, 0.96


class Finder(Protocol):
    """Knows what things are, and so which of them is the subject."""

    def subject(self, pixels: Pixels) -> Pixels | None:
        """Return its mask (height, width), 0 or 255; None where nothing known stands out."""


class Matter(Protocol):
    """Finds subjects."""

    @property
    def name(self) -> str:
        """What did it, in words."""

    def alpha(self, pixels: Pixels, strokes: Pixels | None, start: Pixels | None = None) -> Pixels:
        """Return (height, width): 255 where all is subject.

        strokes: a map of what a person marked. start: a mask of what a network takes for the subject.

        Raises: InvalidRequest when there is none to be found.
        """


@dataclass(frozen=True)
class Cutout:
    """A subject: its own colours, freed from the background's at the edges, and its alpha (height, width)."""

    colours: Pixels
    alpha: Pixels

    def rgba(self) -> Pixels:
        """Return (height, width, 4)."""
        return np.dstack([self.colours, self.alpha])


def cut_out(
    matter: Matter, pixels: Pixels, strokes: Pixels | None = None, feather: int = 0, finder: Finder | None = None
) -> Cutout:
    """Return the subject of a picture (height, width, 3), its edge softened inwards by `feather` pixels.

    Inwards, so that nothing of the background comes along. A `finder`, where there is one, says where to begin.
    Raises: InvalidRequest.
    """
    if strokes is not None and strokes.shape != pixels.shape[:2]:
        size, own = (f"{array.shape[1]} × {array.shape[0]}" for array in (strokes, pixels))
        raise InvalidRequest("strokes", size, f"of the picture's size, {own}")
    start = finder.subject(pixels) if finder else None
    alpha = _soften_inwards(matter.alpha(pixels, strokes, start), feather)
    return Cutout(subject_colours(pixels, alpha), alpha)


class GrabCut:
    """Cuts along the colours' borders, from strokes or from how far colours are from those at the rim.

    Source: Rother, Kolmogorov, Blake: GrabCut (2004), as OpenCV has it.
    """

    name = "GrabCut"

    def alpha(self, pixels: Pixels, strokes: Pixels | None, start: Pixels | None = None) -> Pixels:
        """See `Matter`."""
        mask = self.mask(pixels, strokes, start)
        return refine_edge(pixels, mask, strokes)

    def mask(self, pixels: Pixels, strokes: Pixels | None, start: Pixels | None = None) -> Pixels:
        """Return the cut without soft edges: (height, width), 0 or 255. Only strokes change what starts it."""
        if start is not None and strokes is None:
            return start
        height, width = pixels.shape[:2]
        scale = min(1.0, _CUT_SIDE / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        small = canvas.resize(pixels, *size)
        labels = _start(small) if start is None else _labels_of(canvas.resize(start, *size))
        if strokes is not None:
            # The nearest pixel, not a mean: half of a stroke is no stroke.
            marked = cv2.resize(strokes, size, interpolation=cv2.INTER_NEAREST)
            labels[marked == SUBJECT], labels[marked == BACKGROUND] = cv2.GC_FGD, cv2.GC_BGD
        mask = _cut(small, labels)
        return np.where(canvas.resize(mask, width, height) >= 128, 255, 0).astype(np.uint8)


def refine_edge(pixels: Pixels, mask: Pixels, strokes: Pixels | None) -> Pixels:
    """Return the alpha that follows the picture's own edges near the mask's line, and the strokes where there are."""
    reach = max(2, round(max(mask.shape) * _EDGE_SHARE))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    alpha, outermost = cv2.erode(mask, kernel), cv2.dilate(mask, kernel)
    unsure = alpha != outermost
    for rows, around in _strips(mask.shape[0], _EDGE_ROWS, 2 * reach):
        if not unsure[rows].any():
            continue
        # Further from what is unsure than its reach, nothing bears on it.
        needed = cv2.dilate(unsure[around].astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
        followed = _follow(pixels[around], mask[around], needed, reach)[_within(rows, around)]
        followed = np.clip((followed - _FLOOR) / (_CEILING - _FLOOR), 0, 1)
        alpha[rows][unsure[rows]] = canvas.to_pixels(followed * 255)[unsure[rows]]
    if strokes is not None:
        alpha[strokes == SUBJECT], alpha[strokes == BACKGROUND] = 255, 0
    return np.asarray(alpha, np.uint8)


def subject_colours(pixels: Pixels, alpha: Pixels) -> Pixels:
    """Return the subject's own colours; where the alpha is 255 they are the picture's, bit for bit.

    Source: Forte, Approximate Fast Foreground Colour Estimation (2021): blur fusion, twice.
    """
    side = max(alpha.shape)
    radii = max(3, side // 12), max(1, side // 128)
    colours = pixels.copy()
    for rows, around in _strips(alpha.shape[0], _COLOUR_ROWS, sum(radii)):
        share, mixed = alpha[around].astype(np.float32) / 255, alpha[rows] != 255
        for channel in range(3):
            plane = _subject_plane(pixels[around, :, channel].astype(np.float32), share, radii)
            colours[rows, :, channel][mixed] = canvas.to_pixels(plane[_within(rows, around)])[mixed]
    return colours


def _strips(height: int, count: int, margin: int) -> Iterator[tuple[slice, slice]]:
    """Return strips of `count` rows that make up a height, each with the rows that bear on it: `margin` more a side."""
    for top in range(0, height, count):
        bottom = min(height, top + count)
        yield slice(top, bottom), slice(max(0, top - margin), min(height, bottom + margin))


def _within(rows: slice, around: slice) -> slice:
    """Return where a strip's own rows lie among those around it."""
    return slice(rows.start - around.start, rows.stop - around.start)


def _soften_inwards(alpha: Pixels, feather: int) -> Pixels:
    if feather == 0:
        return alpha
    distance = cv2.distanceTransform((alpha > 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return canvas.to_pixels(alpha * np.minimum(np.asarray(distance) / (feather + 1), 1))


def _subject_plane(picture: Floats, share: Floats, radii: tuple[int, ...]) -> Floats:
    """Return one channel of the subject's own colours, of one of the picture's."""
    subject, behind = picture, picture
    for radius in radii:
        subject_near = _mean(subject, share, radius)
        behind_near = _mean(behind, 1 - share, radius)
        rest = picture - share * subject_near - (1 - share) * behind_near
        subject, behind = np.clip(subject_near + share * rest, 0, 255), np.clip(behind_near, 0, 255)
    return subject


def _mean(plane: Floats, share: Floats, radius: int) -> Floats:
    """Return the mean around each pixel, each counted by its share."""
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.blur(plane * share, size) / np.maximum(cv2.blur(share, size), 1e-5), np.float32)


def _start(small: Pixels) -> npt.NDArray[np.uint8]:
    """Return GrabCut's labels: the rim is background, what differs from it is probably the subject."""
    height, width = small.shape[:2]
    rim = max(1, round(min(height, width) * _RIM_SHARE))
    border = np.ones((height, width), bool)
    # Subjects often stand on the lower edge; there it says nothing.
    border[rim:, rim : width - rim] = False
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    distance = cv2.GaussianBlur(_distance(lab, border) * _middle(height, width), (0, 0), max(height, width) / 100)
    scaled = canvas.to_pixels(distance / max(float(distance.max()), 1e-6) * 255)
    _, salient = cv2.threshold(scaled, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    labels = np.where(np.asarray(salient) > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[border & (labels == cv2.GC_PR_BGD)] = cv2.GC_BGD
    return labels


def _labels_of(mask: Pixels) -> npt.NDArray[np.uint8]:
    """Return GrabCut's labels of a mask that may be wrong in places."""
    return np.where(mask >= 128, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)


def _distance(lab: Floats, border: npt.NDArray[np.bool_]) -> Floats:
    """Return how far each pixel's colour is from those at the border, in their own spreads."""
    samples = lab[border]
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 20, 0.5)
    cv2.setRNGSeed(0)
    _, kinds, centres = cv2.kmeans(
        samples, min(_BACKGROUND_COLOURS, len(samples)), None, criteria, 2, cv2.KMEANS_PP_CENTERS
    )  # type: ignore[call-overload]
    nearest = np.full(lab.shape[:2], np.inf, np.float32)
    for kind, centre in enumerate(centres):
        spread = max(float(samples[kinds[:, 0] == kind].std()), 4.0)
        nearest = np.minimum(nearest, np.linalg.norm(lab - centre, axis=2) / spread)
    return nearest


def _middle(height: int, width: int) -> Floats:
    """Return a weight that is 1 in the middle and falls to a half towards the edges."""
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    return np.asarray(0.5 + 0.5 * np.exp(-2 * (rows**2 + columns**2)), np.float32)


def _cut(small: Pixels, labels: npt.NDArray[np.uint8]) -> Pixels:
    """Return the subject's mask. Raises: InvalidRequest when everything or nothing is the subject."""
    subject = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not subject.any() or subject.all():
        raise InvalidRequest(
            "image", "a picture of one colour", "one with a subject that stands out; mark it with the brush"
        )
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    marked = labels.copy()
    cv2.grabCut(
        cv2.cvtColor(small, cv2.COLOR_RGB2BGR), marked, (0, 0, 1, 1), *models, _CUT_ROUNDS, cv2.GC_INIT_WITH_MASK
    )
    mask = np.where(np.isin(marked, (cv2.GC_FGD, cv2.GC_PR_FGD)), 255, 0).astype(np.uint8)
    if not mask.any() or mask.all():
        raise InvalidRequest(
            "image", "a picture without a clear subject", "one whose subject stands out; mark it with the brush"
        )
    keep = mask if not (labels == cv2.GC_FGD).any() else np.maximum(mask, (labels == cv2.GC_FGD).astype(np.uint8) * 255)
    return ~_without_specks(~_without_specks(keep))


def _without_specks(mask: Pixels) -> Pixels:
    """Return a mask without the pieces that are small beside its largest one."""
    count, kinds, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return mask
    areas = figures[1:, cv2.CC_STAT_AREA]
    large = 1 + np.flatnonzero(areas >= areas.max() * _SPECK_SHARE)
    return np.where(np.isin(kinds, large), 255, 0).astype(np.uint8)


def _follow(pixels: Pixels, mask: Pixels, needed: Marks, radius: int) -> Floats:
    """Return the mask, from 0 to 1, as a linear function of the picture's colours around each pixel that is needed.

    Source: He, Sun, Tang: Guided Image Filtering (2013), for a guide of three channels.
    """
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, size), np.float32)

    guide, share = pixels.astype(np.float32) / 255, mask.astype(np.float32) / 255
    guide_mean, share_mean = mean(guide), mean(share)
    joint = (mean(guide * share[..., None]) - guide_mean * share_mean[..., None])[needed]
    spread = np.empty((len(joint), 3, 3), np.float32)
    for one, other in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
        product = mean(guide[..., one] * guide[..., other]) - guide_mean[..., one] * guide_mean[..., other]
        spread[:, one, other] = spread[:, other, one] = product[needed]
    slope = np.zeros_like(guide)
    slope[needed] = np.linalg.solve(spread + _GUIDE_EPSILON * np.eye(3, dtype=np.float32), joint[..., None])[..., 0]
    offset = share_mean - (slope * guide_mean).sum(axis=2)
    return np.asarray((mean(slope) * guide).sum(axis=2) + mean(offset), np.float32)
