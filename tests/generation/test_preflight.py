from typing import Any

import pytest
from django.core.files.storage import default_storage
from PIL import Image as Pillow
from PIL import ImageFilter

from generation import catalog, custom_models, preflight, uploads
from generation.errors import CustomModelRefused
from generation.models import CustomModel
from tests.generation.runs import make_person
from tests.generation.scenery import scene
from tests.generation.trained import draft
from tests.generation.uploads import png_of

pytestmark = pytest.mark.django_db


def with_pictures(*pictures: Pillow.Image, **facts: Any) -> CustomModel:
    model = draft(make_person(), **facts)
    for picture in pictures:
        custom_models.add_picture(model, uploads.keep(model.owner, png_of(picture)).upload)
    return model


def codes(model: CustomModel) -> list[list[str]]:
    """Return the codes of each picture's problems, as they were kept on it."""
    preflight.check(model)
    return [[problem["code"] for problem in picture.problems] for picture in model.pictures.all()]


def passes(report: preflight.Report) -> bool:
    return not report.fields and not report.num_blocked


GOOD = [scene(seed) for seed in range(5)]


def test_five_good_pictures_pass() -> None:
    model = with_pictures(*GOOD)
    report = preflight.check(model)
    assert passes(report)
    assert report.fields == []
    assert codes(model) == [[], [], [], [], []]


def test_a_picture_whose_file_is_lost_says_so_and_stops_it_though_it_was_measured_before() -> None:
    model = with_pictures(*GOOD)
    assert codes(model) == [[], [], [], [], []]
    lost = model.pictures.all()[1]
    default_storage.delete(lost.upload.file)
    assert codes(model) == [[], ["gone"], [], [], []]
    assert preflight.check(model).num_blocked == 1
    custom_models.remove_picture(lost)
    assert codes(model) == [[], [], [], []]


@pytest.mark.parametrize(("count", "words"), [(0, "there are none yet"), (1, "there is one"), (4, "there are 4")])
def test_too_few_pictures_are_refused_with_the_bounds(count: int, words: str) -> None:
    report = preflight.check(with_pictures(*GOOD[:count]))
    assert not passes(report)
    assert "5 to 30" in report.by_field["pictures"]
    assert words in report.by_field["pictures"]


def test_a_small_a_tiny_and_a_blurred_picture_say_so_and_only_the_last_two_stop_it() -> None:
    small, tiny = GOOD[1].resize((120, 100)), GOOD[2].resize((60, 60))
    model = with_pictures(GOOD[0], small, tiny, GOOD[3].filter(ImageFilter.GaussianBlur(12)), GOOD[4])
    assert codes(model) == [[], ["small"], ["too_small"], ["blurred"], []]
    report = preflight.check(model)
    assert report.num_blocked == 2
    assert not passes(report)
    problem = model.pictures.all()[2].problems[0]
    assert problem["message"] == "Too small: 60 × 60 pixels. Each side must have at least 64, better 128."


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: picture.resize((200, 200)),
        lambda picture: picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT),
        lambda picture: picture.point(lambda value: min(255, value + 12)),
        lambda picture: picture.crop((2, 2, 298, 298)),
    ],
    ids=["smaller", "mirrored", "brighter", "trimmed"],
)
def test_the_same_picture_in_another_dress_is_named_with_its_twin(change: Any) -> None:
    model = with_pictures(*GOOD, change(GOOD[2]))
    assert codes(model) == [[], [], [], [], [], ["duplicate"]]
    assert "picture 3" in model.pictures.all()[5].problems[0]["message"]


def test_a_part_of_another_picture_is_advice_on_the_part_alone() -> None:
    model = with_pictures(GOOD[1].crop((60, 60, 240, 240)), *GOOD)
    assert codes(model) == [["similar_crop"], [], [], [], [], []]
    assert "picture 3" in model.pictures.all()[0].problems[0]["message"]
    assert passes(preflight.check(model))


def test_taking_the_twin_out_mends_it() -> None:
    model = with_pictures(*GOOD, GOOD[0].resize((200, 200)))
    assert not passes(preflight.check(model))
    custom_models.remove_picture(model.pictures.get(position=0))
    assert passes(preflight.check(model))


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"trigger_word": "house"}, "trigger_word"),
        ({"trigger_word": ""}, "trigger_word"),
        ({"base_model": "withdrawn"}, "base_model"),
        ({"base_model": "stable-diffusion-xl"}, "base_model"),
        ({"base_model": "starter-fast"}, "base_model"),
        ({"base_model": "lanczos"}, "base_model"),
        ({"subject_class": "person"}, "consent"),
    ],
)
def test_a_draft_that_cannot_be_trained_says_where(facts: dict[str, str], field: str) -> None:
    report = preflight.check(with_pictures(*GOOD, **facts))
    assert [problem.field for problem in report.fields] == [field]
    assert not passes(report)


def test_consent_is_kept_with_its_words_and_time_and_can_be_taken_back() -> None:
    model = with_pictures(*GOOD, subject_class="person")
    custom_models.consent(model, preflight.CONSENT_TEXT)
    model.refresh_from_db()
    assert model.consent_text == preflight.CONSENT_TEXT
    assert model.consented_at is not None
    assert passes(preflight.check(model))
    custom_models.consent(model, "")
    assert not passes(preflight.check(model))


def test_a_picture_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = with_pictures(*GOOD)
    preflight.check(model)
    monkeypatch.delattr("generation.storage.read")
    assert passes(preflight.check(model))


def test_what_can_be_trained_draws_from_words_and_the_installed_come_first() -> None:
    able = preflight.trainable()
    assert able[0].slug == "starter"
    assert "starter-fast" not in [model.slug for model in able]
    assert {model.family for model in able} == {"stable-diffusion", "stable-diffusion-xl"}
    assert not preflight.is_trainable(catalog.MODELS["lanczos"])


# --- Once more, behind the draft's lock ------------------------------------------------------------------


def test_what_was_looked_at_and_is_still_so_is_confirmed() -> None:
    model = with_pictures(*GOOD)
    preflight.confirm(preflight.check(model), model)


def test_a_picture_that_comes_or_is_said_otherwise_after_the_look_is_not_confirmed() -> None:
    model = with_pictures(*GOOD)
    report = preflight.check(model)
    custom_models.caption(model.pictures.all()[0], "on a beach")
    with pytest.raises(CustomModelRefused, match="were changed") as refused:
        preflight.confirm(report, model)
    assert refused.value.field == "form"

    report = preflight.check(model)
    custom_models.add_picture(model, uploads.keep(model.owner, png_of(GOOD[0].resize((40, 40)))).upload)
    with pytest.raises(CustomModelRefused, match="were changed"):
        preflight.confirm(report, model)


def test_consent_that_is_taken_back_after_the_look_is_not_confirmed() -> None:
    model = with_pictures(*GOOD, subject_class="person")
    custom_models.consent(model, preflight.CONSENT_TEXT)
    report = preflight.check(model)
    assert passes(report)
    custom_models.consent(model, "")
    with pytest.raises(CustomModelRefused) as refused:
        preflight.confirm(report, model)
    assert refused.value.field == "consent"


def test_pictures_that_must_be_mended_are_not_confirmed() -> None:
    model = with_pictures(*GOOD, GOOD[0].resize((40, 40)))
    with pytest.raises(CustomModelRefused, match="1 picture must be mended"):
        preflight.confirm(preflight.check(model), model)
