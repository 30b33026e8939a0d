import pytest

from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.generation.trained import ready
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/library/models/"


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_the_owner_finds_what_they_drew_with_and_a_stranger_does_not() -> None:
    model = ready(make_person(), name="Teapot")
    draw(model.owner, loras=str(model.pk))

    page = words(visitor(model.owner).get(PAGE, {"model": str(model.pk)}))

    assert f'<option value="{model.pk}" selected>Teapot</option>' in page
    assert "Teapot" not in words(visitor(make_person("bob@example.com")).get(PAGE))
