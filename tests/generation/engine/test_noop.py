"""The no-op backend behaves like one that draws, but for the drawing."""

from __future__ import annotations

from pathlib import Path

from generation.engine.backend import Pass
from generation.engine.noop import NoopBackend, colour_of
from tests.generation.engine.asking import ANY_MODEL, request_of


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
