"""Every task of the protocol is done here, and those that the starter can do, with its real weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from generation.engine.backend import Pixels
from generation.engine.options import (
    BLEND_ROLES,
    IMAGE,
    OPTIONS,
    BlendOptions,
    OutpaintOptions,
    ReplaceBackgroundOptions,
    UpscaleOptions,
    VariationsOptions,
)
from generation.engine.protocol import ModelSpec
from generation.inference.loading import LoadedModel
from generation.inference.matting import GrabCut
from generation.inference.tasks import TASKS
from tests.generation.engine.asking import STARTER
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import built_in, disc, edit, picture_input, request_for

SIZE = {"width": 128, "height": 128, "num_inference_steps": 4}


@pytest.fixture(scope="module")
def starter() -> LoadedModel:
    """Return the model that ships with the studio."""
    return load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))


def apart(one: Pixels, other: Pixels) -> float:
    """Return how far apart two pictures are in the mean, 0 to 255."""
    return float(np.abs(one.astype(float) - other).mean())


def test_every_task_has_somebody_who_does_it() -> None:
    assert TASKS.keys() == OPTIONS.keys()


def test_a_strong_variation_is_further_from_the_picture_than_a_subtle_one(starter: LoadedModel, tmp_path: Path) -> None:
    picture, words = disc(128, 128), {"prompts": ["a red circle on a blue background"]}
    subtle, strong = (
        edit(
            starter,
            request_for(
                starter, "variations", VariationsOptions(strength), picture_input(picture), tmp_path, **words, **SIZE
            ),
        )[0]
        for strength in (0.25, 0.75)
    )
    assert 1 < apart(subtle, picture) < apart(strong, picture)


def test_a_blend_is_nearer_to_what_weighs_more(starter: LoadedModel, tmp_path: Path) -> None:
    red, blue = disc(128, 128, (220, 40, 30), (240, 240, 240)), disc(128, 128, (30, 60, 220), (240, 240, 240))
    inputs = [dict(zip(BLEND_ROLES, (red, blue), strict=False))]
    words = {"prompts": ["a circle on a white background"]}
    mostly_red, mostly_blue = (
        edit(starter, request_for(starter, "blend", BlendOptions(weights, 0.25), inputs, tmp_path, **words, **SIZE))[0]
        for weights in ((0.9, 0.1), (0.1, 0.9))
    )
    middle = np.s_[48:80, 48:80]
    assert mostly_red[middle][..., 0].mean() > mostly_blue[middle][..., 0].mean() + 20
    assert mostly_blue[middle][..., 2].mean() > mostly_red[middle][..., 2].mean() + 20


@pytest.mark.parametrize("name", ["disc", "coffee"])
def test_an_extension_keeps_the_picture_and_goes_on_in_its_colours(
    name: str, starter: LoadedModel, tmp_path: Path
) -> None:
    picture = disc(120, 120) if name == "disc" else np.ascontiguousarray(skimage.data.coffee()[::4, ::4])
    height, width = picture.shape[:2]
    options = OutpaintOptions(left=0, right=64, top=0, bottom=0, feather=8)
    size = {**SIZE, "width": 192}
    (wider,) = edit(
        starter, request_for(starter, "outpaint", options, picture_input(picture), tmp_path, prompts=["a wall"], **size)
    )
    assert wider.shape == (height, width + 64, 3)
    assert (wider[:, : width - 8] == picture[:, : width - 8]).all()
    edge, added = picture[:, -8:].mean(axis=(0, 1)), wider[:, width + 8 :].mean(axis=(0, 1))
    assert np.abs(edge - added).max() < 40
    # No second thing beside it: seen from afar it is as calm as the edge it grew from.
    calm = np.asarray(cv2.GaussianBlur(wider[:, width + 8 :], (0, 0), 6), float).std(axis=(0, 1)).max()
    assert calm < 12 + picture[:, -8:].std(axis=(0, 1)).max()


def test_a_new_background_keeps_the_subject_bit_for_bit(starter: LoadedModel, tmp_path: Path) -> None:
    picture = disc(140, 120)
    helped = replace(starter, tools={"grabcut": built_in("grabcut")})
    request = request_for(
        helped,
        "replace-background",
        ReplaceBackgroundOptions(1),
        picture_input(picture),
        tmp_path,
        prompts=["a green background"],
        **SIZE,
    )
    (placed,) = edit(helped, request)
    subject = cv2.erode(GrabCut().mask(picture, None), np.ones((9, 9), np.uint8)) > 0
    ground = cv2.dilate(GrabCut().mask(picture, None), np.ones((9, 9), np.uint8)) == 0
    assert subject.sum() > 3000
    assert (placed[subject] == picture[subject]).all()
    assert apart(placed[ground], picture[ground]) > 20


def test_an_enlargement_shows_the_same_picture(tmp_path: Path) -> None:
    picture = np.ascontiguousarray(skimage.data.chelsea()[60:140, 120:240])
    request = request_for(built_in("lanczos"), "upscale", UpscaleOptions(4), [{IMAGE: picture}], tmp_path)
    (larger,) = edit(built_in("lanczos"), request)
    assert larger.shape == (320, 480, 3)
    assert apart(np.asarray(cv2.resize(larger, (120, 80), interpolation=cv2.INTER_AREA), np.uint8), picture) < 3
