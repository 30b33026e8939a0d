import pytest
from pytest_django import DjangoAssertNumQueries

from generation import custom_models, used_models
from generation.models import Image, Job
from tests.generation.pictures import draw
from tests.generation.runs import finished, make_person
from tests.generation.trained import ready

pytestmark = pytest.mark.django_db


def test_the_models_that_pictures_can_have_are_installed_ones_own_and_those_that_are_gone(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    person = make_person()
    model = ready(person, name="Teapot")
    ready(person, trigger_word="unused")
    draw(person, loras=str(model.pk))
    custom_models.delete(model)
    stranger = make_person("bob@example.com")
    for user, slug in ((person, "old-model"), (person, "another-old"), (stranger, "secret")):
        Job.objects.filter(pk=finished(user).pk).update(served_by=slug)

    with django_assert_max_num_queries(2):
        found = used_models.of(person)

    assert ("starter", "Starter") in found.offered
    assert found.own == [(str(model.pk), "Teapot")]
    assert found.gone == [("another-old", "another-old"), ("old-model", "old-model")]
    assert used_models.of(make_person("eve@example.com")).gone == []


def test_a_models_name_is_read_off_its_pictures() -> None:
    model = ready(make_person(), name="Teapot")
    images = list(Image.objects.filter(pk=draw(model.owner, loras=str(model.pk)).pk).select_related("job"))

    assert used_models.name_in(images, str(model.pk)) == "Teapot"
    assert used_models.name_in([], str(model.pk)) == ""
    assert used_models.name_in(images, "gone") == ""
    assert used_models.name_in([], "starter") == "Starter"
