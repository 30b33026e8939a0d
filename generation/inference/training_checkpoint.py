"""What a training leaves on the disk, so that whoever is killed is not missed: written whole or not at all.

What belongs here: files and what is in them. What does not: when one is written (`dreambooth.py`).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from generation.engine.scratch import PART_SUFFIX

logger = logging.getLogger(__name__)

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Checkpoint:
    """A training after `step` steps: the weights it trains, and AdamW's two moments of each, by name."""

    step: int
    weights: Tensors
    first_moments: Tensors
    second_moments: Tensors
    points: tuple[tuple[float, ...], ...]
    average: float


def write_tensors(path: Path, tensors: Tensors, facts: Mapping[str, str] | None = None) -> None:
    """Write a safetensors file that appears under its name only when it is whole, and stays after a power cut.

    Raises: OSError, with its errno; the file that was there before is then there still.
    """
    content = save({name: tensor.contiguous() for name, tensor in tensors.items()}, metadata=dict(facts or {}))
    part = path.with_name(path.name + PART_SUFFIX)
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """Return a file's tensors and facts; nothing where there is no file, or none that can be read."""
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except FileNotFoundError:
        return {}, {}
    except (SafetensorError, OSError):
        logger.exception("%s cannot be read", path)
        return {}, {}


def save_checkpoint(path: Path, checkpoint: Checkpoint, recipe: str) -> None:
    """Write a checkpoint; `recipe` says what it was trained by. Raises: OSError."""
    groups = {"weight": checkpoint.weights, "first": checkpoint.first_moments, "second": checkpoint.second_moments}
    tensors = {f"{group}:{name}": tensor for group, found in groups.items() for name, tensor in found.items()}
    facts = {"step": checkpoint.step, "points": checkpoint.points, "average": checkpoint.average, "recipe": recipe}
    write_tensors(path, tensors, {"facts": json.dumps(facts)})


def read_checkpoint(path: Path, recipe: str) -> Checkpoint | None:
    """Return the last checkpoint; None where there is none, or one that was trained by another recipe."""
    tensors, metadata = read_tensors(path)
    if not tensors:
        return None
    facts: dict[str, Any] = json.loads(metadata["facts"])
    if facts["recipe"] != recipe:
        logger.warning("%s was trained by another recipe and is left", path)
        return None
    groups: dict[str, Tensors] = {"weight": {}, "first": {}, "second": {}}
    for key, tensor in tensors.items():
        group, _, name = key.partition(":")
        groups[group][name] = tensor
    points = tuple(tuple(point) for point in facts["points"])
    return Checkpoint(
        facts["step"], groups["weight"], groups["first"], groups["second"], points, float(facts["average"])
    )
