"""A training that learns nothing has a real one's events, goes on where it was, and gives a real file."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.numpy import load_file

from generation.engine.noop_training import train
from generation.engine.training import Checkpointed, Sampled
from generation.inference.errors import PassCanceled
from tests.generation.engine.trainings import training_of
from tests.generation.inference.trainings import Notes


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    request = training_of(tmp_path)
    with pytest.raises(PassCanceled):
        train(request, Notes(cancel_at=4), 0.0)
    notes = Notes()

    trained = train(request, notes, 0.0)

    assert [event.step for event in notes.of(Checkpointed)] == [3, 4, 5, 6, 7, 8]
    assert {tensor.shape for tensor in load_file(trained.path).values()} == {(4, 256), (256, 4)}


def test_each_quarter_has_its_samples(tmp_path: Path) -> None:
    notes = Notes()
    train(training_of(tmp_path), notes, 0.0)
    assert [(event.quarter, event.position) for event in notes.of(Sampled)] == [
        (quarter, position) for quarter in (1, 2, 3, 4) for position in (0, 1)
    ]
