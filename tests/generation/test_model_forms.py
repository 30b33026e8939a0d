import pytest

from generation import model_forms
from tests.generation.runs import make_person
from tests.generation.trained import draft

pytestmark = pytest.mark.django_db
GOOD = {"name": "Toy", "subject_class": "object", "trigger_word": "zwerg", "base_model": "starter"}


def test_a_new_form_offers_what_can_be_trained_here() -> None:
    form = model_forms.blank()
    assert form.values["base_model"] == "starter"
    assert form.bases[0].slug == "starter"
    assert form.errors == {}


def test_what_is_typed_comes_back_and_says_what_is_wrong() -> None:
    form = model_forms.typed({**GOOD, "name": "x" * 61, "trigger_word": "the"})
    assert form.errors.keys() == {"name", "trigger_word"}
    assert form.values["trigger_word"] == "the"
    assert model_forms.typed({**GOOD, "name": "To\x00y"}).errors.keys() == {"name"}
    assert model_forms.typed(GOOD).errors == {}


def test_saving_keeps_each_right_field_by_itself() -> None:
    user = make_person()
    draft(user, trigger_word="taken7")
    model = draft(user)
    form = model_forms.save(model, model_forms.typed({**GOOD, "name": "Renamed", "trigger_word": "taken7"}))
    assert form.errors.keys() == {"trigger_word"}
    model.refresh_from_db()
    assert (model.name, model.trigger_word) == ("Renamed", "zwerg")


def test_a_word_can_be_taken_away_again() -> None:
    model = draft(make_person())
    model_forms.save(model, model_forms.typed({**GOOD, "trigger_word": ""}))
    model.refresh_from_db()
    assert model.trigger_word == ""


def test_consent_is_no_matter_of_things() -> None:
    model = draft(make_person())
    model_forms.save(model, model_forms.typed({**GOOD, "consent": "1"}))
    model.refresh_from_db()
    assert model.consented_at is None
