"""Drawing along a picture's lines, with a ControlNet of each family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generation.engine.options import ControlNetOptions
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from tests.generation.inference import toy_tools, toys
from tests.generation.inference.passes import (
    TOLERANCE,
    Listener,
    alone,
    difference,
    disc,
    edit,
    picture_input,
    request_for,
)

TASK = "controlnet"
SOURCES = picture_input(disc(32, 48, (250, 240, 220), (60, 20, 90)), disc(60, 40, (250, 240, 20), (20, 20, 20)))


def options(**changes: Any) -> ControlNetOptions:
    facts = {"control": "canny", "conditioning_scale": 1.0, "low_threshold": 100, "high_threshold": 200}
    return ControlNetOptions(**{**facts, "is_map": False, **changes})


@pytest.fixture
def controlled(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> Callable[[str], LoadedModel]:
    """Return what gives a family's toy with a ControlNet of its own."""

    def make(family: str) -> LoadedModel:
        model = toy_model(family)
        toy_tools.save_controlnet(tmp_path / "net", model)
        return replace(model, tools={"controlnet": toy_tools.tool_of(tmp_path / "net", "controlnet")})

    return make


@pytest.mark.parametrize("family", toys.SAVE)
def test_the_lines_change_what_is_drawn_alone_as_in_a_batch(
    family: str, controlled: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model, listener = controlled(family), Listener()
    request = request_for(model, TASK, options(), SOURCES, tmp_path)
    together = edit(model, request, listener)
    assert {pixels.shape for pixels in together} == {(48, 32, 3)}
    assert listener.steps[-1] == (4, 4)
    assert set(listener.previews) == {"job:0", "job:1"}
    for index in range(2):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE
    swapped = edit(model, request_for(model, TASK, options(), SOURCES[::-1], tmp_path))
    assert difference(swapped[0], together[0]) > TOLERANCE
    weak = [
        edit(model, request_for(model, TASK, options(conditioning_scale=0.0), each, tmp_path))
        for each in (SOURCES, SOURCES[::-1])
    ]
    assert difference(weak[0][0], weak[1][0]) <= TOLERANCE


def test_a_model_without_a_controlnet_is_refused(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    with pytest.raises(InvalidRequest, match="model: toy-stable-diffusion is not one with a ControlNet"):
        edit(model, request_for(model, TASK, options(), SOURCES, tmp_path))


def test_a_controlnet_of_another_model_is_refused(
    controlled: Callable[[str], LoadedModel], toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    other = replace(toy_model("stable-diffusion-xl"), tools=controlled("stable-diffusion").tools)
    with pytest.raises(InvalidRequest, match="a ControlNet made for toy-stable-diffusion-xl"):
        edit(other, request_for(other, TASK, options(), SOURCES, tmp_path))
