"""A request is drawn in passes that fit; what is canceled is dropped and what does not fit is drawn again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from generation.engine.backend import Pass, Pixels, Watch
from generation.engine.batches import BatchRunner, Cancellations
from generation.engine.noop import NoopBackend
from generation.engine.options import ImageToImageOptions, UpscaleOptions
from generation.engine.protocol import Event, ImageDone, Input, ModelSpec
from generation.inference.errors import OutOfMemory, PassCanceled
from tests.generation.engine.asking import done_keys, passes_of, request_of

CHECKER = ModelSpec("checker", "safety-checker", "/models/checker")


class SmallDevice(NoopBackend):
    """A device whose memory holds so many pictures of a pass, and one less for each other model that is warm."""

    def __init__(self, room: int, others: int = 0) -> None:
        super().__init__()
        self.room, self.others = room, others
        self.passes: list[list[str]] = []

    def draw(self, work: Pass, watch: Watch) -> Iterator[tuple[str, Pixels]]:
        self.passes.append(work.keys)
        watch.step(1, work.request.num_inference_steps)
        if len(work.images) > self.room - self.others:
            raise OutOfMemory
        yield from super().draw(work, watch)

    def make_room(self, spec: ModelSpec) -> bool:
        had_others, self.others = self.others > 0, 0
        return had_others


class SmallChecker(NoopBackend):
    """A device on which looking at a picture does not fit, so many times; the checker may leave each time."""

    def __init__(self, *failing_looks: int, has_others: bool = True) -> None:
        super().__init__()
        self.failing_looks, self.has_others, self.looks = failing_looks, has_others, 0

    def look(self, spec: ModelSpec, pixels: Pixels) -> dict[str, float]:
        self.looks += 1
        if self.looks in self.failing_looks:
            raise OutOfMemory
        return super().look(spec, pixels)

    def make_room(self, spec: ModelSpec) -> bool:
        return self.has_others


class Stage:
    """A runner, what it says, and a hand that cancels when a pass begins."""

    def __init__(self, backend: NoopBackend) -> None:
        self.events: list[Event] = []
        self.cancellations = Cancellations()
        self.cancel_in_pass: dict[int, tuple[str, ...]] = {}
        self.runner = BatchRunner(backend, self.cancellations, self._hear)
        self.cancellations.open("request")

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        self.cancellations.add("request", self.cancel_in_pass.get(len(passes_of(self.events)), ()))


def pass_sizes(stage: Stage) -> list[int]:
    return [len(keys) for keys in passes_of(stage.events)]


def companies(stage: Stage) -> dict[str, tuple[int, int]]:
    return {event.key: event.company for event in stage.events if isinstance(event, ImageDone)}


def test_each_picture_says_at_which_place_of_how_many_it_was_drawn(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())

    stage.runner.run(request_of(tmp_path, images_a_job=3, max_batch=2))

    assert companies(stage) == {"a:0": (0, 2), "a:1": (1, 2), "a:2": (0, 1)}


def test_what_is_drawn_one_by_one_has_no_company(tmp_path: Path) -> None:
    source = tmp_path / "source.npy"
    np.save(source, np.zeros((8, 8, 3), np.uint8))
    plain = request_of(tmp_path, images_a_job=2).images
    images = tuple(replace(image, inputs=(Input("image", str(source)),)) for image in plain)
    stage = Stage(NoopBackend())

    stage.runner.run(request_of(tmp_path, task="upscale", options=UpscaleOptions(2), images=images))

    assert set(companies(stage).values()) == {(0, 1)}


def test_a_picture_is_drawn_again_among_as_many_and_comes_alone(tmp_path: Path) -> None:
    backend = SmallDevice(8)
    stage = Stage(backend)
    request = request_of(tmp_path, images_a_job=3, max_batch=8)
    images = (request.images[0], replace(request.images[1], company=(2, 5)), request.images[2])

    stage.runner.run(replace(request, images=images))

    assert backend.passes == [["a:1:filler-0", "a:1:filler-1", "a:1", "a:1:filler-3", "a:1:filler-4"], ["a:0", "a:2"]]
    assert set(passes_of(stage.events)) == {("a:1",), ("a:0", "a:2")}
    assert companies(stage) == {"a:1": (2, 5), "a:0": (0, 2), "a:2": (1, 2)}
    assert sorted(path.name for path in tmp_path.glob("*.npy")) == ["a-0.npy", "a-1.npy", "a-2.npy"]


def test_a_picture_whose_company_does_not_fit_is_drawn_alone(tmp_path: Path) -> None:
    backend = SmallDevice(3)
    stage = Stage(backend)
    request = request_of(tmp_path, max_batch=8)
    tight = replace(request, images=(replace(request.images[0], company=(1, 4)),))

    stage.runner.run(tight)
    assert [len(keys) for keys in backend.passes] == [4, 1]
    assert companies(stage) == {"a:0": (0, 1)}

    stage.runner.run(replace(tight, max_batch=2, images=(replace(request.images[0], company=(1, 3)),)))
    assert [len(keys) for keys in backend.passes] == [4, 1, 1]


def test_pictures_beyond_the_batch_go_in_passes(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    request = request_of(tmp_path, jobs=("a", "b"), images_a_job=5, max_batch=4)
    stage.runner.run(request)
    assert pass_sizes(stage) == [4, 4, 2]
    assert done_keys(stage.events) == [image.key for image in request.images]
    assert all(Path(image.path).is_file() for image in request.images)


def test_a_pass_that_does_not_fit_is_halved_and_nothing_is_lost(tmp_path: Path) -> None:
    stage = Stage(SmallDevice(room=2))
    request = request_of(tmp_path, images_a_job=9)
    stage.runner.run(request)
    assert sorted(done_keys(stage.events)) == sorted(image.key for image in request.images)
    assert len(done_keys(stage.events)) == 9


def test_what_fitted_is_remembered_for_the_size(tmp_path: Path) -> None:
    stage = Stage(SmallDevice(room=2))
    stage.runner.run(request_of(tmp_path, images_a_job=8))
    stage.events.clear()
    stage.runner.run(request_of(tmp_path, images_a_job=8))
    assert max(pass_sizes(stage)) == 2
    stage.events.clear()
    stage.runner.run(request_of(tmp_path, images_a_job=8, width=16))
    assert pass_sizes(stage)[0] == 8


def test_other_models_leave_before_a_pass_is_made_smaller(tmp_path: Path) -> None:
    stage = Stage(SmallDevice(room=4, others=1))
    stage.runner.run(request_of(tmp_path, images_a_job=4))
    # Tried, found too large, tried again once there was room; the stand-in reports its first step twice.
    assert set(pass_sizes(stage)) == {4}
    assert len(done_keys(stage.events)) == 4


def test_one_picture_that_does_not_fit_is_an_error_that_says_its_size(tmp_path: Path) -> None:
    stage = Stage(SmallDevice(room=0))
    with pytest.raises(OutOfMemory, match="32 × 48"):
        stage.runner.run(request_of(tmp_path, images_a_job=4))
    assert done_keys(stage.events) == []


@pytest.mark.parametrize("has_others", [True, False])
def test_a_picture_is_drawn_again_where_looking_at_it_did_not_fit(tmp_path: Path, has_others: bool) -> None:
    stage = Stage(SmallChecker(2, has_others=has_others))

    stage.runner.run(request_of(tmp_path, images_a_job=3, tools=(CHECKER,)))

    assert done_keys(stage.events) == ["a:0", "a:1", "a:2"]


def test_a_checker_that_never_fits_is_an_error_though_it_leaves_each_time(tmp_path: Path) -> None:
    stage = Stage(SmallChecker(*range(2, 100)))

    with pytest.raises(OutOfMemory, match="32 × 48"):
        stage.runner.run(request_of(tmp_path, images_a_job=3, tools=(CHECKER,)))

    assert done_keys(stage.events) == ["a:0"]


def test_one_of_two_jobs_that_share_a_pass_is_dropped_and_the_other_drawn(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    stage.cancel_in_pass = {1: ("a",)}
    stage.runner.run(request_of(tmp_path, jobs=("a", "b"), images_a_job=2))
    assert done_keys(stage.events) == ["b:0", "b:1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b-0.npy", "b-1.npy"]


def test_pictures_of_a_canceled_job_are_not_begun(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    stage.cancel_in_pass = {1: ("a",)}
    stage.runner.run(request_of(tmp_path, jobs=("a", "b"), images_a_job=3, max_batch=2))
    assert passes_of(stage.events) == [("a:0", "b:0"), ("b:1", "b:2")]


def test_a_pass_that_nobody_wants_ends_between_two_steps_and_the_rest_goes_on(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    stage.cancel_in_pass = {1: ("a",)}
    request = request_of(tmp_path, jobs=("a",), images_a_job=2, max_batch=2)
    others = request_of(tmp_path, jobs=("b",), images_a_job=1).images
    stage.runner.run(request_of(tmp_path, max_batch=2, images=request.images + others))
    assert [event.step for event in stage.events if getattr(event, "keys", ())[:1] == ("a:0",)] == [1]  # type: ignore[union-attr]
    assert done_keys(stage.events) == ["b:0"]


def test_a_request_that_nobody_wants_says_so(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    stage.cancel_in_pass = {1: ("a", "b")}
    with pytest.raises(PassCanceled):
        stage.runner.run(request_of(tmp_path, jobs=("a", "b")))
    assert list(tmp_path.iterdir()) == []


def test_a_cancel_of_a_request_that_is_over_touches_no_later_one(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    stage.cancellations.close("request")
    stage.cancellations.add("request", ["a"])
    stage.cancellations.open("request")
    stage.runner.run(request_of(tmp_path))
    assert done_keys(stage.events) == ["a:0"]


def test_a_safety_checker_looks_at_what_was_drawn_and_at_what_it_began_from(tmp_path: Path) -> None:
    stage = Stage(NoopBackend())
    for name, colour in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        np.save(tmp_path / f"{name}.npy", np.full((8, 8, 3), colour, np.uint8))
    (image,) = request_of(tmp_path).images
    images = [
        replace(image, key=f"{name}:0", inputs=(Input("image", str(tmp_path / f"{name}.npy")),))
        for name in ("red", "blue")
    ]
    edit = request_of(tmp_path, task="image-to-image", options=ImageToImageOptions(0.5), images=tuple(images))

    stage.runner.run(replace(edit, tools=(CHECKER,)))

    scores = {event.key: event.scores for event in stage.events if isinstance(event, ImageDone)}
    assert scores == {"red:0": {"sexual": 1.0}, "blue:0": {"sexual": 0.0}}
    stage.events.clear()
    stage.runner.run(request_of(tmp_path))
    assert [event.scores for event in stage.events if isinstance(event, ImageDone)] == [{}]
