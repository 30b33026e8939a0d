"""Passes that begin from pictures, written short: the pictures are saved as the worker would save them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from generation.engine.backend import Pass, Pixels
from generation.engine.options import IMAGE, Options
from generation.engine.protocol import BatchRequest, ImageRequest, Input, ModelSpec
from generation.inference.errors import PassCanceled
from generation.inference.loading import LoadedModel
from generation.inference.tasks import TASKS
from generation.inference.tool_loading import LoadedTool, build
from tests.generation.engine.asking import request_of
from tests.generation.inference import toys
from tests.generation.inference.conftest import CPU

# What the product promises of a picture in a batch and alone.
TOLERANCE = 1


class Listener:
    """Hears how a pass goes; cancels it after `cancel_after` steps."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.steps: list[tuple[int, int]] = []
        self.previews: list[str] = []
        self._cancel_after = cancel_after

    def step(self, step: int, of: int) -> None:
        self.steps.append((step, of))
        if step == self._cancel_after:
            raise PassCanceled

    def preview(self, key: str, webp: bytes) -> None:
        assert webp[8:12] == b"WEBP"
        self.previews.append(key)


def built_in(family: str) -> LoadedTool:
    """Return a tool that has no files."""
    return build(ModelSpec(family, family, ""), CPU)


def request_for(
    model: LoadedModel | LoadedTool,
    task: str,
    options: Options,
    inputs: Sequence[Mapping[str, Pixels]],
    folder: Path,
    **changes: Any,
) -> BatchRequest:
    """Ask for one picture of each set of inputs (role → pixels); seeds are their places."""
    facts = {"model": model.spec, "scheduler": toys.SCHEDULERS.get(model.spec.family, "ddim"), **changes}
    prompts = facts.pop("prompts", ["a red fox"] * len(inputs))
    images = tuple(
        ImageRequest(f"job:{index}", prompt, "", index, str(folder / f"{index}.npy"), _saved(pictures, folder, index))
        for index, (prompt, pictures) in enumerate(zip(prompts, inputs, strict=True))
    )
    return request_of(folder, task=task, options=options, images=images, **facts)


def edit(model: LoadedModel | LoadedTool, request: BatchRequest, listener: Listener | None = None) -> list[Pixels]:
    """Run a whole request as one pass."""
    return [pixels for _, pixels in TASKS[request.task](model, Pass(request, request.images), listener or Listener())]


def alone(model: LoadedModel | LoadedTool, request: BatchRequest, index: int) -> Pixels:
    """Run one picture of a request by itself."""
    (pixels,) = edit(model, replace(request, images=(request.images[index],)))
    return pixels


def difference(one: Pixels, other: Pixels) -> int:
    """Return by how much two pictures differ where they differ most."""
    return int(np.abs(one.astype(int) - other.astype(int)).max(initial=0))


def disc(
    width: int, height: int, colour: Sequence[int] = (220, 60, 30), ground: Sequence[int] = (40, 90, 200)
) -> Pixels:
    """Return a picture of a disc in the middle of a plain ground, with some grain."""
    rows, columns = np.indices((height, width))
    inside = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < (min(width, height) / 3.2) ** 2
    picture = np.where(inside[..., None], np.array(colour), np.array(ground))
    grain = np.random.default_rng(0).integers(-6, 7, picture.shape)
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def picture_input(*pictures: Pixels) -> list[dict[str, Pixels]]:
    """Return the inputs of tasks that begin from one picture."""
    return [{IMAGE: picture} for picture in pictures]


def _saved(pictures: Mapping[str, Pixels], folder: Path, index: int) -> tuple[Input, ...]:
    paths = {role: folder / f"{index}-{role}.npy" for role in pictures}
    for role, pixels in pictures.items():
        np.save(paths[role], pixels)
    return tuple(Input(role, str(path)) for role, path in paths.items())
