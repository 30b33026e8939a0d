import pytest
from django.http import QueryDict

from generation import custom_models, own_models
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready

pytestmark = pytest.mark.django_db


def test_boxes_and_weights_are_one_text() -> None:
    data = QueryDict("lora=a&lora=b&lora_weight_a=0.5&lora_weight_c=2")
    assert own_models.text_of(data) == "a:0.5,b:1"
    assert own_models.text_of(QueryDict("prompt=fox")) == ""
    assert own_models.text_of({"loras": "a:2"}) == "a:2"


def test_a_runs_settings_are_the_same_text() -> None:
    assert own_models.text_of_run({"loras": [{"id": "a", "weight": 0.5}, {"id": "b", "weight": 1.0}]}) == "a:0.5,b:1"
    assert own_models.text_of_run({}) == ""


def test_choices_are_what_can_be_used_with_what_was_chosen() -> None:
    user = make_person()
    first, second = ready(user), ready(user, trigger_word="other")
    draft(user, trigger_word="third3")
    found = own_models.choices(own_models.usable(user), f"{first.pk}:0.5", "starter")
    assert [(one.model, one.is_chosen, one.weight) for one in found] == [(second, False, "1"), (first, True, "0.5")]
    assert found[0].base_name == "Starter"
    assert own_models.choices(own_models.usable(user), "", "starter-fast") == []
    assert own_models.usable(make_user()) == []


def test_what_can_be_chosen_no_more_is_left_out() -> None:
    user = make_person()
    first, second = ready(user), ready(user, trigger_word="other")
    text = f"{first.pk}:0.5,{second.pk}:1"
    custom_models.delete(first)
    assert own_models.fitting(text, own_models.choices(own_models.usable(user), text)) == f"{second.pk}:1"
