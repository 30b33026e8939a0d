"""Trainings at toy size for the tests: what a worker would ask for, and who hears how it goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from generation.engine.training import Recipe, Sampling, TrainingEvent, TrainingPicture, TrainingRequest
from generation.inference.errors import PassCanceled
from tests.generation.inference import toys

RECIPE = Recipe(
    resolution=toys.SIDE,
    rank=4,
    learning_rate=5e-3,
    steps=8,
    batch_size=4,
    class_pictures=3,
    warmup_steps=1,
    crops=2,
    checkpoint_seconds=0.0,
)


@dataclass
class Notes:
    """Writes down what is told; wants no more of it at the pause point of this number, counted from 1."""

    cancel_at: int = 0
    events: list[TrainingEvent] = field(default_factory=list)
    pauses: int = 0
    on_pause: Callable[[Callable[[], None], Callable[[], None]], None] = lambda park, unpark: None

    def tell(self, event: TrainingEvent) -> None:
        """Note what happened."""
        self.events.append(event)

    def pause_point(self, park: Callable[[], None], unpark: Callable[[], None]) -> None:
        """Go on, or not."""
        self.pauses += 1
        self.on_pause(park, unpark)
        if self.pauses == self.cancel_at:
            raise PassCanceled

    def of(self, kind: type[Any]) -> list[Any]:
        """Return the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


def request_of(
    folder: Path, family: str = "stable-diffusion", recipe: Recipe = RECIPE, **changes: Any
) -> TrainingRequest:
    """Ask for a training on three pictures: a red square on something grey."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number in range(3):
        pixels = np.full((40, 36, 3), 60 + 40 * number, np.uint8)
        pixels[10:30, 8:28] = (200, 20, 20)
        path = folder / f"picture-{number}.npy"
        np.save(path, pixels)
        pictures.append(TrainingPicture(str(path), "a zorb toy"))
    facts: dict[str, Any] = {
        "id": "job",
        "folder": str(folder / "training"),
        "pictures": tuple(pictures),
        "class_prompts": ("a toy", "a fox"),
        "sample_prompts": ("a zorb toy",),
        "recipe": recipe,
        "sampling": Sampling(toys.SCHEDULERS[family], 2, 2.0),
        "seed": 5,
    }
    return TrainingRequest(**{**facts, **changes})
