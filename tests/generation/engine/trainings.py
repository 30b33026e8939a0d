"""Requests for trainings that learn nothing, written short."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generation.engine.training import Recipe, Sampling, TrainingPicture, TrainingRequest

RECIPE = Recipe(
    resolution=32, rank=4, learning_rate=1e-3, steps=8, batch_size=2, class_pictures=0, checkpoint_seconds=0.0
)


def training_of(folder: Path, recipe: Recipe = RECIPE, **changes: Any) -> TrainingRequest:
    """Ask for a training; its picture is looked at by nobody."""
    facts: dict[str, Any] = {
        "id": "job",
        "folder": str(folder),
        "pictures": (TrainingPicture(str(folder / "picture.npy"), "a zorb toy"),),
        "class_prompts": ("a toy",),
        "sample_prompts": ("a zorb toy", "a zorb toy on grass"),
        "recipe": recipe,
        "sampling": Sampling("ddim", 2, 2.0),
        "seed": 5,
    }
    return TrainingRequest(**{**facts, **changes})
