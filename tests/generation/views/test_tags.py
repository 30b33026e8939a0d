import pytest

from generation.models import Tag
from tests.generation.runs import make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/library/tags/"), "/library/tags/")


def test_ones_own_tags_are_offered_as_text() -> None:
    user = make_person()
    Tag.objects.create(user=user, name="<b>fox")
    Tag.objects.create(user=make_person("bob@example.com"), name="owl")

    page = words(visitor(user).get("/library/tags/"))

    assert '<option value="&lt;b&gt;fox">' in page
    assert "owl" not in page
