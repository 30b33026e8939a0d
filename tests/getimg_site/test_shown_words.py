"""Names and wishes that others read."""

import pytest
from django.core.exceptions import ValidationError

from accounts.forms import ProfileForm
from generation.models import ModerationCase
from getimg_site import shown_words
from getimg_site.models import Wish
from tests.generation.runs import make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


def test_a_display_name_is_held_to_the_policy() -> None:
    user = make_person()
    assert ProfileForm({"display_name": "Ada Essex", "time_zone": "UTC"}, instance=user).is_valid()

    form = ProfileForm({"display_name": "N4ked Ada", "time_zone": "UTC"}, instance=user)
    assert "You can appeal under Settings, Refusals." in str(form.errors["display_name"])
    assert ModerationCase.objects.get().kind == "text"


def test_a_wish_comes_back_with_what_was_typed() -> None:
    answer = visitor(make_person()).post("/wishes/", {"title": "Draw naked people", "text": "Please"})

    assert answer.status_code == 422
    assert "Draw naked people" in words(answer)
    assert not Wish.objects.exists()


def test_what_was_allowed_passes() -> None:
    user = make_person()
    with pytest.raises(ValidationError):
        shown_words.check_name(user, "Nude Nora")
    ModerationCase.objects.update(decision="passed")
    shown_words.check_name(user, "Nude Nora")
