"""What is black in a mask stays as it is, to the last bit and in the source's own size; what is white is drawn anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from generation.engine.backend import Pixels
from generation.engine.options import IMAGE, MASK, InpaintOptions
from generation.engine.protocol import ModelSpec
from generation.inference import canvas
from generation.inference.errors import InvalidRequest
from generation.inference.loading import LoadedModel
from tests.generation.engine.asking import STARTER
from tests.generation.inference import toys
from tests.generation.inference.conftest import load_model
from tests.generation.inference.passes import TOLERANCE, Listener, alone, difference, disc, edit, request_for

TASK = "inpaint"


def box(width: int, height: int, left: int, top: int, right: int, bottom: int) -> Pixels:
    """Return a black mask with a white box."""
    mask = np.zeros((height, width), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


# One larger than the model's picture, one of its size, one smaller and of another shape.
CASES = (
    {IMAGE: disc(150, 90), MASK: box(150, 90, 50, 30, 90, 70)},
    {IMAGE: disc(32, 48, (250, 240, 20)), MASK: box(32, 48, 0, 0, 16, 48)},
    {IMAGE: disc(20, 20, (20, 160, 20)), MASK: box(20, 20, 9, 9, 11, 20)},
)


def kept(mask: Pixels, feather: int) -> npt.NDArray[np.bool_]:
    """Return where nothing may change: further than the feather from what is white."""
    distance = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(distance) > feather


@pytest.mark.parametrize("family", toys.SAVE)
@pytest.mark.parametrize("feather", [0, 6])
def test_kept_pixels_are_identical_and_painted_ones_are_not(
    family: str, feather: int, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model, listener = toy_model(family), Listener()
    request = request_for(model, TASK, InpaintOptions(1.0, feather), CASES, tmp_path)
    for case, pixels in zip(CASES, edit(model, request, listener), strict=True):
        assert pixels.shape == case[IMAGE].shape
        outside = kept(case[MASK], feather)
        assert (pixels[outside] == case[IMAGE][outside]).all()
        assert np.abs(pixels[case[MASK] > 0].astype(int) - case[IMAGE][case[MASK] > 0]).mean() > 5
    assert listener.steps[-1] == (4, 4)
    assert set(listener.previews) == {"job:0", "job:1", "job:2"}


@pytest.mark.parametrize("family", toys.SAVE)
def test_a_picture_is_the_same_alone_as_in_a_batch(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model(family)
    request = request_for(model, TASK, InpaintOptions(0.75, 4), CASES, tmp_path)
    together = edit(model, request)
    for index in range(len(CASES)):
        assert difference(alone(model, request, index), together[index]) <= TOLERANCE


@pytest.mark.parametrize("family", toys.SAVE)
def test_what_is_kept_of_a_cut_out_subject_stays_transparent_and_keeps_its_colours(
    family: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    """White in the mask lies on both sides of the subject's edge: what is drawn there shows."""
    model, feather = toy_model(family), 6
    alpha = np.linspace(-200, 455, 150).clip(0, 255).astype(np.uint8)[None].repeat(90, axis=0)
    source, mask = np.dstack([disc(150, 90), alpha]), box(150, 90, 20, 30, 90, 70)
    request = request_for(model, TASK, InpaintOptions(1.0, feather), [{IMAGE: source, MASK: mask}], tmp_path)
    (pixels,) = edit(model, request)

    outside = kept(mask, feather)
    assert pixels.shape == (90, 150, 4)
    assert (alpha[outside] == 0).any()
    assert (pixels[outside] == source[outside]).all()
    assert (pixels[..., 3][mask > 0] == 255).all()
    weight = canvas.soften(mask, feather)
    assert (pixels[..., 3] == np.maximum(alpha, canvas.to_pixels(weight * 255))).all()
    # Half drawn over nothing is what was drawn, half transparent, not a mix with colours that nobody saw.
    edge = (alpha == 0) & (weight > 0)
    unseen = source.copy()
    unseen[alpha == 0] = (0, 255, 0, 0)
    request = request_for(model, TASK, InpaintOptions(1.0, feather), [{IMAGE: unseen, MASK: mask}], tmp_path)
    assert (edit(model, request)[0][edge] == pixels[edge]).all()


def test_a_feathered_edge_changes_step_by_step(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    case = {IMAGE: np.full((64, 64, 3), 128, np.uint8), MASK: box(64, 64, 0, 0, 20, 64)}
    (pixels,) = edit(model, request_for(model, TASK, InpaintOptions(1.0, 10), [case], tmp_path))
    changed = np.abs(pixels.astype(int) - 128).mean(axis=(0, 2))
    assert changed[:20].mean() > changed[20:25].mean() > changed[25:30].mean() > 0
    assert changed[31:].max() == 0


def test_grey_in_the_mask_is_repainted_in_part(toy_model: Callable[[str], LoadedModel], tmp_path: Path) -> None:
    model = toy_model("stable-diffusion")
    source = np.full((48, 32, 3), 128, np.uint8)
    whole, half = (
        edit(model, request_for(model, TASK, InpaintOptions(1.0, 0), [{IMAGE: source, MASK: mask}], tmp_path))[0]
        for mask in (box(32, 48, 8, 8, 24, 40), box(32, 48, 8, 8, 24, 40) // 2)
    )
    wholly, partly = (np.abs(pixels.astype(int) - 128)[8:40, 8:24].mean() for pixels in (whole, half))
    assert 0.4 * wholly < partly < 0.6 * wholly


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (box(33, 48, 0, 0, 9, 9), "mask: 33 × 48 is not of the picture's size, 32 × 48"),
        (np.zeros((48, 32), np.uint8), "mask: an empty mask"),
    ],
)
def test_a_mask_that_fits_nothing_is_refused(
    mask: Pixels, message: str, toy_model: Callable[[str], LoadedModel], tmp_path: Path
) -> None:
    model = toy_model("stable-diffusion")
    request = request_for(model, TASK, InpaintOptions(1.0, 0), [{IMAGE: disc(32, 48), MASK: mask}], tmp_path)
    with pytest.raises(InvalidRequest, match=message):
        edit(model, request)


def test_the_starter_keeps_what_is_black(tmp_path: Path) -> None:
    model = load_model(ModelSpec("starter", "stable-diffusion", str(STARTER), "float32", "minilm"))
    mask = np.zeros((200, 260), np.uint8)
    cv2.circle(mask, (130, 100), 50, 255, -1)
    case = {IMAGE: disc(260, 200), MASK: mask}
    size = {"width": 160, "height": 128, "num_inference_steps": 2}
    (pixels,) = edit(model, request_for(model, TASK, InpaintOptions(1.0, 8), [case], tmp_path, **size))
    assert (pixels[kept(mask, 8)] == case[IMAGE][kept(mask, 8)]).all()
    assert difference(pixels, case[IMAGE]) > 20
