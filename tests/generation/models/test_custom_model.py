import pytest
from django.db import IntegrityError, transaction

from generation import custom_models
from generation.models import CustomModel
from tests.factories import make_user
from tests.generation.runs import make_person
from tests.generation.trained import draft, ready, training

pytestmark = pytest.mark.django_db


def test_a_person_sees_their_own_newest_first_without_deleted_ones() -> None:
    user = make_person()
    first, second, third = (draft(user, trigger_word=word) for word in ("one1", "two2", "three3"))
    draft(make_user())
    custom_models.delete(second)
    assert list(CustomModel.objects.visible_to(user).newest_first()) == [third, first]


def test_only_a_ready_model_is_usable_and_by_its_owner_alone() -> None:
    model = ready(make_person())
    draft(model.owner, trigger_word="other")
    assert list(CustomModel.objects.usable_by(model.owner)) == [model]
    assert not CustomModel.objects.usable_by(make_user()).exists()


def test_the_database_refuses_a_ready_model_without_weights() -> None:
    model = draft(make_person())
    with pytest.raises(IntegrityError), transaction.atomic():
        CustomModel.objects.filter(pk=model.pk).update(state="ready")


def test_percent_is_of_the_steps_and_none_before_the_first_report() -> None:
    model = training(make_person())
    assert model.percent == 0
    model.steps_done, model.steps_total = 99, 400
    assert model.percent == 24
