"""Find things in a picture by what they are: each one's outline, kind and certainty, and which are its subject.

RF-DETR, which transformers builds from safetensors. (BiRefNet would answer about the subject alone, but its code comes
with its weights.)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from generation.engine.backend import Pixels
from generation.inference import canvas
from generation.inference.canvas import Marks
from generation.inference.perception import shown

# Below, it is as likely nothing.
_SURE = 0.5
# What is at least this much as prominent as the most prominent thing belongs to the subject: a rider to a horse.
_BESIDE = 1 / 3
_PERSON = "person"


@dataclass(frozen=True)
class Thing:
    """Something that was found: `marks` (height, width) are where it is, `score` 0 to 1 how sure that is."""

    kind: str
    score: float
    marks: Marks

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, width and height."""
        rows, columns = np.flatnonzero(self.marks.any(axis=1)), np.flatnonzero(self.marks.any(axis=0))
        return int(columns[0]), int(rows[0]), int(columns[-1] + 1 - columns[0]), int(rows[-1] + 1 - rows[0])

    @property
    def prominence(self) -> float:
        """How much it is what the picture is of: large, and in the middle."""
        height, width = self.marks.shape
        rows, columns = np.nonzero(self.marks)
        off = np.hypot(rows.mean() / height - 0.5, columns.mean() / width - 0.5)
        return float(self.score * np.sqrt(self.marks.mean()) * (1 - off))


class Segmenter:
    """Finds things and outlines them."""

    name = "RF-DETR"

    def __init__(self, network: Any, side: int) -> None:
        self.network = network
        self._side = side
        self._kinds: dict[int, str] = network.config.id2label

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Segmenter:
        """Build the network of a folder that was inspected."""
        from transformers import RfDetrForInstanceSegmentation

        options = {"use_safetensors": True, "local_files_only": True, "dtype": dtype}
        network = RfDetrForInstanceSegmentation.from_pretrained(folder, **options).to(device).eval()
        return cls(network.requires_grad_(False), _side_of(folder) or int(network.config.backbone_config.image_size))

    @torch.inference_mode()
    def things(self, pixels: Pixels) -> list[Thing]:
        """Return what is in a picture (height, width, 3), the surest first."""
        values = shown(pixels, self._side, self._side).to(self.network.device, self.network.dtype)
        answer = self.network(values)
        scores, kinds = answer.logits[0].float().sigmoid().max(dim=-1)
        height, width = pixels.shape[:2]
        found = []
        for index in scores.argsort(descending=True).tolist():
            if scores[index] < _SURE:
                break
            soft = answer.pred_masks[0, index].float().sigmoid().cpu().numpy()
            marks = canvas.resize(canvas.to_pixels(soft * 255), width, height) >= 128
            if marks.any():
                found.append(Thing(self._kinds.get(int(kinds[index]), ""), float(scores[index]), marks))
        return found

    def subject(self, pixels: Pixels) -> Pixels | None:
        """Return the subject's mask (height, width), 0 or 255; None where nothing known stands out."""
        return subject_of(self.things(pixels))

    def people(self, pixels: Pixels) -> list[tuple[int, int, int, int]]:
        """Return where people are: left, top, width and height of each."""
        return [thing.box for thing in self.things(pixels) if thing.kind == _PERSON]


def subject_of(things: Sequence[Thing]) -> Pixels | None:
    """Return the mask of the most prominent thing and of those that are about as prominent; None of nothing or all."""
    if not things:
        return None
    most = max(thing.prominence for thing in things)
    marks = np.any([thing.marks for thing in things if thing.prominence >= most * _BESIDE], axis=0)
    return None if marks.all() else np.where(marks, 255, 0).astype(np.uint8)


def _side_of(folder: Path) -> int:
    """Return the side of the square that a network is shown, as its makers wrote it down; 0 where they did not."""
    path = folder / "preprocessor_config.json"
    size = json.loads(path.read_text()).get("size", {}) if path.is_file() else {}
    return int(size.get("height", 0))
