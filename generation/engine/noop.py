"""A backend that draws flat colours: everything around the model can be run and killed without waiting for one.

Edits it does by their rules, with flat colour for what a model would draw: kept pixels stay, sizes are right.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from generation.engine.backend import Pass, Pixels, TrainingWatch, Watch
from generation.engine.families import DTYPES
from generation.engine.noop_training import train
from generation.engine.options import IMAGE, MASK, STROKES, ImageToVideoOptions, OutpaintOptions, UpscaleOptions
from generation.engine.protocol import BatchRequest, ImageRequest, Loaded, ModelSpec
from generation.engine.scratch import read_input
from generation.engine.training import Trained, TrainingRequest


class NoopBackend:
    """Takes `seconds_per_pass` for a pass, spread over its steps, and gives each seed its colour."""

    device = lease_name = "none"
    keeps_memory = False

    def __init__(self, seconds_per_pass: float = 0.0) -> None:
        self._seconds_per_pass = seconds_per_pass
        self._loaded: dict[ModelSpec, None] = {}
        self._loras: set[str] = set()

    @property
    def versions(self) -> dict[str, str]:
        """What it is made of."""
        return {"numpy": np.__version__}

    @property
    def dtypes(self) -> dict[str, str]:
        """It has one precision."""
        return dict.fromkeys(DTYPES, "uint8")

    @property
    def loads(self) -> tuple[int, int]:
        """How many models, and how many LoRAs, were remembered so far."""
        return len(self._loaded), len(self._loras)

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Remember the model; its folder is not looked at."""
        if spec in self._loaded:
            return None
        self._loaded[spec] = None
        return Loaded(spec.slug, 0.0, 0, tuple(known.slug for known in self._loaded))

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Pretend to denoise, then give every picture the colour of its seed."""
        request = work.request
        self._loras |= {lora.sha256 for lora in request.loras}
        for step in range(1, request.num_inference_steps + 1):
            if self._seconds_per_pass:
                time.sleep(self._seconds_per_pass / request.num_inference_steps)
            watch.step(step, request.num_inference_steps)
        for image in work.images:
            yield image.key, _picture(request, image)

    def look(self, spec: ModelSpec, pixels: Pixels) -> dict[str, float]:  # noqa: ARG002
        """Take what is red for explicit, so that the way of what is held back can be tried."""
        return {"sexual": round(float(np.mean(pixels[..., 0] > 200)), 3)}

    def train(self, spec: ModelSpec, request: TrainingRequest, watch: TrainingWatch) -> Trained:  # noqa: ARG002
        """Pretend to train, as long for each step as for a pass."""
        return train(request, watch, self._seconds_per_pass)

    def let_go(self) -> None:
        """Hold nothing, so free nothing."""

    def make_room(self, spec: ModelSpec) -> bool:  # noqa: ARG002 - the no-op keeps nothing
        """Hold nothing, so free nothing."""
        return False


def colour_of(seed: int) -> tuple[int, int, int]:
    """Return the colour that stands for a seed."""
    red, green, blue = hashlib.blake2b(seed.to_bytes(8, "big"), digest_size=3).digest()
    return red, green, blue


def _picture(request: BatchRequest, image: ImageRequest) -> Pixels:
    inputs = {each.role: read_input(Path(each.path)) for each in image.inputs}
    source = inputs.get(IMAGE)
    width, height = request.options.result_size(
        (request.width, request.height), None if source is None else (source.shape[1], source.shape[0])
    )
    flat = np.broadcast_to(np.array(colour_of(image.seed), dtype=np.uint8), (height, width, 3))
    return flat if source is None else _edited(request, source, inputs, flat)


def _edited(request: BatchRequest, source: Pixels, inputs: dict[str, Pixels], flat: Pixels) -> Pixels:
    """Do what the task does to the picture, with `flat` for everything that is drawn."""
    options = request.options
    if isinstance(options, UpscaleOptions):
        return source.repeat(options.factor, axis=0).repeat(options.factor, axis=1)
    if isinstance(options, OutpaintOptions):
        result = _like(source, flat).copy()
        result[options.top : options.top + source.shape[0], options.left : options.left + source.shape[1]] = source
        return result
    if isinstance(options, ImageToVideoOptions):
        return _moving(flat, options.frames)
    if request.task == "inpaint":
        return np.where(inputs[MASK][..., None] > 0, _like(source, flat), source)
    if request.task == "replace-background":
        return np.where(_subject(source, inputs.get(STROKES))[..., None], source[..., :3], flat)
    if request.task == "remove-background":
        alpha = _subject(source, inputs.get(STROKES)).astype(np.uint8) * 255
        return np.dstack([source[..., :3], alpha])
    return flat


def _like(source: Pixels, flat: Pixels) -> Pixels:
    """Return what is drawn with as many channels as its source has; it is opaque."""
    return flat if source.shape[2] == 3 else np.dstack([flat, np.full(flat.shape[:2], 255, np.uint8)])


def _moving(flat: Pixels, frames: int) -> Pixels:
    """Return frames in which a black bar goes once from left to right: each differs from the one before."""
    video = np.repeat(flat[None], frames, axis=0)
    width = flat.shape[1]
    for index, frame in enumerate(video):
        left = index * width // frames
        frame[:, left : left + max(1, width // 8)] = 0
    return video


def _subject(source: Pixels, strokes: Pixels | None) -> npt.NDArray[np.bool_]:
    """Return what stays: what is marked white, what is opaque, or simply the middle."""
    if strokes is not None:
        return np.asarray(strokes == 255)
    if source.shape[2] == 4:
        return np.asarray(source[..., 3] == 255)
    height, width = source.shape[:2]
    middle = np.zeros((height, width), np.bool_)
    middle[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return middle
