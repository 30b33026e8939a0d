import pytest

from generation import params
from tests.generation.api.calling import PROMPT, make_program

pytestmark = pytest.mark.django_db


def test_every_name_is_listed_with_what_it_takes() -> None:
    models = {model["id"]: model for model in make_program().get("models").json()["models"]}

    alias = models["midjourney"]
    assert (alias["available"], alias["servedBy"]) == (True, "starter")
    assert alias["limits"]["numImagesMax"] == params.NUM_IMAGES_MAX
    assert alias["licence"]["name"] == "MIT"
    assert models["openjourney"]["available"] is False


def test_the_defaults_that_are_listed_are_those_that_count_and_cost() -> None:
    program = make_program()
    models = {model["id"]: model for model in program.get("models").json()["models"]}

    made = program.post("diffusions", PROMPT).json()

    for name, value in models["midjourney"]["defaults"].items():
        assert made["params"][name] == value
    assert made["cost"]["perImage"] == models["midjourney"]["prices"]["perImage"]
