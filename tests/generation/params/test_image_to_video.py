"""A video's settings and its price."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import User
from generation import catalog, params, pricing
from generation.errors import FieldError, InvalidParams
from generation.params.image_to_video import ImageToVideoParams
from tests.generation.runs import finished, make_person
from tests.generation.uploads import brought

pytestmark = pytest.mark.django_db
TASK = "image-to-video"


@pytest.fixture
def user() -> User:
    return make_person()


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[None]:
    """Have both models for videos installed, as far as the catalogue can tell."""
    for slug in ("stable-video-diffusion", "ltx-video"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "model_index.json").write_text("{}")
    with override_settings(MODELS_DIR=tmp_path):
        yield


def read(user: User, **values: Any) -> ImageToVideoParams:
    values.setdefault("image", brought(user).reference)
    found = params.parse(TASK, values, user)
    assert isinstance(found, ImageToVideoParams)
    return found


def refusal(user: User, **values: Any) -> FieldError:
    with pytest.raises(InvalidParams) as caught:
        read(user, **values)
    (error,) = caught.value.errors
    return error


def test_a_picture_alone_is_enough(user: User) -> None:
    wanted = read(user)
    assert (wanted.model, wanted.frames, wanted.fps, wanted.motion) == ("starter", 48, 16, 0.5)
    assert (wanted.num_images, wanted.num_inference_steps, wanted.scheduler, wanted.prompt) == (1, 25, "ddim", "")
    assert wanted.result_size == (wanted.width, wanted.height) == (128, 96)
    assert pricing.quote(wanted).credits == 12


@pytest.mark.parametrize(
    ("values", "frames", "credits"),
    [
        ({"seconds": 0.5}, 8, 12),
        ({"seconds": 3}, 48, 12),
        ({"seconds": 3.1}, 50, 13),
        ({"seconds": 6}, 96, 24),
        ({"seconds": 10}, 160, 40),
        ({"seconds": 3, "fps": 30}, 90, 23),
        ({"seconds": 12, "fps": 8}, 96, 24),
        ({"fps": 8}, 24, 12),
    ],
)
def test_a_longer_video_costs_more_and_a_shorter_the_same(
    user: User, values: dict[str, Any], frames: int, credits: int
) -> None:
    wanted = read(user, **values)
    assert wanted.frames == frames
    quote = pricing.quote(wanted)
    assert quote.credits == credits
    assert ("Length" in {term.name for term in quote.notable_terms}) == (credits > 12)


def test_every_shape_of_picture_costs_the_same(user: User) -> None:
    for width, height in ((400, 300), (300, 400), (100, 160), (500, 500)):
        assert pricing.quote(read(user, image=brought(user, width, height).reference)).credits == 12


def test_the_words_are_the_picture_s_own_where_none_are_given(user: User) -> None:
    image = finished(user, prompt="a red fox", num_images=1).images.get()
    assert read(user, image=f"image:{image.pk}").prompt == "a red fox"
    assert read(user, image=f"image:{image.pk}", prompt="a fox in snow").prompt == "a fox in snow"


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"image": ""}, "image", "Choose a picture."),
        ({"end_image": "upload:00000000-0000-0000-0000-000000000000"}, "end_image", "not there"),
        ({"seconds": 0.4}, "seconds", "from 0.5 to 12"),
        ({"seconds": 12.1}, "seconds", "from 0.5 to 12"),
        ({"seconds": 11}, "seconds", "176 frames; Starter draws up to 160, which are 10 seconds"),
        ({"fps": 31}, "fps", "from 4 to 30"),
        ({"fps": "many"}, "fps", "not a whole number"),
        ({"motion": 1.5}, "motion", "from 0 to 1"),
        ({"motion": "nan"}, "motion", "from 0 to 1"),
        ({"seed": -1}, "seed", "not a valid seed"),
        ({"model": "starter-fast"}, "model", "can't do this: image to video"),
        ({"model": "stable-video-diffusion"}, "model", "not installed"),
        ({"prompt": "x" * 1001}, "prompt", "1001 characters"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(user: User, values: dict[str, Any], field: str, words: str) -> None:
    error = refusal(user, **values)
    assert error.field == field
    assert words in error.message


def test_another_s_picture_is_not_there(user: User) -> None:
    other = brought(make_person("bob@example.com"))
    assert refusal(user, image=other.reference).code == "picture_gone"
    assert refusal(user, end_image=other.reference).field == "end_image"


@pytest.mark.usefixtures("installed")
def test_models_for_videos_come_first_and_have_their_own_bounds(user: User) -> None:
    assert catalog.default_for(TASK) == "ltx-video"
    ltx = read(user)
    assert (ltx.model, ltx.frames, ltx.fps, ltx.scheduler) == ("ltx-video", 97, 24, "flow-euler")
    assert read(user, seconds=2).frames == 49
    svd = read(user, model="stable-video-diffusion")
    assert (svd.frames, svd.fps, svd.scheduler, svd.prompt) == (25, 7, "euler", "")
    assert pricing.quote(svd).credits == pricing.quote(ltx).credits == 12
    assert refusal(user, model="stable-video-diffusion", prompt="a fox").field == "prompt"
    assert refusal(user, model="stable-video-diffusion", end_image=brought(user, seed=2).reference).field == "end_image"
    assert "25, which are 3.6 seconds" in refusal(user, model="stable-video-diffusion", seconds=4).message
    stored = svd.as_dict()
    assert params.parse(TASK, params.values_of(TASK, stored), user) == svd


def test_a_video_shares_no_pass(user: User) -> None:
    wanted = read(user)
    assert wanted.batch_key("starter") != wanted.batch_key("starter")
    assert wanted.fingerprint() == replace(wanted).fingerprint()
