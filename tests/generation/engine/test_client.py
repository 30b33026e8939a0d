"""The worker's end: what a run, a cancel, a deadline and a dead engine come to. The engine is a real process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from generation.engine.client import Engine, EngineOptions
from generation.engine.errors import EngineCrashed, EngineFailed, EngineTimeout, JobsCanceled
from generation.engine.noop import colour_of
from generation.engine.protocol import PROTOCOL_VERSION, Event, Loaded, Step
from tests.generation.engine.asking import ANY_MODEL, done_keys, draw, noop_engine, passes_of, request_of

# A pass of this length is never waited out by a test that passes.
LONG = 30.0


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Yield an engine that answers at once."""
    with noop_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture
def slow_engine(tmp_path: Path) -> Iterator[Engine]:
    """Yield an engine whose passes take half a minute, in small steps."""
    with noop_engine(tmp_path, LONG, cancel_grace_seconds=0.5) as engine:
        yield engine


def after_first_step(action: Callable[[], None]) -> Callable[[Event], None]:
    """Return an `on_event` that acts once, when the pass is under way."""
    waiting = [action]

    def hear(event: Event) -> None:
        if isinstance(event, Step) and waiting:
            waiting.pop()()

    return hear


def test_an_engine_says_who_it_is(engine: Engine) -> None:
    ready = engine.start()
    assert ready.pid == engine.pid
    assert ready.versions["protocol"] == str(PROTOCOL_VERSION)
    assert engine.start() is ready
    assert engine.alive


def test_pictures_are_drawn_into_their_files(engine: Engine, tmp_path: Path) -> None:
    request = request_of(tmp_path, jobs=("a", "b"), images_a_job=3, max_batch=4)
    events = draw(engine, request)
    assert [len(keys) for keys in passes_of(events)] == [4, 2]
    assert sorted(done_keys(events)) == sorted(image.key for image in request.images)
    for image in request.images:
        pixels = np.load(image.path)
        assert pixels.shape == (48, 32, 3)
        assert tuple(pixels[0, 0]) == colour_of(image.seed)


def test_a_model_is_loaded_by_warm_and_then_not_again(tmp_path: Path) -> None:
    with noop_engine(tmp_path) as engine:
        loaded = engine.warm(ANY_MODEL)
        assert loaded is not None
        assert loaded.resident == ("any",)
        assert engine.warm(ANY_MODEL) is None
        assert not any(isinstance(event, Loaded) for event in draw(engine, request_of(tmp_path)))


def test_a_request_larger_than_a_pipe_arrives(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 50) / ("name" * 50)
    request = request_of(folder, images_a_job=400, max_batch=400, num_inference_steps=1, width=1, height=1)
    assert len(done_keys(draw(engine, request))) == 400


def test_a_canceled_request_ends_and_the_engine_lives_on(slow_engine: Engine, tmp_path: Path) -> None:
    slow_engine.start()
    pid = slow_engine.pid
    request = request_of(tmp_path, jobs=("a", "b"), num_inference_steps=300)
    with pytest.raises(JobsCanceled) as caught:
        slow_engine.run(request, lambda event: None, lambda: {"a", "b", "somebody else's"}, LONG)
    assert caught.value.jobs == {"a", "b"}
    assert slow_engine.alive
    assert slow_engine.pid == pid


def test_one_of_two_jobs_that_share_a_pass_can_be_canceled(tmp_path: Path) -> None:
    events: list[Event] = []
    request = request_of(tmp_path, jobs=("a", "b"), images_a_job=2, num_inference_steps=60)
    with noop_engine(tmp_path, seconds_per_pass=2.0) as engine:
        engine.run(request, events.append, lambda: {"a"}, LONG)
    assert done_keys(events) == ["b:0", "b:1"]
    assert {key for event in events if isinstance(event, Step) and event.step == 60 for key in event.keys} == {
        "b:0",
        "b:1",
    }


def test_an_engine_that_ignores_its_cancel_is_killed(slow_engine: Engine, tmp_path: Path) -> None:
    slow_engine.start()
    stop = after_first_step(lambda: os.kill(_pid(slow_engine), signal.SIGSTOP))
    with pytest.raises(JobsCanceled):
        slow_engine.run(request_of(tmp_path, num_inference_steps=300), stop, lambda: {"a"}, LONG)
    assert not slow_engine.alive


def test_a_killed_engine_is_an_error_and_the_next_run_has_a_new_one(tmp_path: Path) -> None:
    with noop_engine(tmp_path, seconds_per_pass=1.0) as engine:
        engine.start()
        first = engine.pid
        kill = after_first_step(lambda: os.kill(_pid(engine), signal.SIGKILL))
        with pytest.raises(EngineCrashed) as caught:
            engine.run(request_of(tmp_path), kill, lambda: (), LONG)
        assert caught.value.returncode == -signal.SIGKILL
        assert not engine.alive
        assert done_keys(draw(engine, request_of(tmp_path))) == ["a:0"]
        assert engine.pid not in (None, first)


def test_an_engine_that_died_between_two_runs_is_replaced(tmp_path: Path) -> None:
    with noop_engine(tmp_path) as engine:
        engine.start()
        os.kill(_pid(engine), signal.SIGKILL)
        while engine.alive:
            time.sleep(0.01)
        assert done_keys(draw(engine, request_of(tmp_path))) == ["a:0"]


def test_a_run_past_its_deadline_is_killed(slow_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineTimeout) as caught:
        draw(slow_engine, request_of(tmp_path), deadline_seconds=1.0)
    assert caught.value.seconds == 1.0
    assert not slow_engine.alive


def test_an_engine_that_does_not_read_is_killed_at_the_deadline(slow_engine: Engine, tmp_path: Path) -> None:
    slow_engine.start()
    os.kill(_pid(slow_engine), signal.SIGSTOP)
    request = request_of(tmp_path / ("long" * 50), images_a_job=1000)
    with pytest.raises(EngineTimeout):
        draw(slow_engine, request, deadline_seconds=1.0)
    assert not slow_engine.alive


def test_an_error_in_the_listener_leaves_no_engine_that_talks_to_nobody(slow_engine: Engine, tmp_path: Path) -> None:
    def fail(event: Event) -> None:
        raise LookupError("the job is gone")

    with pytest.raises(LookupError):
        slow_engine.run(request_of(tmp_path), fail, lambda: (), LONG)
    assert not slow_engine.alive


def test_a_failure_comes_with_its_code_and_the_engine_lives_on(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    with pytest.raises(EngineFailed) as caught:
        draw(engine, request_of(tmp_path / "file"))
    assert caught.value.code == "internal"
    assert caught.value.retryable
    assert engine.alive
    assert done_keys(draw(engine, request_of(tmp_path))) == ["a:0"]


def test_an_engine_that_cannot_start_is_an_error(tmp_path: Path) -> None:
    log_path = tmp_path / "engine.log"
    engine = Engine(EngineOptions(log_path, backend="no such backend"))
    with pytest.raises(EngineCrashed) as caught:
        engine.start()
    assert caught.value.returncode == 2
    assert not engine.alive
    assert "no such backend" in log_path.read_text()


def test_an_engine_that_is_slow_to_start_is_no_request_that_took_too_long(tmp_path: Path) -> None:
    with noop_engine(tmp_path, start_seconds=0.01) as engine:
        with pytest.raises(EngineCrashed, match=r"not ready after 0\.01 seconds"):
            draw(engine, request_of(tmp_path))
        assert not engine.alive


def test_requests_are_polled_for_cancels_while_nothing_is_said(tmp_path: Path) -> None:
    asked = threading.Event()

    def ask() -> tuple[str, ...]:
        asked.set()
        return ()

    with noop_engine(tmp_path, seconds_per_pass=1.0) as engine:
        engine.run(request_of(tmp_path, num_inference_steps=1), lambda event: None, ask, LONG)
    assert asked.is_set()


def _pid(engine: Engine) -> int:
    assert engine.pid is not None
    return engine.pid
