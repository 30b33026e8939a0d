from typing import Any

import pytest

from generation.errors import InvalidParams
from generation.models import ModelAlias
from generation.params import PROMPT_MAX_LENGTH, SEED_MAX, TextToImageParams, parse_text_to_image

pytestmark = pytest.mark.django_db


def parse(**values: Any) -> TextToImageParams:
    return parse_text_to_image({"prompt": "a red fox", **values})


def refusal(**values: Any) -> dict[str, str]:
    with pytest.raises(InvalidParams) as caught:
        parse(**values)
    return {error.field: error.message for error in caught.value.errors}


def test_absent_fields_take_the_models_defaults() -> None:
    params = parse()

    assert (params.model, params.width, params.height) == ("starter", 128, 128)
    assert (params.num_images, params.num_inference_steps, params.guidance_scale) == (1, 25, 2.5)
    assert params.seed is None


def test_text_from_a_form_is_read_like_numbers_from_json() -> None:
    form = parse(num_images="4", steps="10", guidance_scale="2.5", seed="7", size="128x96")
    body = parse(num_images=4, steps=10, guidance_scale=2.5, seed=7, width=128, height=96)

    assert form == body


def test_prompt_is_stripped_and_kept() -> None:
    assert parse(prompt="  ein Löwe 🦁 ").prompt == "ein Löwe 🦁"


@pytest.mark.parametrize(
    ("values", "field", "facts"),
    [
        ({"prompt": ""}, "prompt", ("Describe",)),
        ({"prompt": "   "}, "prompt", ("Describe",)),
        ({"prompt": "x" * (PROMPT_MAX_LENGTH + 1)}, "prompt", (str(PROMPT_MAX_LENGTH + 1), str(PROMPT_MAX_LENGTH))),
        ({"prompt": "a\x00b"}, "prompt", ("null character",)),
        ({"prompt": 5}, "prompt", ("must be text",)),
        ({"negative_prompt": "x" * 2000}, "negative_prompt", ("2000", str(PROMPT_MAX_LENGTH))),
        ({"num_images": "0"}, "num_images", ("0", "1", "10")),
        ({"num_images": "11"}, "num_images", ("11", "1", "10")),
        ({"num_images": "two"}, "num_images", ("two", "whole number")),
        ({"num_images": 2.5}, "num_images", ("2.5",)),
        ({"num_images": True}, "num_images", ("True",)),
        ({"num_images": "٣"}, "num_images", ("whole number",)),
        ({"steps": "0"}, "steps", ("0", "1", "100")),
        ({"steps": "101"}, "steps", ("101", "100")),
        ({"steps": "9" * 5000}, "steps", ("whole number",)),
        ({"guidance_scale": "21"}, "guidance_scale", ("21", "0", "20")),
        ({"guidance_scale": "nan"}, "guidance_scale", ("nan",)),
        ({"guidance_scale": "-1"}, "guidance_scale", ("-1",)),
        ({"seed": "-1"}, "seed", ("-1", str(SEED_MAX))),
        ({"seed": str(SEED_MAX + 1)}, "seed", (str(SEED_MAX + 1), str(SEED_MAX))),
        ({"scheduler": "magic"}, "scheduler", ("magic", "ddim")),
        ({"size": "127x128"}, "size", ("127", "32")),
        ({"size": "64x128"}, "size", ("64", "96", "256")),
        ({"size": "128"}, "size", ("128", "128x128")),
        ({"width": 129, "height": 128}, "width", ("129", "32")),
        ({"width": 128, "height": 10**30}, "height", ("over 20 digits", "256")),
        ({"model": "nonsense"}, "model", ("nonsense",)),
        ({"model": "startr"}, "model", ("startr", "starter")),
        ({"model": "stable-diffusion-xl"}, "model", ("not installed",)),
    ],
)
def test_a_value_out_of_bounds_is_refused_with_field_value_and_bound(
    values: dict[str, Any], field: str, facts: tuple[str, ...]
) -> None:
    errors = refusal(**values)

    assert set(errors) == {field}
    for fact in facts:
        assert fact in errors[field]


def test_every_wrong_field_is_named_at_once() -> None:
    assert set(refusal(prompt="", num_images=0, steps=0, seed=-1)) == {"prompt", "num_images", "steps", "seed"}


def test_an_empty_prompt_passes_where_only_a_price_is_asked() -> None:
    assert parse_text_to_image({"prompt": ""}, require_prompt=False).prompt == ""


def test_an_alias_is_served_by_its_model_openly() -> None:
    ModelAlias.objects.update_or_create(slug="midjourney", defaults={"target": "starter"})

    params = parse(model="midjourney")

    assert params.model == "midjourney"
    assert params.served().model.slug == "starter"


def test_fingerprints_are_equal_for_equal_requests_only() -> None:
    assert parse(num_images="2").fingerprint() == parse(num_images=2).fingerprint()
    assert parse(num_images=2).fingerprint() != parse(num_images=3).fingerprint()


def test_runs_share_a_pass_whatever_their_prompts_and_seeds() -> None:
    first, second = parse(prompt="a fox", seed=1), parse(prompt="an owl", seed=2, num_images=3)

    assert first.batch_key("starter") == second.batch_key("starter")
    assert first.batch_key("starter") != parse(steps=24).batch_key("starter")
