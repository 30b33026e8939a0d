"""How people in a picture stand: ViTPose, which transformers builds from safetensors, drawn as ControlNets read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.errors import InvalidRequest
from generation.inference.perception import normalised

Box = tuple[int, int, int, int]
# (18, 3): x, y in the picture's pixels, and how sure that is, 0 to 1.
Joints = npt.NDArray[np.float64]

# How much of a person's surroundings it is shown. Source: VitPoseImageProcessor, padding_factor.
_PADDING = 1.25
_SURE = 0.3
# Where the network's points (COCO: nose, eyes, ears, shoulders …) stand in OpenPose's order; its neck is none of them.
_FROM_COCO = (0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
_NECK, _SHOULDERS = 1, (5, 6)
# Source: OpenPose's COCO model: which points are joined, and the colour of each, as its renderer has them.
_LIMBS = (
    *((1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10), (1, 11), (11, 12), (12, 13)),
    *((1, 0), (0, 14), (14, 16), (0, 15), (15, 17)),
)
_COLOURS = (
    *((255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0), (0, 255, 0)),
    *((0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255), (0, 0, 255), (85, 0, 255)),
    *((170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85)),
)
# Limbs are drawn this much as bright as joints, 4 pixels thick in a picture of 512.
_LIMB_LIGHT, _THICKNESS = 0.6, 4 / 512


class PoseEstimator:
    """Draws maps of poses."""

    name = "ViTPose"

    def __init__(self, network: Any) -> None:
        self.network = network
        self._height, self._width = network.config.backbone_config.image_size

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> PoseEstimator:
        """Build the network of a folder that was inspected."""
        from transformers import VitPoseForPoseEstimation

        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        network = VitPoseForPoseEstimation.from_pretrained(folder, **options).to(device).eval()
        return cls(network.requires_grad_(False))

    def draw(self, pixels: Pixels, people: Sequence[Box]) -> Pixels:
        """Return the skeletons of the people in these boxes; without boxes, of one who fills the picture.

        Raises: InvalidRequest where nobody is to be seen.
        """
        height, width = pixels.shape[:2]
        found = [self.joints(pixels, box) for box in people or [(0, 0, width, height)]]
        skeletons = draw_skeletons([joints for joints in found if (joints[:, 2] >= _SURE).sum() > 2], width, height)
        if not skeletons.any():
            raise InvalidRequest("image", "a picture without a person", "one of somebody whose limbs can be seen")
        return skeletons

    @torch.inference_mode()
    def joints(self, pixels: Pixels, box: Box) -> Joints:
        """Return the 18 points of the person in a box."""
        forth = self._into_the_network(box)
        part = cv2.warpAffine(pixels, forth, (self._width, self._height), flags=cv2.INTER_LINEAR)
        values = normalised(canvas.to_tensor([np.asarray(part, np.uint8)]))
        heat = self.network(values.to(self.network.device, self.network.dtype)).heatmaps[0].float().cpu().numpy()
        scale = self._width / heat.shape[2], self._height / heat.shape[1]
        points = np.array([_peak(each) for each in heat])
        points[:, :2] = (points[:, :2] + 0.5) * scale - 0.5
        points[:, :2] = cv2.transform(points[None, :, :2], cv2.invertAffineTransform(forth))[0]
        return _as_openpose(points)

    def _into_the_network(self, box: Box) -> npt.NDArray[np.float64]:
        """Return the (2, 3) map from the picture's pixels to the network's: the box with room around, not stretched."""
        left, top, width, height = box
        scale = min(self._width / width, self._height / height) / _PADDING
        x = self._width / 2 - scale * (left + width / 2)
        y = self._height / 2 - scale * (top + height / 2)
        return np.array([[scale, 0, x], [0, scale, y]])


def draw_skeletons(people: Sequence[Joints], width: int, height: int) -> Pixels:
    """Return (height, width, 3): coloured limbs and joints on black."""
    drawn = np.zeros((height, width, 3), np.uint8)
    thick = max(1, round(max(width, height) * _THICKNESS))
    for joints in people:
        places = [(round(x), round(y)) for x, y, _ in joints]
        for number, (start, end) in enumerate(_LIMBS):
            if min(joints[start, 2], joints[end, 2]) >= _SURE:
                cv2.line(
                    drawn, places[start], places[end], [int(each * _LIMB_LIGHT) for each in _COLOURS[number]], thick
                )
    for joints in people:
        for colour, (x, y, sure) in zip(_COLOURS, joints, strict=True):
            if sure >= _SURE:
                cv2.circle(drawn, (round(x), round(y)), thick, colour, -1)
    return drawn


def _peak(heat: npt.NDArray[np.float32]) -> tuple[float, float, float]:
    """Return where a map (height, width) is hottest, a quarter of a pixel towards the hotter side, and how hot."""
    row, column = divmod(int(heat.argmax()), heat.shape[1])
    x, y = float(column), float(row)
    if 0 < column < heat.shape[1] - 1:
        x += 0.25 * float(np.sign(heat[row, column + 1] - heat[row, column - 1]))
    if 0 < row < heat.shape[0] - 1:
        y += 0.25 * float(np.sign(heat[row + 1, column] - heat[row - 1, column]))
    return x, y, float(heat[row, column])


def _as_openpose(points: npt.NDArray[np.float64]) -> Joints:
    joints = points[list(_FROM_COCO)]
    left, right = points[list(_SHOULDERS)]
    joints[_NECK] = (*(left[:2] + right[:2]) / 2, min(left[2], right[2]))
    return joints
