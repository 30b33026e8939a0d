"""From a picture to the map that a ControlNet reads: white lines on black, depths, or poses.

Lines are found with OpenCV; depths and poses by a network that the pass brings, or a person brings the map.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import cv2
import numpy as np

from generation.engine.backend import Pixels
from generation.engine.options import ControlNetOptions
from generation.inference import canvas
from generation.inference.errors import InvalidRequest
from generation.inference.tool_loading import LoadedTool

# Lines as a hand draws them: few and thick. The first smooths small things away, as shares of the longer side.
_SMOOTH_SHARE, _LINE_SHARE = 0.008, 0.006
_SCRIBBLE_LOW, _SCRIBBLE_HIGH = 40, 100
_LINES = ("canny", "scribble")


def control_map(
    picture: Pixels, options: ControlNetOptions, tools: Mapping[str, LoadedTool] = MappingProxyType({})
) -> Pixels:
    """Return the map (height, width, 3) of a picture of the same size. Raises: InvalidRequest."""
    if options.is_map:
        return _white_on_black(picture) if options.control in _LINES else picture
    if options.control not in _LINES:
        return _asked(picture, options.control, tools)
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    if options.control == "canny":
        lines = np.asarray(cv2.Canny(grey, options.low_threshold, options.high_threshold), np.uint8)
    else:
        lines = _scribble(grey)
    if not lines.any():
        raise InvalidRequest("image", "a picture without edges", "one with lines to draw along, or lower thresholds")
    return np.repeat(lines[..., None], 3, axis=2)


def _asked(picture: Pixels, control: str, tools: Mapping[str, LoadedTool]) -> Pixels:
    """Return the map of depths or poses that the pass's network draws."""
    estimator = tools.get(f"{control}-estimator")
    if estimator is None:
        raise InvalidRequest("is_map", "no", f"yes for {control}: no network that draws such maps is installed")
    if control == "depth":
        depths: Pixels = estimator.tool.draw(picture)
        return depths
    people = tools["segmenter"].tool.people(picture) if "segmenter" in tools else []
    poses: Pixels = estimator.tool.draw(picture, people)
    return poses


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
