import re

import pytest

from generation import params
from generation.api import requests, schemas

pytestmark = pytest.mark.django_db


def test_bounds_are_those_that_count() -> None:
    fields = schemas.request_fields()

    assert fields["steps"]["minimum"] == params.STEPS_MIN
    assert fields["seed"]["maximum"] == params.SEED_MAX
    assert fields["guidanceScale"]["maximum"] == params.GUIDANCE_MAX
    assert (fields["width"]["minimum"], fields["width"]["maximum"], fields["width"]["multipleOf"]) == (96, 256, 32)


def test_only_models_that_are_here_are_named() -> None:
    named = schemas.request_fields()["model"]["anyOf"][0]["enum"]

    assert "starter" in named
    assert "openjourney" not in named


def test_every_field_but_the_prompt_may_be_null() -> None:
    shape = schemas.shapes()["DiffusionRequest"]

    assert shape["required"] == ["prompt"]
    assert all("null" in field["type"] for name, field in shape["properties"].items() if name != "prompt")
    assert shape["additionalProperties"] is False


def test_a_request_can_name_no_field_that_is_not_described() -> None:
    described = set(schemas.shapes()["DiffusionRequest"]["properties"])

    assert described == {"task", *schemas.request_fields(), *requests.ABOUT_FIELDS}


@pytest.mark.parametrize(("text", "fits"), [("a fox", True), (" a ", True), ("  ", False), ("", False), ("a\0", False)])
def test_a_prompt_says_something(text: str, fits: bool) -> None:
    pattern = schemas.request_fields()["prompt"]["pattern"]

    assert bool(re.search(pattern, text)) is fits
