import pytest
from django.conf import LazySettings

from accounts.models import User
from generation import showcase
from generation.models import Image, Tag
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


def test_others_read_the_name_somebody_chose_and_nothing_of_an_address(image: Image) -> None:
    User.objects.update(email="quizzy@example.com")  # no checksum spells that
    places = ("/showcase/", f"/showcase/by/{image.user.pk}/", f"/s/{image.publication.token}/")
    for place in places:
        page = words(visitor().get(place))
        assert "Somebody" in page
        assert "quizzy" not in page.partition("<main")[2].partition("</main")[0].lower()

    User.objects.update(display_name="Ada of the Foxes")
    assert all("Ada of the Foxes" in words(visitor().get(place)) for place in places)


def test_a_tag_that_nobody_uses_is_shown_as_text(image: Image) -> None:
    page = words(visitor().get("/showcase/", {"tag": "<script>alert(1)"}))

    assert "<script>alert(1)" not in page
    assert "Nothing is shown here yet." in page


def test_whoever_shows_nothing_has_no_page(image: Image) -> None:
    assert visitor().get(f"/showcase/by/{make_person('bob@example.com').pk}/").status_code == 404


def test_the_tags_of_what_is_shown_are_listed_with_their_counts(image: Image) -> None:
    other = finished(make_person("bob@example.com"), num_images=1).images.select_related("user").get()
    hidden = finished(other.user, num_images=1).images.get()
    showcase.publish(other, is_listed=True, shows_recipe=True)
    for one, names in ((image, ("fox", "<b>snow")), (other, ("fox",)), (hidden, ("secret",))):
        one.tags.set([Tag.objects.get_or_create(user=one.user, name=name)[0] for name in names])

    assert showcase.tags() == [("fox", 2), ("<b>snow", 1)]
    page = words(visitor().get("/showcase/tags/"))
    assert "?tag=fox" in page
    assert "secret" not in page
    assert "<b>snow" not in page

    User.objects.filter(pk=other.user_id).update(is_active=False)
    assert dict(showcase.tags())["fox"] == 1


def test_it_is_found_from_every_public_page_where_there_is_one(image: Image, settings: LazySettings) -> None:
    assert 'href="/showcase/"' in words(visitor().get("/pricing/"))
    assert "/showcase/tags/" in words(visitor().get("/sitemap-pages.xml"))
    settings.SHOWCASE = False
    assert 'href="/showcase/"' not in words(visitor().get("/pricing/"))
    assert visitor().get("/showcase/tags/").status_code == 404
