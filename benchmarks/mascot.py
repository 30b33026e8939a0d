"""A thing that no model has seen: a drawn mascot, in pictures of its own making, and how alike two pictures are.

The likeness is measured without any network: colours (a histogram in CIE L*a*b*) and shapes (histograms of oriented
gradients), half each. It says "the same colours in the same places and the same outlines", not "the same animal".
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

Pixels = npt.NDArray[np.uint8]
Features = npt.NDArray[np.float64]

SIDE = 128
_SCALE = 4  # drawn so much larger, then shrunk: smooth edges
_TEAL, _DARK_TEAL, _MAGENTA = (32, 178, 170), (18, 120, 122), (214, 46, 140)
_ORANGE, _YELLOW, _WHITE, _BLACK = (244, 137, 32), (250, 214, 64), (255, 255, 255), (24, 24, 32)
_SKIES = ((255, 255, 255), (250, 236, 214), (214, 232, 250), (224, 246, 220), (248, 220, 228), (236, 226, 250))
_BINS = (6, 8, 8)
_CLOSEST = 3


def pictures(count: int, seed: int = 0) -> list[Pixels]:
    """Draw the mascot `count` times: turned a little, larger and smaller, on backgrounds that differ."""
    dice = random.Random(seed)
    return [_picture(dice, _SKIES[number % len(_SKIES)]) for number in range(count)]


def likeness(picture: Pixels, references: Sequence[Pixels]) -> float:
    """Return how alike a picture is to the closest three of the references, 0 to 1."""
    own = _features(picture)
    found = sorted((float(own @ _features(reference)) for reference in references), reverse=True)
    return sum(found[:_CLOSEST]) / len(found[:_CLOSEST])


def difference(one: Pixels, other: Pixels) -> float:
    """Return the mean absolute difference of two pictures of a size, in 255ths."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def _picture(dice: random.Random, sky: tuple[int, int, int]) -> Pixels:
    size = SIDE * _SCALE
    canvas = Image.new("RGB", (size, size), sky)
    if dice.random() < 0.5:
        ground = tuple(max(0, channel - 40) for channel in sky)
        ImageDraw.Draw(canvas).rectangle((0, int(size * 0.78), size, size), fill=ground)
    mascot = _mascot(size).rotate(dice.uniform(-10, 10), Image.Resampling.BICUBIC)
    scale = dice.uniform(0.72, 0.95)
    mascot = mascot.resize((int(size * scale),) * 2, Image.Resampling.LANCZOS)
    room = size - mascot.width
    canvas.paste(mascot, (int(room * dice.uniform(0.2, 0.8)), int(room * dice.uniform(0.4, 1))), mascot)
    return np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS), np.uint8)


def _mascot(size: int) -> Image.Image:
    """Draw a teal body with magenta horns, one orange-ringed eye, a yellow zigzag and orange feet."""
    layer = Image.new("RGBA", (size, size), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)

    def at(*points: float) -> list[float]:
        return [point * size for point in points]

    for side in (-1, 1):
        middle = 0.5 + side * 0.18
        horn = (0.5 + side * 0.12, 0.30, 0.5 + side * 0.30, 0.06, 0.5 + side * 0.28, 0.36)
        draw.polygon(at(*horn), fill=_MAGENTA)
        draw.ellipse(at(middle - 0.12, 0.82, middle + 0.12, 0.95), fill=_ORANGE)
        draw.ellipse(at(0.43 + side * 0.36, 0.50, 0.57 + side * 0.36, 0.70), fill=_DARK_TEAL)
    draw.rounded_rectangle(at(0.18, 0.24, 0.82, 0.88), radius=size * 0.26, fill=_TEAL)
    draw.ellipse(at(0.24, 0.27, 0.60, 0.50), fill=(64, 204, 196))
    draw.ellipse(at(0.32, 0.32, 0.68, 0.62), fill=_ORANGE)
    draw.ellipse(at(0.37, 0.36, 0.63, 0.58), fill=_WHITE)
    draw.ellipse(at(0.45, 0.41, 0.57, 0.54), fill=_BLACK)
    draw.ellipse(at(0.47, 0.42, 0.51, 0.46), fill=_WHITE)
    zigzag = [(0.27 + 0.46 * step / 6, 0.70 if step % 2 else 0.78) for step in range(7)]
    draw.line([(x * size, y * size) for x, y in zigzag], fill=_YELLOW, width=int(size * 0.045), joint="curve")
    return layer


def _features(picture: Pixels) -> Features:
    """Return colours and shapes, each a vector of length 1, together one."""
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)
    colours = np.sqrt(cv2.calcHist([lab], [0, 1, 2], None, list(_BINS), [0, 256] * 3).ravel().astype(np.float64))
    gradients = _oriented_gradients(np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8))
    parts = [part / max(float(np.linalg.norm(part)), 1e-9) for part in (colours, gradients)]
    features: Features = np.concatenate(parts) / np.sqrt(2)
    return features


def _oriented_gradients(grey: Pixels) -> Features:
    from skimage.feature import hog

    found: Features = hog(grey, orientations=8, pixels_per_cell=(16, 16), cells_per_block=(2, 2))
    return found
