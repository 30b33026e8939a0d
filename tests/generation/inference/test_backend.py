"""The engine as it is served: a real process, real files, models of every family at toy size."""

from __future__ import annotations

import itertools
import os
import pickle
import re
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generation.engine.client import Engine, EngineOptions
from generation.engine.errors import EngineCrashed, EngineFailed, JobsCanceled
from generation.engine.options import Options, RemoveBackgroundOptions, ReplaceBackgroundOptions, UpscaleOptions
from generation.engine.protocol import PREVIEW_MAX_BYTES, BatchRequest, Event, ModelSpec, Preview, Step
from generation.engine.training import Trained
from tests.generation import pickles
from tests.generation.engine.asking import done_keys, draw, passes_of, request_of
from tests.generation.engine.test_client import after_first_step
from tests.generation.inference import toy_tools, toys
from tests.generation.inference.conftest import copy_of, load_model
from tests.generation.inference.passes import built_in, disc, picture_input, request_for
from tests.generation.inference.trainings import RECIPE
from tests.generation.inference.trainings import request_of as training_of

# A size of which one picture fits into little memory and thirty-two do not.
LARGER: dict[str, Any] = {"num_inference_steps": 1, "width": 96, "height": 96}
SECRET = "seventeen purple flamingos " * 20


@pytest.fixture(scope="module")
def log_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the shared engine writes its log."""
    return tmp_path_factory.mktemp("engine") / "engine.log"


@pytest.fixture(scope="module")
def engine(log_path: Path) -> Iterator[Engine]:
    """Yield a CPU engine that all tests here share; one that kills it leaves the next test a new one."""
    # Room for two of the larger toys and nothing else.
    with Engine(EngineOptions(log_path, device="cpu", threads=1, cache_bytes=10_000_000)) as engine:
        yield engine


def ask(spec: ModelSpec, folder: Path, **changes: Any) -> BatchRequest:
    facts = {"model": spec, "scheduler": toys.SCHEDULERS[spec.family], **changes}
    return request_of(folder, **facts)


@pytest.mark.parametrize("family", toys.SAVE)
def test_each_family_draws_into_files(
    family: str, engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    request = ask(toy_spec(family), tmp_path, jobs=("a", "b"), images_a_job=2, max_batch=3, num_inference_steps=9)
    events = draw(engine, request)
    assert [len(keys) for keys in passes_of(events)] == [3, 1]
    assert done_keys(events) == ["a:0", "b:0", "a:1", "b:1"]
    pixels = {image.key: np.load(image.path) for image in request.images}
    assert {(picture.shape, picture.dtype.name) for picture in pixels.values()} == {((48, 32, 3), "uint8")}
    assert (pixels["a:0"] == pixels["b:0"]).mean() > 0.99  # one seed, one prompt
    assert (pixels["a:0"] == pixels["a:1"]).mean() < 0.5
    previews = [event for event in events if isinstance(event, Preview)]
    assert sorted({event.key for event in previews}) == ["a:0", "a:1", "b:0", "b:1"]
    assert len(previews) <= 4 * 6
    assert all(0 < len(event.webp()) <= PREVIEW_MAX_BYTES for event in previews)


def test_no_preview_is_sent_where_none_is_wanted(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    events = draw(engine, ask(toy_spec("flux"), tmp_path, preview=False))
    assert not any(isinstance(event, Preview) for event in events)
    assert done_keys(events) == ["a:0"]


def test_warm_models_are_kept_by_bytes(engine: Engine, toy_spec: Callable[[str], ModelSpec]) -> None:
    specs = [replace(toy_spec("stable-diffusion"), slug=slug) for slug in ("first", "second", "third")]
    residents = []
    for spec in specs:
        loaded = engine.warm(spec)
        assert loaded is not None
        residents.append(loaded.resident)
    assert residents[1:] == [("first", "second"), ("second", "third")]
    assert engine.warm(specs[1]) is None
    assert engine.warm(specs[0]) is not None


def test_a_cancel_is_heard_between_two_steps(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    pid = engine.start().pid
    events: list[Event] = []
    request = ask(toy_spec("stable-diffusion"), tmp_path, num_inference_steps=500)
    with pytest.raises(JobsCanceled):
        engine.run(request, events.append, lambda: {"a"} if passes_of(events) else (), 60)
    assert done_keys(events) == []
    assert 0 < max(event.step for event in events if isinstance(event, Step)) < 500
    assert engine.pid == pid
    assert done_keys(draw(engine, ask(toy_spec("stable-diffusion"), tmp_path))) == ["a:0"]


def test_one_of_two_jobs_in_a_pass_is_canceled_and_the_other_is_what_it_would_be_alone(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    events: list[Event] = []
    request = ask(toy_spec("flux"), tmp_path / "shared", jobs=("a", "b"), num_inference_steps=200)
    engine.run(request, events.append, lambda: {"a"}, 60)
    assert done_keys(events) == ["b:0"]
    alone = ask(toy_spec("flux"), tmp_path / "alone", jobs=("b",), num_inference_steps=200)
    draw(engine, alone)
    shared, single = (np.load(folder / "b-0.npy").astype(int) for folder in (tmp_path / "shared", tmp_path / "alone"))
    assert np.abs(shared - single).max() <= 2


def test_an_engine_killed_in_the_middle_is_replaced_and_draws_the_same(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    pid = engine.start().pid
    request = ask(toy_spec("flux"), tmp_path, num_inference_steps=200)
    with pytest.raises(EngineCrashed) as caught:
        engine.run(request, after_first_step(lambda: os.kill(pid, signal.SIGKILL)), lambda: (), 60)
    assert caught.value.returncode == -signal.SIGKILL
    assert done_keys(draw(engine, request)) == ["a:0"]
    assert engine.pid != pid


def failure(engine: Engine, request: BatchRequest) -> EngineFailed:
    """Run what must fail, and return how."""
    with pytest.raises(EngineFailed) as caught:
        draw(engine, request)
    assert engine.alive
    return caught.value


def test_a_damaged_model_is_said_with_its_file(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    spec = copy_of(toy_spec("flux"), tmp_path / "cut")
    path = tmp_path / "cut" / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    error = failure(engine, ask(spec, tmp_path))
    assert (error.code, error.retryable) == ("model_damaged", False)
    assert str(path) in error.message


def test_a_model_that_is_not_there_is_said(engine: Engine, tmp_path: Path) -> None:
    error = failure(engine, ask(toys.spec_of(tmp_path / "nothing", "flux"), tmp_path))
    assert (error.code, error.retryable) == ("model_missing", False)
    assert str(tmp_path / "nothing") in error.message


def test_a_pickle_is_refused(engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]) -> None:
    spec = copy_of(toy_spec("flux"), tmp_path / "pickled")
    path = tmp_path / "pickled" / "vae" / "diffusion_pytorch_model.safetensors"
    path.unlink()
    mark = tmp_path / "sprung"
    path.with_suffix(".bin").write_bytes(pickles.trap(mark, is_archive=True))
    error = failure(engine, ask(spec, tmp_path))
    assert (error.code, error.retryable) == ("model_damaged", False)
    assert "diffusion_pytorch_model.bin" in error.message
    assert not pickles.has_sprung(mark)


def test_pickles_that_lie_in_a_models_folder_never_run(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    spec = copy_of(toy_spec("flux"), tmp_path / "planted")
    mark = tmp_path / "sprung"
    weights = list((tmp_path / "planted").rglob("*.safetensors"))
    for path, suffix in itertools.product(weights, pickles.SUFFIXES):
        path.with_suffix(suffix).write_bytes(pickles.trap(mark))
        (path.parent / f"pytorch_model{suffix}").write_bytes(pickles.trap(mark))
    assert draw(engine, ask(spec, tmp_path))
    assert not pickles.has_sprung(mark)
    with pytest.raises(OSError, match="sprung"):  # they are what they seem to be
        pickle.loads(pickles.trap(tmp_path / "nowhere" / "sprung"))


@pytest.mark.parametrize(("change", "named"), [({"scheduler": "ddim"}, "scheduler"), ({"width": 33}, "width")])
def test_what_a_model_cannot_do_is_refused(
    change: dict[str, Any], named: str, engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    error = failure(engine, ask(toy_spec("flux"), tmp_path, **change))
    assert (error.code, error.retryable) == ("invalid", False)
    assert error.message.startswith(named)


def test_a_task_with_tools_is_done_with_them(
    engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    model = load_model(toy_spec("stable-diffusion"))
    request = replace(
        request_for(model, "replace-background", ReplaceBackgroundOptions(1), picture_input(disc(60, 50)), tmp_path),
        tools=(ModelSpec("grabcut", "grabcut", ""),),
    )
    assert done_keys(draw(engine, request)) == ["job:0"]
    assert np.load(request.images[0].path).shape == (50, 60, 3)


@pytest.mark.parametrize(
    ("task", "family", "options", "shape"),
    [
        ("upscale", "lanczos", UpscaleOptions(2), (100, 120, 3)),
        ("remove-background", "grabcut", RemoveBackgroundOptions(1), (50, 60, 4)),
    ],
)
def test_a_task_without_a_model_needs_none(
    task: str, family: str, options: Options, shape: tuple[int, ...], engine: Engine, tmp_path: Path
) -> None:
    request = request_for(built_in(family), task, options, picture_input(disc(60, 50)), tmp_path)
    assert done_keys(draw(engine, request)) == ["job:0"]
    assert np.load(request.images[0].path).shape == shape


def test_a_tool_brings_tools_of_its_own(engine: Engine, tmp_path: Path) -> None:
    toy_tools.save_segmenter(tmp_path / "segmenter")
    finder = ModelSpec("toy-segmenter", "segmenter", str(tmp_path / "segmenter"), "float32")
    options = RemoveBackgroundOptions(1)
    request = request_for(built_in("grabcut"), "remove-background", options, picture_input(disc(60, 50)), tmp_path)
    assert done_keys(draw(engine, replace(request, tools=(finder,)))) == ["job:0"]
    assert np.load(request.images[0].path).shape == (50, 60, 4)

    (tmp_path / "segmenter" / "model.safetensors").unlink()
    gone = replace(finder, slug="gone")
    assert failure(engine, replace(request, tools=(gone,))).code == "model_damaged"


def test_a_picture_that_cannot_be_edited_is_said(engine: Engine, tmp_path: Path) -> None:
    plain = np.full((40, 40, 3), 90, np.uint8)
    request = request_for(
        built_in("grabcut"), "remove-background", RemoveBackgroundOptions(1), picture_input(plain), tmp_path
    )
    error = failure(engine, request)
    assert (error.code, error.retryable) == ("invalid", False)
    assert "mark it with the brush" in error.message


@pytest.fixture
def small_engine(engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]) -> Iterator[Engine]:
    """Yield the engine with 64 MB of memory left to it: the allocators really say no."""
    draw(engine, ask(toy_spec("stable-diffusion"), tmp_path / "first", **LARGER))
    found = re.search(r"VmSize:\s+(\d+) kB", Path(f"/proc/{engine.pid}/status").read_text())
    assert found is not None
    bound = int(found[1]) * 1024 + 64 * 1024 * 1024
    resource.prlimit(engine.start().pid, resource.RLIMIT_AS, (bound, bound))
    yield engine
    engine.kill()


def test_a_pass_that_does_not_fit_is_drawn_in_parts(
    small_engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    request = ask(toy_spec("stable-diffusion"), tmp_path, images_a_job=32, max_batch=32, **LARGER)
    events = draw(small_engine, request)
    assert sorted(done_keys(events)) == sorted(image.key for image in request.images)
    assert len(passes_of(events)[-1]) < 32


def test_a_picture_that_does_not_fit_alone_is_said_and_smaller_ones_go_on(
    small_engine: Engine, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    spec = toy_spec("stable-diffusion")
    error = failure(small_engine, ask(spec, tmp_path, num_inference_steps=1, width=768, height=768))
    assert (error.code, error.retryable) == ("out_of_memory", True)
    assert "768 × 768" in error.message
    assert done_keys(draw(small_engine, ask(spec, tmp_path, **LARGER))) == ["a:0"]


def test_prompts_are_not_written_to_the_log(
    engine: Engine, log_path: Path, tmp_path: Path, toy_spec: Callable[[str], ModelSpec]
) -> None:
    """Pipelines warn of prompts that are too long by quoting them."""
    for family in toys.SAVE:
        request = ask(toy_spec(family), tmp_path, num_inference_steps=1)
        draw(engine, replace(request, images=(replace(request.images[0], prompt=SECRET),)))
    assert log_path.stat().st_size > 0
    assert "flamingo" not in log_path.read_text()


def test_a_subject_is_learned_and_the_model_is_read_anew(
    engine: Engine, toy_spec: Callable[[str], ModelSpec], tmp_path: Path
) -> None:
    spec = toy_spec("stable-diffusion")
    events: list[Event] = []
    request = training_of(tmp_path, recipe=replace(RECIPE, steps=2))

    engine.train(spec, request, events.append, lambda: False, 120)

    assert isinstance(events[-1], Trained)
    assert Path(events[-1].path).is_file()
    # Nothing of the training stays behind: the model is read anew, as it was.
    assert engine.warm(spec) is not None
