"""From a picture to the map that a ControlNet reads: white lines on black, or depths and poses that a person brings."""

from __future__ import annotations

import cv2
import numpy as np

from generation.engine.backend import Pixels
from generation.engine.options import ControlNetOptions
from generation.inference import canvas
from generation.inference.errors import InvalidRequest

# Lines as a hand draws them: few and thick. The first smooths small things away, as shares of the longer side.
_SMOOTH_SHARE, _LINE_SHARE = 0.008, 0.006
_SCRIBBLE_LOW, _SCRIBBLE_HIGH = 40, 100
_LINES = ("canny", "scribble")


def control_map(picture: Pixels, options: ControlNetOptions) -> Pixels:
    """Return the map (height, width, 3) of a picture of the same size. Raises: InvalidRequest."""
    if options.is_map:
        return _white_on_black(picture) if options.control in _LINES else picture
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    if options.control == "canny":
        lines = np.asarray(cv2.Canny(grey, options.low_threshold, options.high_threshold), np.uint8)
    elif options.control == "scribble":
        lines = _scribble(grey)
    else:
        # Finding depths or limbs takes a network; none is part of the studio.
        raise InvalidRequest("is_map", "no", f"yes for {options.control}: the picture has to be the map itself")
    if not lines.any():
        raise InvalidRequest("image", "a picture without edges", "one with lines to draw along, or lower thresholds")
    return np.repeat(lines[..., None], 3, axis=2)


def _scribble(grey: Pixels) -> Pixels:
    side = max(grey.shape)
    smooth = cv2.GaussianBlur(grey, (0, 0), max(1.0, side * _SMOOTH_SHARE))
    lines = cv2.Canny(np.asarray(smooth, np.uint8), _SCRIBBLE_LOW, _SCRIBBLE_HIGH)
    thickness = max(2, round(side * _LINE_SHARE))
    thick = cv2.dilate(lines, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thickness, thickness)))
    return canvas.to_pixels(np.asarray(thick))


def _white_on_black(picture: Pixels) -> Pixels:
    """Return a drawing as networks were trained on it; people draw dark on light."""
    return 255 - picture if picture.mean() > 127 else picture
