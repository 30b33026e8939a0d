"""A backend that draws flat colours: everything around the model can be run and killed without waiting for one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator

import numpy as np

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.protocol import Loaded, ModelSpec


class NoopBackend:
    """Takes `seconds_per_pass` for a pass, spread over its steps, and gives each seed its colour."""

    device = "none"

    def __init__(self, seconds_per_pass: float = 0.0) -> None:
        self._seconds_per_pass = seconds_per_pass
        self._loaded: dict[ModelSpec, None] = {}

    @property
    def versions(self) -> dict[str, str]:
        """What it is made of."""
        return {"numpy": np.__version__}

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Remember the model; its folder is not looked at."""
        if spec in self._loaded:
            return None
        self._loaded[spec] = None
        return Loaded(spec.slug, 0.0, 0, tuple(known.slug for known in self._loaded))

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Pretend to denoise, then give every picture the colour of its seed."""
        request = work.request
        for step in range(1, request.num_inference_steps + 1):
            if self._seconds_per_pass:
                time.sleep(self._seconds_per_pass / request.num_inference_steps)
            watch.step(step, request.num_inference_steps)
        for image in work.images:
            shape = (request.height, request.width, 3)
            yield image.key, np.broadcast_to(np.array(colour_of(image.seed), dtype=np.uint8), shape)

    def make_room(self, spec: ModelSpec) -> bool:  # noqa: ARG002 - the no-op keeps nothing
        """Hold nothing, so free nothing."""
        return False


def colour_of(seed: int) -> tuple[int, int, int]:
    """Return the colour that stands for a seed."""
    red, green, blue = hashlib.blake2b(seed.to_bytes(8, "big"), digest_size=3).digest()
    return red, green, blue
