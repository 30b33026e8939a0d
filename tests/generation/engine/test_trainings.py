"""An engine trains, hears a cancel, and lets pictures come in between; whoever goes on loses no step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generation.engine.client import Engine
from generation.engine.errors import EngineCrashed, EngineFailed, JobsCanceled
from generation.engine.protocol import Event
from generation.engine.training import Checkpointed, Displaced, Sampled, Trained, TrainingStep
from tests.generation.engine.asking import ANY_MODEL, done_keys, draw, noop_engine, request_of
from tests.generation.engine.test_scratch import fill_disk_under
from tests.generation.engine.trainings import RECIPE, training_of

LONG = replace(RECIPE, steps=10_000)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with noop_engine(tmp_path, 0.05, lease_folder=tmp_path / "run", slice_seconds=0.0) as engine:
        yield engine


def train(engine: Engine, folder: Path, recipe: object = RECIPE) -> list[Event]:
    """Train to the end and return what was heard."""
    events: list[Event] = []
    engine.train(ANY_MODEL, training_of(folder, recipe), events.append, lambda: False, 60)  # type: ignore[arg-type]
    return events


def test_a_training_is_heard_from_its_first_step_to_its_result(engine: Engine, tmp_path: Path) -> None:
    events = train(engine, tmp_path / "training")
    assert [event.step for event in events if isinstance(event, TrainingStep)] == list(range(1, 9))
    assert len([event for event in events if isinstance(event, Sampled)]) == 8
    result = events[-1]
    assert isinstance(result, Trained)
    assert Path(result.path).is_file()


def test_a_cancel_ends_it_with_what_it_had(engine: Engine, tmp_path: Path) -> None:
    events: list[Event] = []
    request = training_of(tmp_path / "training", LONG)
    with pytest.raises(JobsCanceled):
        engine.train(ANY_MODEL, request, events.append, lambda: len(events) > 5, 60)
    assert engine.alive
    again: list[Event] = []
    with pytest.raises(JobsCanceled):
        engine.train(ANY_MODEL, request, again.append, lambda: len(again) > 5, 60)
    first = next(event.step for event in again if isinstance(event, Checkpointed))
    assert first == [event.step for event in events if isinstance(event, Checkpointed)][-1]


def test_a_killed_engine_is_started_again_and_goes_on(engine: Engine, tmp_path: Path) -> None:
    folder, seen = tmp_path / "training", []

    def kill(event: Event) -> None:
        if isinstance(event, Checkpointed):
            seen.append(event.step)
            if event.step == 4:
                assert engine.pid is not None
                os.kill(engine.pid, signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        engine.train(ANY_MODEL, training_of(folder), kill, lambda: False, 60)
    steps = [event.step for event in train(engine, folder) if isinstance(event, Checkpointed)]
    assert steps[0] in (seen[-1], seen[-1] + 1)
    assert steps[-1] == 8


def test_pictures_come_in_between_two_steps(engine: Engine, tmp_path: Path) -> None:
    events: list[Event] = []
    enough = threading.Event()
    request = training_of(tmp_path / "training", LONG)
    learning = threading.Thread(target=_train_until, args=(engine, request, events, enough))
    learning.start()
    try:
        while not any(isinstance(event, TrainingStep) for event in events):
            assert learning.is_alive()
        with noop_engine(tmp_path / "pictures", lease_folder=tmp_path / "run") as painter:
            assert done_keys(draw(painter, request_of(tmp_path))) == ["a:0"]
        # The first two are of its beginning.
        while [event.is_waiting for event in events if isinstance(event, Displaced)] != [True, False] * 2:
            assert learning.is_alive()
    finally:
        enough.set()
        learning.join()


def test_a_training_that_waits_for_another_says_so(engine: Engine, tmp_path: Path) -> None:
    first: list[Event] = []
    second: list[Event] = []
    enough = threading.Event()
    learning = threading.Thread(target=_train_until, args=(engine, training_of(tmp_path / "one", LONG), first, enough))
    learning.start()
    try:
        while not any(isinstance(event, TrainingStep) for event in first):
            assert learning.is_alive()
        with noop_engine(tmp_path / "other", lease_folder=tmp_path / "run") as other:
            request = training_of(tmp_path / "two")
            with pytest.raises(JobsCanceled):
                other.train(ANY_MODEL, request, second.append, lambda: bool(second), 60)
    finally:
        enough.set()
        learning.join()
    assert second == [Displaced("job", is_waiting=True)]


def test_a_full_disk_is_said(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "training"
    folder.mkdir()
    fill_disk_under(folder / "sample-1-0.npy")
    with pytest.raises(EngineFailed) as caught:
        train(engine, folder)
    assert (caught.value.code, caught.value.retryable) == ("disk_full", True)
    assert isinstance(train(engine, folder)[-1], Trained)


def _train_until(engine: Engine, request: object, events: list[Event], enough: threading.Event) -> None:
    with pytest.raises(JobsCanceled):
        engine.train(ANY_MODEL, request, events.append, enough.is_set, 120)  # type: ignore[arg-type]
