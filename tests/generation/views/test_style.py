import pytest

from generation import presets
from tests.generation.runs import make_person
from tests.visitors import HTMX, visitor

pytestmark = pytest.mark.django_db

STYLE = "/create/style/"


def test_anonymous_people_are_sent_to_the_login() -> None:
    assert visitor().post(STYLE, {"style": "oil"}, headers=HTMX)["HX-Redirect"].startswith("/accounts/login/")


def test_the_fields_become_what_the_style_says() -> None:
    values = {"style": "watercolour", "prompt": " a fox ", "negative_prompt": "rain"}

    assert visitor(make_person()).post(STYLE, values).json() == {
        "prompt": "watercolour of a fox, loose washes on rough paper, soft edges",
        "negative_prompt": "rain, photograph, hard outlines, text",
        "settings": {},
    }


def test_without_a_style_the_one_that_is_on_is_taken_off() -> None:
    answer = visitor(make_person()).post(STYLE, {"style": "", "prompt": "a fox on a white background"})

    assert answer.json()["prompt"] == "a fox"


def test_a_preset_brings_its_settings_to_its_owner_alone() -> None:
    person = make_person()
    made = presets.save(person, {"name": "Mine", "prompt": "my fox", "settings": {"size": "160x96"}})

    assert visitor(person).post(STYLE, {"style": made.pk, "prompt": "x"}).json() == {
        "prompt": "my fox",
        "negative_prompt": "",
        "settings": {"size": "160x96"},
    }
    assert visitor(make_person("bob@example.com")).post(STYLE, {"style": made.pk}).status_code == 404


def test_a_style_needs_a_prompt_to_go_around() -> None:
    answer = visitor(make_person()).post(STYLE, {"style": "oil", "prompt": "  "})

    assert answer.status_code == 422
    assert "first" in answer.json()["error"]
