"""Pictures changed as told, by the models that were trained for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generation.engine.options import InstructOptions
from generation.engine.protocol import ModelSpec
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from tests.generation.inference import toy_tools
from tests.generation.inference.conftest import load_model
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

TASK = "instruct"
SOURCES = picture_input(disc(32, 48), disc(60, 40, (250, 240, 20)))


@pytest.mark.parametrize("family", toy_tools.INSTRUCT)
def test_a_picture_is_changed_alone_as_in_a_batch(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    toy_tools.save_instruct(tmp_path / "model", toy_model(toy_tools.INSTRUCT[family]))
    model = load_model(ModelSpec("toy", family, str(tmp_path / "model"), "float32"))
    listener = Listener()
    scheduler = "flow-euler" if model.is_flux else "ddim"
    request = request_for(model, TASK, InstructOptions(1.5), SOURCES, tmp_path, scheduler=scheduler)
    together = edit(model, request, listener)
    assert {pixels.shape for pixels in together} == {(48, 32, 3)}
    assert listener.steps[-1] == (4, 4)
    assert set(listener.previews) == {"job:0", "job:1"}
    for index in range(2):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE
    other = request_for(model, TASK, InstructOptions(1.5), SOURCES[::-1], tmp_path, scheduler=scheduler)
    assert difference(edit(model, other)[0], together[0]) > 0


def test_a_model_that_was_not_trained_for_it_is_refused(
    toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model("stable-diffusion")
    with pytest.raises(InvalidRequest, match="model: toy-stable-diffusion is not one that follows instructions"):
        edit(model, request_for(model, TASK, InstructOptions(1.5), SOURCES, tmp_path))
