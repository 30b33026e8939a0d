"""What looks at pictures: bounds, settings, and NudeNet itself on photographs that nobody minds."""

import importlib.util
from typing import Any

import numpy as np
import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from PIL import Image
from skimage import data

from generation import image_check
from generation.image_check import Sight

has_nudenet = pytest.mark.skipif(importlib.util.find_spec("nudenet") is None, reason="the extra “moderation”")


def test_without_a_classifier_nothing_is_looked_at() -> None:
    assert not image_check.is_on()
    assert image_check.engines_tool() is None
    assert image_check.look(np.zeros((8, 8, 3), np.uint8)) == {}


def test_bounds_are_the_operators_and_what_endangers_children_comes_first(settings: LazySettings) -> None:
    assert image_check.verdict({}) is None
    assert image_check.verdict({"sexual": 0.49, "minors": 0.39}) is None
    assert image_check.verdict({"sexual": 0.9}) == Sight("sexual", 0.9)
    assert image_check.verdict({"sexual": 0.9, "minors": 0.4}) == Sight("minors", 0.4)
    settings.MODERATION_IMAGE_THRESHOLDS = ["sexual:0.95", "minors:0.3"]
    assert image_check.verdict({"sexual": 0.9}) is None
    assert image_check.verdict({"minors": 0.3}) == Sight("minors", 0.3)


@pytest.mark.parametrize("change", ["sexual", "sexual:x", "sexual:0", "sexual:2", "cats:0.5", "minors:0.41"])
def test_bounds_that_make_no_sense_are_refused(change: str, settings: LazySettings) -> None:
    settings.MODERATION_IMAGE_THRESHOLDS = [change]
    with pytest.raises(ImproperlyConfigured):
        image_check.verdict({})
    assert image_check.problems()


def test_a_classifier_that_is_not_here_is_found_at_the_start(settings: LazySettings) -> None:
    settings.MODERATION_IMAGES = "safety-checker"
    assert "download_model safety-checker" in image_check.problems()[0]
    settings.MODERATION_IMAGES = "crystal-ball"
    assert "crystal-ball" in image_check.problems()[0]


@has_nudenet
def test_nudenet_lets_photographs_of_everyday_things_pass(settings: LazySettings) -> None:
    settings.MODERATION_IMAGES = "nudenet"
    assert image_check.problems() == []
    names = ("astronaut", "chelsea", "coffee", "rocket", "retina", "hubble_deep_field", "immunohistochemistry")
    photographs = {name: getattr(data, name)() for name in names}
    scores = {name: image_check.look(pixels)["sexual"] for name, pixels in photographs.items()}
    print(scores)

    assert all(image_check.verdict({"sexual": score}) is None for score in scores.values())


@has_nudenet
def test_nudenet_sees_a_face_so_it_does_look(settings: LazySettings) -> None:
    detector = image_check.NudeNet()._detector
    found = {one["class"] for one in detector.detect(np.ascontiguousarray(data.astronaut()[..., ::-1]))}
    assert "FACE_FEMALE" in found


@has_nudenet
def test_nudenet_sees_what_is_drawn_by_transparency_alone(settings: LazySettings, monkeypatch: Any) -> None:
    settings.MODERATION_IMAGES = "nudenet"
    faces = image_check.NudeNet({"sexual": frozenset({"FACE_FEMALE", "FACE_MALE"})})
    monkeypatch.setattr(image_check, "_nudenet", lambda: faces)
    grey = np.asarray(Image.fromarray(data.astronaut()).convert("L"))
    black = np.zeros((*grey.shape, 3), np.uint8)

    assert image_check.look(black)["sexual"] < 0.2
    assert image_check.look(np.dstack([black, 255 - grey]))["sexual"] > 0.5


@has_nudenet
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 400, 3), (64, 48, 4), (7, 32, 40, 3)])
def test_any_shape_can_be_looked_at(shape: tuple[int, ...], settings: LazySettings) -> None:
    settings.MODERATION_IMAGES = "nudenet"
    assert image_check.look(np.full(shape, 127, np.uint8)) == {"sexual": 0.0}
