"""What the engine's loop asks of whatever draws the pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from generation.engine.protocol import BatchRequest, ImageRequest, Loaded, ModelSpec
from generation.engine.training import Trained, TrainingEvent, TrainingRequest

Pixels = npt.NDArray[np.uint8]


class Watch(Protocol):
    """Is told how a pass goes."""

    def step(self, step: int, of: int) -> None:
        """Report a finished step, counted from 1. Raises: PassCanceled when nobody wants the pass any more."""

    def preview(self, key: str, webp: bytes) -> None:
        """Hand over what a picture looks like so far."""


class TrainingWatch(Protocol):
    """Is told how a training goes, and says when it has to wait or to end."""

    def tell(self, event: TrainingEvent) -> None:
        """Pass on what happened."""

    def pause_point(self, park: Callable[[], None], unpark: Callable[[], None]) -> None:
        """Let others have the device, if they wait for it; called between two steps.

        `park` gives the device's memory back, `unpark` takes it again; both are called only where others come in.
        Raises: PassCanceled when nobody wants the training any more.
        """


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
    def lease_name(self) -> str:
        """The device's name, the same in every process that uses it."""

    @property
    def keeps_memory(self) -> bool:
        """Whether warm models lie in the device's own memory, where nothing else then fits."""

    @property
    def versions(self) -> dict[str, str]:
        """What it is made of: package → version."""

    @property
    def dtypes(self) -> dict[str, str]:
        """In which precision it draws: what a model asks for → what it gets here."""

    @property
    def loads(self) -> tuple[int, int]:
        """How many models, and how many LoRAs, were read from disk so far."""

    def load(self, spec: ModelSpec) -> Loaded | None:
        """Make a model ready; None when it was ready already."""

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        """Draw one pass of a loaded model: (key, pixels) as they come.

        Pixels are (height, width, 3 or 4), of a video (frames, height, width, 3).
        """

    def look(self, spec: ModelSpec, pixels: Pixels) -> dict[str, float]:
        """Return what a loaded safety checker says of a picture or a video: a score from 0 to 1 by category."""

    def train(self, spec: ModelSpec, request: TrainingRequest, watch: TrainingWatch) -> Trained:
        """Learn a subject on a base model, or go on where an earlier attempt was interrupted."""

    def let_go(self) -> None:
        """Give back all of the device's memory that can be had again."""

    def make_room(self, spec: ModelSpec) -> bool:
        """Give back memory after a pass that did not fit; whether a model other than `spec` had to leave."""
