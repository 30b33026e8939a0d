"""A training's messages arrive as they were sent, and what is out of bounds is refused by name."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from generation.engine import protocol
from generation.engine.protocol import ProtocolError, Train
from generation.engine.training import (
    Checkpointed,
    Displaced,
    Prepared,
    Sampled,
    Trained,
    TrainingEvent,
    TrainingStep,
)
from tests.generation.engine.asking import ANY_MODEL
from tests.generation.engine.trainings import RECIPE, training_of


def test_a_command_arrives_as_it_was_sent() -> None:
    command = Train(ANY_MODEL, training_of(Path("/trainings/job")))
    assert protocol.decode_command(protocol.encode(command)) == command


@pytest.mark.parametrize(
    "event",
    [
        Prepared("job", 3, 48),
        TrainingStep("job", 7, 600, 0.25, ((1.0, 0.5), (7.0, 0.25)), 12.5),
        Checkpointed("job", 7),
        Sampled("job", 4, 1, "a zorb toy", "/trainings/job/sample.npy"),
        Displaced("job", True),
        Trained("job", "/trainings/job/lora.safetensors", 16, ((1.0, 0.5),)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_arrive_as_they_were_sent(event: TrainingEvent) -> None:
    assert protocol.decode_event(protocol.encode(event)) == event


@pytest.mark.parametrize(
    ("field", "value"),
    [("rank", 0), ("rank", 1000), ("steps", 0), ("learning_rate", 2.0), ("layers", "some"), ("crops", 0)],
)
def test_a_recipe_has_bounds(field: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match=field):
        dataclasses.replace(RECIPE, **{field: value})


@pytest.mark.parametrize(("field", "value"), [("pictures", ()), ("folder", "here"), ("id", ""), ("seed", -1)])
def test_a_request_has_bounds(field: str, value: Any) -> None:
    with pytest.raises(ProtocolError, match=field):
        dataclasses.replace(training_of(Path("/trainings/job")), **{field: value})


def test_class_pictures_need_words() -> None:
    with pytest.raises(ProtocolError, match="class_prompts"):
        training_of(Path("/trainings/job"), dataclasses.replace(RECIPE, class_pictures=4), class_prompts=())
