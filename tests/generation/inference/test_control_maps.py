"""White lines on black, whatever they are taken from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skimage.data

from generation.engine.options import ControlNetOptions
from generation.inference.control_maps import control_map
from generation.inference.errors import InvalidRequest
from tests.generation.inference import toy_tools
from tests.generation.inference.passes import disc


def options(control: str, *, is_map: bool = False, low: int = 100, high: int = 200) -> ControlNetOptions:
    return ControlNetOptions(control, 1.0, low, high, is_map)


def test_canny_finds_the_edge_and_nothing_else() -> None:
    lines = control_map(disc(128, 128, (250, 240, 20)), options("canny"))
    assert lines.shape == (128, 128, 3)
    assert set(np.unique(lines)) == {0, 255}
    rows, columns = np.nonzero(lines[..., 0])
    radius = np.hypot(rows - 64, columns - 64)
    assert np.abs(radius - 40).max() < 4
    assert len(rows) > 150


def test_thresholds_decide_how_many_lines_there_are() -> None:
    photograph = skimage.data.coffee()
    many, few = (control_map(photograph, options("canny", low=low, high=low + 50)) for low in (20, 200))
    assert (many > 0).sum() > 2 * (few > 0).sum()


def test_a_scribble_has_fewer_and_thicker_lines() -> None:
    photograph = skimage.data.coffee()
    lines, scribble = (control_map(photograph, options(control)) for control in ("canny", "scribble"))

    def turns(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> int:
        return int((np.diff(picture[..., 0].astype(int), axis=1) != 0).sum())

    assert 0 < turns(scribble) < turns(lines)
    assert (scribble > 0).sum() / turns(scribble) > 1.5 * (lines > 0).sum() / turns(lines)


@pytest.mark.parametrize("control", ["canny", "scribble"])
def test_a_drawing_on_white_paper_is_turned_over(control: str) -> None:
    drawing = np.full((40, 40, 3), 255, np.uint8)
    drawing[20] = 0
    lines = control_map(drawing, options(control, is_map=True))
    assert (lines[20] == 255).all()
    assert (lines[:20] == 0).all()
    assert (control_map(lines, options(control, is_map=True)) == lines).all()


@pytest.mark.parametrize("control", ["depth", "pose"])
def test_depths_and_poses_are_brought_along_where_no_network_draws_them(control: str) -> None:
    own = disc(40, 40)
    assert (control_map(own, options(control, is_map=True)) == own).all()
    with pytest.raises(InvalidRequest, match=f"is_map: no is not yes for {control}"):
        control_map(own, options(control))


def test_a_picture_without_edges_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="without edges"):
        control_map(np.full((40, 40, 3), 90, np.uint8), options("canny"))


@pytest.mark.parametrize("control", ["depth", "pose"])
def test_depths_and_poses_are_drawn_where_a_network_for_it_is_at_hand(control: str, tmp_path: Path) -> None:
    picture = disc(60, 80)
    toy_tools.SAVE[f"{control}-estimator"](tmp_path / "estimator")
    toy_tools.save_segmenter(tmp_path / "segmenter")
    tools = {
        family: toy_tools.tool_of(tmp_path / family.removeprefix(f"{control}-"), family)
        for family in (f"{control}-estimator", "segmenter")
    }
    drawn = control_map(picture, options(control), tools)
    assert drawn.shape == picture.shape
    assert drawn.any()
    assert (control_map(picture, options(control, is_map=True), tools) == picture).all()
