"""What is found in a picture, and which of it is the subject."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.engine.options import RemoveBackgroundOptions
from generation.engine.protocol import ModelSpec
from generation.inference.matting import GrabCut
from generation.inference.segmentation import Segmenter, Thing, subject_of
from generation.inference.tool_loading import LoadedTool
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import built_in, difference, disc, edit, picture_input, request_for

SIZE = (60, 80)


@pytest.fixture
def certain(tmp_path: Path) -> Segmenter:
    """Return a toy that is sure of a person in the left half and of nothing else."""
    toy_tools.save_segmenter(tmp_path)
    segmenter: Segmenter = toy_tools.tool_of(tmp_path, "segmenter").tool
    with torch.no_grad():
        for layer in segmenter.network.modules():
            if isinstance(layer, torch.nn.Linear) and layer.out_features == 2:
                layer.weight.zero_()
                layer.bias.copy_(torch.tensor([3.0, -3.0]))
    return segmenter


def thing(kind: str, box: tuple[int, int, int, int], score: float = 0.9) -> Thing:
    left, top, right, bottom = box
    marks = np.zeros(SIZE, bool)
    marks[top:bottom, left:right] = True
    return Thing(kind, score, marks)


def test_things_have_the_pictures_size_a_kind_and_a_box(certain: Segmenter) -> None:
    found = certain.things(disc(90, 70))

    assert found
    assert {one.kind for one in found} == {"person"}
    assert {one.marks.shape for one in found} == {(70, 90)}
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len(certain.people(disc(90, 70))) == len(found)


def test_what_it_is_not_sure_of_is_nothing(tmp_path: Path) -> None:
    toy_tools.save_segmenter(tmp_path)
    segmenter: Segmenter = toy_tools.tool_of(tmp_path, "segmenter").tool
    assert segmenter.things(disc(90, 70)) == []
    assert segmenter.subject(disc(90, 70)) is None


def test_the_side_is_the_one_that_the_makers_wrote_down(tmp_path: Path) -> None:
    toy_tools.save_segmenter(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 96, "width": 96}}))
    assert toy_tools.tool_of(tmp_path, "segmenter").tool._side == 96


def test_the_subject_is_large_and_in_the_middle() -> None:
    horse, rider = thing("horse", (20, 20, 60, 50)), thing("person", (30, 8, 46, 24))
    cup = thing("cup", (0, 0, 6, 6), 0.99)
    mask = subject_of([cup, horse, rider])
    assert mask is not None
    assert (mask[horse.marks | rider.marks] == 255).all()
    assert (mask[cup.marks] == 0).all()
    assert thing("person", (10, 20, 30, 50)).box == (10, 20, 20, 30)


def test_what_fills_the_picture_is_no_subject() -> None:
    assert subject_of([thing("sky", (0, 0, 80, 60))]) is None
    assert subject_of([]) is None


def test_a_cut_begins_with_what_was_found_and_needs_no_line() -> None:
    """Two discs of the same colours, of which one was found: colours alone can't tell them apart."""
    picture = np.hstack([disc(60, 60), disc(60, 60)])
    found = np.zeros((60, 120), np.uint8)
    found[:, :60] = GrabCut().mask(disc(60, 60), None)

    alpha = GrabCut().alpha(picture, None, found)
    assert alpha[30, 30] == 255
    assert (alpha[:, 66:] == 0).all()

    strokes = np.full((60, 120), 128, np.uint8)
    strokes[26:34, 80:100] = 255
    both = GrabCut().alpha(picture, strokes, found)
    assert both[30, 30] == both[30, 90] == 255
    assert (both[:4] == 0).all()


@pytest.mark.parametrize("family", ["grabcut", "matting"])
def test_removing_a_background_begins_with_what_is_found(certain: Segmenter, family: str, tmp_path: Path) -> None:
    """A patch of the ground's colours in the middle: a toy takes it for the subject, colours alone never would."""
    with torch.no_grad():
        certain.network.segmentation_bias.fill_(-100.0)
    picture = disc(90, 70)
    if family == "matting":
        toy_tools.save_vitmatte(tmp_path / "matting")
    unhelped = built_in(family) if family == "grabcut" else toy_tools.tool_of(tmp_path / "matting", family)
    found = LoadedTool(ModelSpec("toy", "segmenter", str(tmp_path)), certain, 0)
    helped = replace(unhelped, tools={"segmenter": found})
    request = request_for(unhelped, "remove-background", RemoveBackgroundOptions(0), picture_input(picture), tmp_path)

    # Nothing is outlined: the colours decide, as without it.
    assert difference(edit(helped, request)[0], edit(unhelped, request)[0]) == 0

    with torch.no_grad():
        certain.network.segmentation_bias.fill_(0.0)
    subject = certain.subject(picture)
    assert subject is not None
    assert (edit(helped, request)[0][..., 3][subject == 0] < 255).mean() > 0.5
    assert difference(edit(helped, request)[0], edit(unhelped, request)[0]) > 0
