"""Each task's own settings in words, as a real request of it stores them."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.utils import translation

from generation import params
from generation.setting_words import own_settings
from getimg_site import pseudo_locale
from tests.generation.params.test_edit import values_for
from tests.generation.runs import make_person
from tests.generation.test_catalog import install

pytestmark = pytest.mark.django_db

GUIDED = {"model": "dreamshaper-8"}
SAID = [
    ("image-to-image", {"strength": 0.45}, ["Strength 0.45"]),
    ("variations", {"mode": "strong"}, ["Strong"]),
    ("inpaint", {"feather": 3}, ["Strength 1", "Soft edge 3 px"]),
    ("outpaint", {"right": 64, "top": 0, "feather": 16}, ["Soft edge 16 px", "Right + 64 px"]),
    ("blend", {"weights": "1,3"}, ["Strength 0.5", "Weights 25% : 75%", "By shapes and colours (latents)"]),
    ("remove-background", {}, ["Soft edge 1 px"]),
    ("replace-background", {"feather": 2}, ["Soft edge 2 px"]),
    ("upscale", {"factor": 4}, ["Enlarged × 4"]),
    ("instruct", {}, ["Image guidance 1.5"]),
    ("controlnet", GUIDED, ["Guided by edges", "Strictness 1", "Thresholds 100 and 200"]),
    ("controlnet", {**GUIDED, "is_map": True}, ["Guided by edges, as brought", "Strictness 1"]),
    ("blend", GUIDED, ["Strength 0.5", "Weights 50% : 50%", "By what the pictures are of (IP-Adapter)"]),
]


@pytest.mark.parametrize(("task", "values", "said"), SAID)
def test_a_tasks_own_settings_are_said(
    task: str, values: dict[str, object], said: list[str], settings: LazySettings, tmp_path: Path
) -> None:
    settings.MODELS_DIR = tmp_path
    install(tmp_path, "dreamshaper-8", "controlnet-canny", "ip-adapter", "instruct-pix2pix")
    user = make_person()
    stored = params.parse(task, {**values_for(task, user), **values}, user).as_dict()

    assert own_settings(task, stored) == said


def test_every_task_that_begins_from_pictures_says_something() -> None:
    assert {task for task, _, _ in SAID} == params.EDITS.keys() - {"image-to-video"}


def test_words_alone_have_none() -> None:
    user = make_person()
    assert own_settings("text-to-image", params.parse("text-to-image", {"prompt": "a fox"}, user).as_dict()) == []


def test_the_mode_of_variations_is_in_the_readers_language() -> None:
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        assert own_settings("variations", {"mode": "strong"}) == [pseudo_locale.pseudo("Strong")]
