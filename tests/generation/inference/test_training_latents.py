"""What the steps see: cuts that differ, embeddings of each family, class pictures that are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from generation.engine.training import Sampling
from generation.inference.errors import PassCanceled
from generation.inference.loading import LoadedModel
from generation.inference.training_latents import ClassDrawing, draw_class, embed, encode_pictures
from tests.generation.inference.trainings import request_of

Models = Callable[[str], LoadedModel]
SAMPLING = Sampling("ddim", 2, 2.0)


def nothing() -> None:
    """Go on."""


def drawing_to(path: Path, told: list[tuple[int, int]], pause: Callable[[], None] = nothing) -> ClassDrawing:
    return ClassDrawing(path, 3, 32, lambda done, of: told.append((done, of)), pause)


def test_each_cut_of_each_picture_is_encoded(toy_model: Models, tmp_path: Path) -> None:
    request = request_of(tmp_path)
    latents = encode_pictures(toy_model("stable-diffusion").pipeline, request.pictures, 32, 2, nothing)
    assert latents.shape == (6, 4, 16, 16)
    assert not torch.equal(latents[0], latents[1])


@pytest.mark.parametrize(("family", "width"), [("stable-diffusion", 32), ("stable-diffusion-xl", 64)])
def test_words_are_what_the_family_hears(family: str, width: int, toy_model: Models) -> None:
    words = embed(toy_model(family).pipeline, ["a fox", "a toy"], 32)
    assert words.embeddings.shape[::2] == (2, width)
    assert (words.pooled is None) == (family == "stable-diffusion")
    second = words.take(torch.tensor([1]))
    assert torch.equal(second.embeddings[0], words.embeddings[1])
    if second.time_ids is not None:
        assert second.time_ids.tolist() == [[32, 32, 0, 0, 32, 32]]


def test_class_pictures_go_on_from_those_that_are_there(toy_model: Models, tmp_path: Path) -> None:
    model, path = toy_model("stable-diffusion"), tmp_path / "class.safetensors"
    told: list[tuple[int, int]] = []
    few = draw_class(model, ["a toy", "a fox"], 2, SAMPLING, drawing_to(path, told))
    more = draw_class(model, ["a toy", "a fox"], 3, SAMPLING, drawing_to(path, told))
    assert told == [(0, 2), (2, 2), (2, 3), (3, 3)]
    assert torch.equal(more[:2], few)
    assert not torch.equal(more[2], more[0])


def test_drawing_stops_between_two_steps(toy_model: Models, tmp_path: Path) -> None:
    def stop() -> None:
        raise PassCanceled

    with pytest.raises(PassCanceled):
        draw_class(toy_model("stable-diffusion"), ["a toy"], 2, SAMPLING, drawing_to(tmp_path / "class", [], stop))
