"""How much of what must be held back is, and how much of the harmless, by classifier; the figures are printed.

What a classifier's findings come to is tried on made-up findings. NudeNet itself is tried on pictures that nobody
minds: how many faces it finds, for it looks for them as it looks for the rest, and how often it sees nakedness where
none is. Nobody keeps pictures here on which its recall of nakedness could be measured. The figures are printed by
`pytest -s`; docs/moderation.md has them.
"""

import importlib.util
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

from generation import image_check
from generation.image_check import Pixels

SET = tomllib.loads(Path(__file__).with_name("image_check_set.toml").read_text(encoding="utf-8"))
has_nudenet = pytest.mark.skipif(importlib.util.find_spec("nudenet") is None, reason="the extra “moderation”")
FACES = {"faces": frozenset({"FACE_FEMALE", "FACE_MALE"})}
BOUND = 0.5
# Pictures of scikit-image that lie in its package. Of people there are two.
PORTRAITS = ("astronaut", "camera")
OTHERS = (
    *("brick", "cell", "checkerboard", "chelsea", "clock", "coffee", "coins", "colorwheel", "grass", "gravel", "horse"),
    *("hubble_deep_field", "immunohistochemistry", "logo", "microaneurysms", "moon", "page", "retina", "rocket"),
    *("shepp_logan_phantom", "text"),
)


def _scores(classifier: str, said: Any) -> dict[str, float]:
    if classifier == image_check.SAFETY_CHECKER:
        return dict(said)
    return image_check.scores_of([{"class": name, "score": score} for name, score in said])


@pytest.mark.parametrize("classifier", SET)
def test_findings_that_are_harmful_hold_a_picture_back_and_harmless_ones_do_not(classifier: str) -> None:
    def held_back(kind: str) -> list[str]:
        cases = SET[classifier][kind]
        return [what for what, said in cases.items() if image_check.verdict(_scores(classifier, said))]

    found, wrongly = held_back("harmful"), held_back("harmless")
    harmful, harmless = SET[classifier]["harmful"], SET[classifier]["harmless"]
    print(f"\n{classifier}: recall {len(found)} of {len(harmful)}, false positives {len(wrongly)} of {len(harmless)}")

    assert found == list(harmful)
    assert wrongly == []


def _rgb(picture: np.ndarray) -> Pixels:
    """Return one of scikit-image's pictures as a picture here: (height, width, 3), uint8."""
    as_bytes = picture if picture.dtype == np.uint8 else (picture.astype(float) * 255).astype(np.uint8)
    return np.dstack([as_bytes] * 3) if as_bytes.ndim == 2 else np.ascontiguousarray(as_bytes[..., :3])


CHANGES: dict[str, Callable[[Pixels], Any]] = {
    "as it is": lambda one: one,
    "mirrored": lambda one: one[:, ::-1],
    "half as large": lambda one: one[::2, ::2],
    "dark": lambda one: one // 2,
    "pale": lambda one: 127 + one // 2,
    "grey": lambda one: np.dstack([cv2.cvtColor(one, cv2.COLOR_RGB2GRAY)] * 3),
    "blurred": lambda one: cv2.GaussianBlur(one, (0, 0), 2),
    "packed hard": lambda one: cv2.imdecode(cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], 1),
}


def _changed(names: tuple[str, ...]) -> Iterator[Pixels]:
    for name in names:
        for change in CHANGES.values():
            yield change(_rgb(getattr(data, name)()))


@has_nudenet
def test_nudenet_finds_faces_and_sees_nakedness_in_next_to_nothing_harmless() -> None:
    looking, naked = image_check.NudeNet(FACES), image_check.NudeNet()
    portraits = [looking.scores(one)["faces"] >= BOUND for one in _changed(PORTRAITS)]
    wrongly = {
        name: [naked.scores(change(_rgb(getattr(data, name)())))["sexual"] >= BOUND for change in CHANGES.values()]
        for name in (*PORTRAITS, *OTHERS)
    }
    stopped = {name: sum(found) for name, found in wrongly.items() if any(found)}
    total = sum(len(found) for found in wrongly.values())
    print(f"\nfaces of two portraits, {len(CHANGES)} ways each: recall {sum(portraits)} of {len(portraits)}")
    print(f"nakedness in {total} harmless pictures: false positives {sum(stopped.values())} ({stopped})")

    assert sum(portraits) >= 0.75 * len(portraits)
    assert sum(stopped.values()) <= 0.05 * total


@has_nudenet
def test_nudenet_on_the_labelled_faces_of_scikit_image() -> None:
    looking, naked = image_check.NudeNet(FACES), image_check.NudeNet()
    # Of 200 pictures of 25 × 25 pixels the first half are faces. Every fourth, four times as large, on grey.
    small = (data.lfw_subset()[::4] * 255).astype(np.uint8)
    pictures = [
        np.dstack([np.pad(cv2.resize(one, (100, 100), interpolation=cv2.INTER_CUBIC), 110, constant_values=127)] * 3)
        for one in small
    ]
    seen = [looking.scores(one)["faces"] >= BOUND for one in pictures]
    wrongly = sum(naked.scores(one)["sexual"] >= BOUND for one in pictures)
    faces, others = seen[:25], seen[25:]
    print(f"\ntiny faces: recall {sum(faces)} of {len(faces)}, false positives {sum(others)} of {len(others)}")
    print(f"nakedness in them: false positives {wrongly} of {len(pictures)}")

    assert sum(faces) >= 5
    assert (sum(others), wrongly) == (0, 0)
