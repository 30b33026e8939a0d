"""The subject of a picture is found, by itself where it stands out and by strokes where it does not."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import skimage.data

from generation.engine.backend import Pixels
from generation.inference import matting
from generation.inference.errors import InvalidRequest
from generation.inference.matting import GrabCut, cut_out, subject_colours
from tests.generation.inference.passes import difference, disc
from tests.rules.tree import ROOT

# Cuts a disc out of a picture with such a side, and says by how many MB the process grew at its most.
GROWTH = """
import re
import sys
from pathlib import Path
import cv2
import numpy as np
from generation.inference.matting import GrabCut, cut_out

def most():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

side = int(sys.argv[1])
picture = np.full((side, side, 3), (40, 90, 200), np.uint8)
cv2.circle(picture, (side // 2, side // 2), side // 3, (220, 60, 30), -1)
before = most()
cutout = cut_out(GrabCut(), picture)
assert cutout.alpha[side // 2, side // 2] == 255 and cutout.alpha[0, 0] == 0
print(most() - before)
"""


def inside_of(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return where `disc` has its disc."""
    rows, columns = np.indices((height, width))
    return (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < (min(width, height) / 3.2) ** 2


@pytest.mark.parametrize("size", [(128, 96), (40, 60), (700, 500)])
def test_a_subject_that_stands_out_is_found_by_itself(size: tuple[int, int]) -> None:
    alpha = cut_out(GrabCut(), disc(*size)).alpha
    assert alpha.shape == size[::-1]
    assert ((alpha > 127) == inside_of(*size)).mean() > 0.98


def test_the_same_picture_gives_the_same_cut() -> None:
    first, second = (cut_out(GrabCut(), disc(128, 96)) for _ in range(2))
    assert (first.rgba() == second.rgba()).all()


def test_strokes_say_what_is_wanted() -> None:
    two = np.concatenate([disc(80, 80), disc(80, 80, (20, 200, 60))], axis=1)
    strokes = np.full((80, 160), 128, np.uint8)
    strokes[35:45, 30:50] = 255
    strokes[30:50, 105:135] = 0
    alpha = cut_out(GrabCut(), two, strokes).alpha
    assert (alpha[35:45, 30:50] == 255).all()
    assert (alpha[30:50, 105:135] == 0).all()
    assert alpha[:, :80].mean() > 20 * max(1.0, alpha[:, 80:].mean())


def test_strokes_find_the_cup_in_a_photograph() -> None:
    """The saucer is as red as the table: by colours alone it is lost."""
    coffee: Pixels = skimage.data.coffee()
    strokes = np.full(coffee.shape[:2], 128, np.uint8)
    strokes[60:130, 230:330] = 255  # the cup and what is in it
    strokes[180:300, 110:130] = strokes[330:345, 180:300] = 255  # the saucer
    strokes[:, :60] = strokes[:20] = strokes[:, 460:] = 0
    alpha = cut_out(GrabCut(), coffee, strokes).alpha
    assert alpha[200, 290] == alpha[90, 280] == 255
    assert alpha[30, 560] == alpha[380, 20] == 0


@pytest.mark.parametrize("feather", [0, 3])
def test_where_the_subject_is_whole_its_pixels_are_untouched(feather: int) -> None:
    picture = disc(128, 96)
    cutout = cut_out(GrabCut(), picture, feather=feather)
    whole = cutout.alpha == 255
    assert whole.mean() > 0.15
    assert (cutout.colours[whole] == picture[whole]).all()


def test_a_feather_softens_inwards() -> None:
    sharp, soft = (cut_out(GrabCut(), disc(128, 96), feather=feather).alpha.astype(int) for feather in (0, 6))
    assert (soft <= sharp).all()
    assert (soft == 255).sum() < (sharp == 255).sum()
    assert ((soft > 0) & (soft < 255)).sum() > 2 * ((sharp > 0) & (sharp < 255)).sum()


def test_a_blurred_edge_keeps_the_subjects_colour_and_not_the_grounds() -> None:
    alpha = np.clip(np.linspace(-900, 1155, 96), 0, 255).astype(np.uint8)[None].repeat(64, axis=0)
    share = alpha[..., None] / 255
    mixed = (np.array((220, 60, 30)) * share + np.array((40, 90, 200)) * (1 - share)).round().astype(np.uint8)
    colours = subject_colours(mixed, alpha)
    edge = (alpha > 40) & (alpha < 255)
    own, seen = (np.abs(picture[edge].astype(int) - (220, 60, 30)).mean() for picture in (colours, mixed))
    assert own < seen * 0.6


def test_strokes_of_another_size_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="strokes: 9 × 8 is not of the picture's size, 40 × 60"):
        cut_out(GrabCut(), disc(40, 60), np.zeros((8, 9), np.uint8))


def test_a_picture_worked_on_in_strips_gives_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    picture: Pixels = skimage.data.chelsea()
    monkeypatch.setattr(matting, "_EDGE_ROWS", 1000)
    whole = cut_out(GrabCut(), picture).rgba()
    monkeypatch.setattr(matting, "_EDGE_ROWS", 24)
    monkeypatch.setattr(matting, "_COLOUR_ROWS", 40)
    assert difference(cut_out(GrabCut(), picture).rgba(), whole) <= 1


@pytest.mark.parametrize(("side", "most_mb"), [(2000, 250), pytest.param(4096, 600, marks=pytest.mark.long)])
def test_a_large_picture_takes_little_more_memory_than_its_own(side: int, most_mb: float) -> None:
    """The largest that may be brought has 16 million pixels; it took several GB once, and the engine with it."""
    command = [sys.executable, "-c", GROWTH, str(side)]
    child = subprocess.run(command, capture_output=True, cwd=ROOT, check=True, timeout=300)
    assert float(child.stdout) < most_mb


def test_a_picture_without_a_subject_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="mark it with the brush"):
        cut_out(GrabCut(), np.full((64, 64, 3), 90, np.uint8))
