import pytest
from django.http import QueryDict

from accounts.models import User
from billing.errors import InsufficientCredits
from generation import edit_forms
from generation.errors import InvalidParams, SourceGone


def test_the_form_is_read_without_what_is_about_it() -> None:
    form = edit_forms.typed(QueryDict("task=blend&key=k&csrfmiddlewaretoken=t&images=a&images=b&prompt=a+fox"))
    assert (form.task, form.key) == ("blend", "k")
    assert form.values == {"images": ["a", "b"], "prompt": "a fox"}


def test_a_form_without_a_key_gets_one_and_a_long_one_is_cut() -> None:
    assert edit_forms.typed(QueryDict("task=blend")).key
    assert len(edit_forms.typed(QueryDict(f"key={'k' * 99}")).key) == 64


def test_an_unknown_task_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidParams, match="or image-to-video") as caught:
        edit_forms.typed(QueryDict("task=fly")).params(User())
    assert edit_forms.refusals(caught.value)["errors"][0]["field"] == "task"


def test_what_no_field_caused_is_the_forms() -> None:
    for error in (SourceGone(), InsufficientCredits(2, 1)):
        [refused] = edit_forms.refusals(error)["errors"]
        assert refused["field"] == edit_forms.WHOLE_FORM
        assert refused["message"].endswith(".")


def test_a_tools_settings_are_kept_without_what_belongs_to_one_picture() -> None:
    form = QueryDict("task=outpaint&left=64&feather=4&image=upload:1&seed=3&prompt=a+lake&steps=&model=starter")

    assert edit_forms.settings_of(form) == {"task": "outpaint", "feather": "4", "model": "starter"}
    assert edit_forms.settings_of(QueryDict("task=fly&feather=4")) == {}
