"""Arithmetic on pictures, on pictures small enough to follow."""

from __future__ import annotations

import numpy as np
import pytest

from generation.inference import canvas
from generation.inference.canvas import Frame, frame_around
from tests.generation.inference.passes import disc


@pytest.mark.parametrize(("width", "height"), [(32, 32), (64, 16), (100, 300), (40, 30)])
def test_a_picture_of_another_shape_is_cut_evenly(width: int, height: int) -> None:
    covered = canvas.cover(disc(80, 60), width, height)
    assert covered.shape == (height, width, 3)
    reds = (covered[..., 0] > 130).mean(axis=0)
    assert abs(int(np.average(np.arange(width), weights=reds)) - width // 2) <= max(2, width // 25)


def test_a_frame_shows_surroundings_in_the_models_shape() -> None:
    marked = np.zeros((500, 800), bool)
    marked[100:150, 600:700] = True
    frame = frame_around(marked, 128, 128)
    assert frame.width == frame.height == 170
    assert frame.left <= 600 - 30
    assert frame.left + frame.width >= 700 + 30
    assert frame.top >= 0
    assert frame.top + frame.height <= 500


def test_a_small_mark_is_not_blown_up() -> None:
    marked = np.zeros((500, 800), bool)
    marked[0, 0] = True
    assert frame_around(marked, 128, 96) == Frame(0, 0, 64, 48)


def test_a_large_mark_shows_the_whole_picture_mirrored_where_the_shape_differs() -> None:
    picture = disc(80, 40)
    frame = frame_around(np.ones((40, 80), bool), 64, 64)
    assert frame == Frame(0, -20, 80, 80)
    shown = frame.take(picture)
    assert (shown[20:60] == picture).all()
    assert (shown[19] == picture[1]).all()


def test_what_is_put_back_lands_where_it_was_taken() -> None:
    picture = disc(80, 40)
    weight = np.zeros((40, 80))
    weight[10:20, 30:50] = 1
    frame = frame_around(weight > 0, 32, 32)
    drawn = canvas.resize(frame.take(picture), 32, 32)
    back = frame.put(picture, drawn, weight)
    assert (back[weight == 0] == picture[weight == 0]).all()
    assert np.abs(back.astype(int) - picture).mean() < 3


def test_a_seam_is_matched_and_the_inside_is_not() -> None:
    source = np.full((100, 100, 3), 100, np.uint8)
    weight = np.zeros((100, 100))
    weight[:, 50:] = 1
    matched = canvas.match_seam(source, np.full((100, 100, 3), 140, np.uint8), weight)
    assert abs(int(matched[50, 50, 0]) - 100) <= 3
    assert matched[50, 95, 0] == 140


def test_spread_colours_come_from_the_nearest() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 0], picture[:, 63] = (200, 0, 0), (0, 0, 200)
    known = np.zeros((64, 64), bool)
    known[:, [0, 63]] = True
    filled = canvas.spread(picture, known)
    assert (filled[known] == picture[known]).all()
    assert filled[32, 5, 0] > 150 > filled[32, 5, 2]
    assert filled[32, 58, 2] > 150 > filled[32, 58, 0]
    assert filled.sum(axis=2).min() > 150


def test_softness_ends_where_it_is_told_to() -> None:
    mask = np.zeros((9, 40), np.uint8)
    mask[:, :10] = 255
    weight = canvas.soften(mask, 8)
    assert (weight[:, :10] == 1).all()
    assert (np.diff(weight[4, 9:18]) < 0).all()
    assert (weight[:, 17:] == 0).all()
    assert (canvas.soften(mask, 0) == mask / 255).all()
