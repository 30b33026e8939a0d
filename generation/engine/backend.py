"""What the engine's loop asks of whatever draws the pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from generation.engine.protocol import BatchRequest, ImageRequest, Loaded, ModelSpec

Pixels = npt.NDArray[np.uint8]


class Watch(Protocol):
    """Is told how a pass goes."""

    def step(self, step: int, of: int) -> None:
        """Report a finished step, counted from 1. Raises: PassCanceled when nobody wants the pass any more."""

    def preview(self, key: str, webp: bytes) -> None:
        """Hand over what a picture looks like so far."""


@dataclass(frozen=True)
class Pass:
    """Some of a request's pictures, as many as go through the model at once."""

    request: BatchRequest
    images: Sequence[ImageRequest]

    @property
    def keys(self) -> list[str]:
        """The pictures' keys, in their order."""
        return [image.key for image in self.images]


class Backend(Protocol):
    """Draws pictures. Raises the errors of `generation.inference.errors`."""

    @property
    def device(self) -> str:
        """Where it draws, in words."""

    @property
    def versions(self) -> dict[str, str]:
        """What it is made of: package → version."""

    @property
    def loads(self) -> tuple[int, int]:
        """How many models, and how many LoRAs, were read from disk so far."""

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Make a model ready; None when it was ready already."""

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Draw one pass of a loaded model: (key, (height, width, 3 or 4) pixels) as they come."""

    def make_room(self, spec: ModelSpec) -> bool:
        """Give back memory after a pass that did not fit; whether a model other than `spec` had to leave."""
