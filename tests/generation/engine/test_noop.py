"""The no-op backend behaves like one that draws, but for the drawing."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from generation.engine.backend import Pass, Pixels
from generation.engine.noop import NoopBackend, colour_of
from generation.engine.protocol import Input
from tests.generation.engine.asking import ANY_MODEL, request_of
from tests.generation.engine.test_options import GOOD


class Notes:
    """Keeps what a pass reports."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []

    def step(self, step: int, of: int) -> None:
        self.steps.append((step, of))

    def preview(self, key: str, webp: bytes) -> None:
        raise AssertionError(f"a preview of {key} from a backend that has none, {len(webp)} bytes")


def test_each_seed_has_its_colour(tmp_path: Path) -> None:
    request, notes = request_of(tmp_path, images_a_job=3), Notes()
    pixels = dict(NoopBackend().draw(Pass(request, request.images), notes))
    assert {key: picture.shape for key, picture in pixels.items()} == dict.fromkeys(("a:0", "a:1", "a:2"), (48, 32, 3))
    assert {tuple(picture[-1, -1]) for picture in pixels.values()} == {colour_of(seed) for seed in range(3)}
    assert len({colour_of(seed) for seed in range(100)}) == 100


def test_every_step_is_reported(tmp_path: Path) -> None:
    request, notes = request_of(tmp_path), Notes()
    list(NoopBackend().draw(Pass(request, request.images), notes))
    assert notes.steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_model_is_loaded_once() -> None:
    backend = NoopBackend()
    loaded = backend.load(ANY_MODEL)
    assert loaded is not None
    assert loaded.resident == ("any",)
    assert backend.load(ANY_MODEL) is None


def test_edits_keep_what_they_must_and_have_the_right_size(tmp_path: Path) -> None:
    source = np.random.default_rng(1).integers(0, 255, (60, 80, 3), np.uint8)
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 30:50] = 255
    inputs = {"image": source, "mask": mask, "image_2": source[::-1]}
    for role, pixels in inputs.items():
        np.save(tmp_path / f"{role}.npy", pixels)
    drawn = {task: _drawn(tmp_path, task) for task in GOOD if task != "text-to-image"}
    kept = (drawn["inpaint"] == source).all(axis=2)
    assert kept[mask == 0].all()
    assert not kept[mask == 255].any()
    assert (drawn["outpaint"][:, :80] == source).all()
    assert drawn["outpaint"].shape == (60, 144, 3)
    assert drawn["remove-background"].shape == (60, 80, 4)
    assert (drawn["replace-background"][15:45, 20:60] == source[15:45, 20:60]).all()
    assert drawn["upscale"].shape == (120, 160, 3)
    assert drawn["blend"].shape == drawn["controlnet"].shape == (48, 32, 3)
    assert drawn["image-to-video"].shape == (12, 48, 32, 3)
    assert (drawn["image-to-video"][1:] != drawn["image-to-video"][:-1]).any(axis=(1, 2, 3)).all()


def _drawn(folder: Path, task: str) -> Pixels:
    options = GOOD[task]
    inputs = tuple(Input(role, str(folder / f"{role}.npy")) for role in options.required)
    plain = request_of(folder)
    image = dataclasses.replace(plain.images[0], inputs=inputs)
    request = dataclasses.replace(plain, task=task, options=options, images=(image,))
    return dict(NoopBackend().draw(Pass(request, request.images), Notes()))["a:0"]
