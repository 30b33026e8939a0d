"""A subject is cut out in its picture's own size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.engine.options import IMAGE, STROKES, RemoveBackgroundOptions
from generation.inference.errors import PassCanceled
from tests.generation.inference.passes import Listener, built_in, disc, edit, picture_input, request_for

TASK = "remove-background"


def test_the_result_is_transparent_around_the_untouched_subject(tmp_path: Path) -> None:
    listener, sources = Listener(), (disc(90, 60), disc(41, 33, (250, 240, 20)))
    request = request_for(built_in("grabcut"), TASK, RemoveBackgroundOptions(1), picture_input(*sources), tmp_path)
    for source, pixels in zip(sources, edit(built_in("grabcut"), request, listener), strict=True):
        assert pixels.shape == (*source.shape[:2], 4)
        whole = pixels[..., 3] == 255
        assert 0.1 < whole.mean() < 0.5
        assert (pixels[whole][:, :3] == source[whole]).all()
        assert pixels[0, 0, 3] == 0
    assert listener.steps == [(1, 2), (2, 2)]


def test_strokes_are_heard(tmp_path: Path) -> None:
    strokes = np.full((60, 90), 128, np.uint8)
    strokes[2:8, 2:20] = 255
    inputs = [{IMAGE: disc(90, 60), STROKES: strokes}]
    (pixels,) = edit(
        built_in("grabcut"), request_for(built_in("grabcut"), TASK, RemoveBackgroundOptions(0), inputs, tmp_path)
    )
    assert (pixels[2:8, 2:20, 3] == 255).all()


def test_a_cancel_is_heard_between_two_pictures(tmp_path: Path) -> None:
    request = request_for(
        built_in("grabcut"), TASK, RemoveBackgroundOptions(1), picture_input(disc(40, 40), disc(50, 40)), tmp_path
    )
    with pytest.raises(PassCanceled):
        edit(built_in("grabcut"), request, Listener(cancel_after=1))
