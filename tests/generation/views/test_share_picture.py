import pytest
from django.conf import LazySettings

from generation import showcase
from generation.models import Image, Publication
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person(), num_images=1).images.select_related("user").get()


def test_anonymous_people_and_strangers_show_nothing(image: Image) -> None:
    path = f"/pictures/{image.pk}/share/"

    assert_sent_to_login(visitor().post(path, {"share": "link"}), "/create/")
    assert visitor(make_person("bob@example.com")).post(path, {"share": "link"}).status_code == 404
    assert not Publication.objects.exists()


def test_the_owner_shares_and_takes_back(image: Image) -> None:
    client, path = visitor(image.user), f"/pictures/{image.pk}/share/"

    page = words(client.post(path, {"share": "link"}, follow=True))
    shown = Publication.objects.get()
    assert f"/s/{shown.token}/" in page
    assert (shown.place, shown.shows_recipe) == (None, False)

    client.post(path, {"share": "end"})
    assert not Publication.objects.exists()


def test_what_was_looked_for_stays(image: Image) -> None:
    for wish in ("link", "end"):
        answer = visitor(image.user).post(f"/pictures/{image.pk}/share/", {"share": wish, "query": "q=fox"})
        assert answer["Location"] == f"/pictures/{image.pk}/?q=fox"


def test_the_showcase_is_offered_where_there_is_one(image: Image, settings: LazySettings) -> None:
    client, path = visitor(image.user), f"/pictures/{image.pk}/"
    assert "To the showcase" not in words(client.get(path))
    assert "This site has no showcase" in words(client.post(f"{path}share/", {"share": "showcase"}, follow=True))

    settings.SHOWCASE = True
    assert "To the showcase" in words(client.get(path))
    assert "It is in the showcase." in words(client.post(f"{path}share/", {"share": "showcase"}, follow=True))
    assert "by somebody: your" in words(client.get(path))

    image.user.display_name = "Ada of the Foxes"
    image.user.save()
    assert ", by Ada of the Foxes." in words(client.get(path))


def test_what_was_taken_down_is_not_said_to_be_shared(image: Image) -> None:
    showcase.take_down_image(image)

    page = words(visitor(image.user).post(f"/pictures/{image.pk}/share/", {"share": "link"}, follow=True))

    assert "Whoever has the link sees it." not in page
    assert "An operator took this picture down; nobody else sees it." in page
    assert not Publication.objects.open().exists()
