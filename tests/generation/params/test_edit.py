"""Every task's settings: what is taken, what is refused, and how large the result is."""

from typing import Any

import pytest
from django.utils import translation

from accounts.models import User
from generation import params, pricing
from generation.engine.options import OPTIONS, BlendOptions, InpaintOptions, VariationsOptions
from generation.errors import FieldError, InvalidParams
from generation.models import Upload
from getimg_site import pseudo_locale
from tests.generation.runs import make_person
from tests.generation.uploads import brought, masked

pytestmark = pytest.mark.django_db
# No model that does these ships with the project.
NEED_MODELS = {"instruct", "controlnet"}


@pytest.fixture
def user() -> User:
    return make_person()


def values_for(task: str, user: User) -> dict[str, Any]:
    """Return what makes a good request for a task."""
    picture = brought(user).reference
    more: dict[str, dict[str, Any]] = {
        "inpaint": {"mask": masked(user).reference},
        "outpaint": {"right": 40},
        "blend": {"images": f"{picture},{brought(user, seed=2).reference}"},
    }
    own = more.get(task, {})
    words = {} if task in ("upscale", "remove-background") else {"prompt": "a red fox"}
    return {**({} if task == "blend" else {"image": picture}), **words, **own}


def refusal(task: str, user: User, **changes: Any) -> FieldError:
    values = {**values_for(task, user), **changes}
    with pytest.raises(InvalidParams) as caught:
        params.parse(task, values, user)
    assert len(caught.value.errors) == 1, caught.value
    return caught.value.errors[0]


@pytest.mark.parametrize("task", sorted(params.EDITS.keys() - NEED_MODELS))
def test_a_task_is_read_kept_and_read_again(task: str, user: User) -> None:
    wanted = params.parse(task, values_for(task, user), user)

    stored = wanted.as_dict()
    again = params.parse(task, params.values_of(task, stored), user)
    assert again == wanted
    assert params.options_of(task, stored) == wanted.options()
    assert type(wanted.options()) is OPTIONS[task]
    wanted.options().check_roles(tuple(picture.role for picture in wanted.inputs()))
    assert pricing.quote(wanted).credits >= 1


def test_every_task_of_the_engine_has_settings() -> None:
    assert params.FIELDS.keys() == OPTIONS.keys() == pricing.TASK_WEIGHTS.keys()


@pytest.mark.parametrize("task", sorted(NEED_MODELS))
def test_a_task_without_a_model_says_so(task: str, user: User) -> None:
    error = refusal(task, user)
    assert error.field == "model"
    assert "installed" in error.message


@pytest.mark.parametrize(
    ("task", "changes", "words"),
    [
        ("image-to-image", {"prompt": ""}, "Describe what you want to see."),
        ("inpaint", {"prompt": ""}, "Describe what should be there."),
        ("replace-background", {"prompt": ""}, "Describe the new background."),
        ("image-to-image", {"strength": "much"}, "strength"),
        ("image-to-image", {"steps": "0"}, "steps"),
        ("variations", {"mode": "wild"}, "mode"),
        ("outpaint", {"right": "4097"}, "pixels"),
    ],
)
def test_a_refusal_is_wholly_in_the_readers_language(
    task: str, changes: dict[str, Any], words: str, user: User
) -> None:
    pseudo_locale.install()
    with translation.override(pseudo_locale.CODE):
        assert pseudo_locale.pseudo(words) in refusal(task, user, **changes).message


def test_sizes_follow_the_picture(user: User) -> None:
    sizes = {}
    for task in params.EDITS.keys() - NEED_MODELS:
        wanted = params.parse(task, values_for(task, user), user)
        sizes[task] = (wanted.width, wanted.height), wanted.result_size
    assert sizes["image-to-image"] == sizes["variations"] == sizes["blend"] == ((128, 96), (128, 96))
    assert sizes["inpaint"] == sizes["replace-background"] == ((128, 96), (160, 120))
    assert sizes["outpaint"] == ((160, 96), (200, 120))
    assert sizes["remove-background"] == ((160, 120), (160, 120))
    assert sizes["upscale"] == ((160, 120), (320, 240))


def test_defaults_are_the_documented_ones(user: User) -> None:
    inpaint = params.parse("inpaint", values_for("inpaint", user), user)
    blend = params.parse("blend", values_for("blend", user), user)
    variations = params.parse("variations", values_for("variations", user), user)
    assert inpaint.options() == InpaintOptions(1.0, 8)
    assert blend.options() == BlendOptions((0.5, 0.5), 0.5)
    assert variations.options() == VariationsOptions(0.35)


@pytest.mark.parametrize(
    ("task", "changes", "field", "words"),
    [
        ("image-to-image", {"image": ""}, "image", "Choose a picture"),
        ("image-to-image", {"image": "picture.png"}, "image", "does not name a picture"),
        ("image-to-image", {"image": f"upload:{'0' * 32}"}, "image", "is not there"),
        ("image-to-image", {"strength": "0"}, "strength", "0.05 to 1"),
        ("image-to-image", {"strength": "much"}, "strength", "0.05 to 1"),
        ("image-to-image", {"prompt": ""}, "prompt", "Describe"),
        ("image-to-image", {"model": "lanczos"}, "model", "can't do this"),
        ("inpaint", {"mask": ""}, "mask", "Paint over"),
        ("inpaint", {"feather": "201"}, "feather", "0 to 200"),
        ("outpaint", {"right": "0"}, "right", "Nothing is added"),
        ("outpaint", {"right": "4097"}, "right", "0 to 4096"),
        ("outpaint", {"left": "-1"}, "left", "0 to 4096"),
        ("blend", {"images": ""}, "images", "2 to 4 pictures; 0 came"),
        ("blend", {"weights": "1"}, "weights", "one for each"),
        ("blend", {"weights": "1,zero"}, "weights", "0.01 to 100"),
        ("blend", {"weights": "1,-1"}, "weights", "0.01 to 100"),
        ("upscale", {"factor": "3"}, "factor", "2 or 4"),
        ("upscale", {"model": "starter"}, "model", "Choose starter-upscaler or lanczos"),
        ("variations", {"mode": "wild"}, "mode", "subtle or strong"),
    ],
)
def test_what_is_wrong_is_said_with_its_bound(
    task: str, changes: dict[str, Any], field: str, words: str, user: User
) -> None:
    error = refusal(task, user, **changes)
    assert error.field == field
    assert words in error.message


def test_the_price_follows_the_task(user: User) -> None:
    def credits(task: str, **changes: Any) -> int:
        return pricing.quote(params.parse(task, {**values_for(task, user), **changes}, user)).credits_per_image

    large = brought(user, 40, 40)
    Upload.objects.filter(pk=large.pk).update(width=1024, height=1024)
    assert credits("image-to-image") == 1
    assert credits("replace-background") == 2
    assert credits("upscale", image=large.reference) == 1
    assert credits("upscale", image=large.reference, factor="4") == 4
    terms = {
        term.name: term.detail
        for term in pricing.quote(params.parse("upscale", values_for("upscale", user), user)).terms
    }
    assert (terms["Tool"], terms["Factor"]) == ("Upscale", "× 2")
