import pytest
from django.conf import LazySettings

from generation import showcase
from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image(settings: LazySettings) -> Image:
    settings.SHOWCASE = True
    image = finished(make_person(), num_images=1).images.select_related("user").get()
    showcase.publish(image, is_listed=True, shows_recipe=True)
    return image


def test_where_the_operator_wants_none_there_is_none(image: Image, settings: LazySettings) -> None:
    settings.SHOWCASE = False

    assert visitor().get("/showcase/").status_code == 404
    assert visitor().get(f"/showcase/by/{image.user.pk}/").status_code == 404


def test_anybody_sees_what_is_shown(image: Image) -> None:
    assert f"/s/{image.publication.token}/" in words(visitor().get("/showcase/"))
    assert f"/s/{image.publication.token}/" in words(visitor().get(f"/showcase/by/{image.user.pk}/"))


def test_a_tag_that_nobody_uses_is_shown_as_text(image: Image) -> None:
    page = words(visitor().get("/showcase/", {"tag": "<script>alert(1)"}))

    assert "<script>alert(1)" not in page
    assert "Nothing is shown here yet." in page


def test_whoever_shows_nothing_has_no_page(image: Image) -> None:
    assert visitor().get(f"/showcase/by/{make_person('bob@example.com').pk}/").status_code == 404
