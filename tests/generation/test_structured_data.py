"""What search engines are told of shown pictures: nothing that their page keeps back."""

import pytest
from django.conf import LazySettings

from generation import showcase, structured_data
from tests.generation.pictures import draw
from tests.generation.runs import make_person

pytestmark = pytest.mark.django_db


def test_a_picture_is_told_with_its_licence_its_author_and_what_made_it(settings: LazySettings) -> None:
    settings.SHOWCASE = True
    person = make_person()
    image = draw(person, prompt="a secret")
    shown = showcase.publish(image, is_listed=True, shows_recipe=False)

    picture, way = structured_data.of_shown(shown, "A picture made by a model")

    assert picture["contentUrl"] == f"{settings.SITE_URL}/s/{shown.token}/card.jpg"
    assert picture["license"] == f"{settings.SITE_URL}/licence/"
    assert picture["acquireLicensePage"] == f"{settings.SITE_URL}/verify/?picture={image.pk}"
    assert picture["digitalSourceType"] == "https://schema.org/TrainedAlgorithmicMediaDigitalSource"
    assert picture["creditText"] == picture["creator"]["name"] == "Somebody"
    assert [step["name"] for step in way["itemListElement"]] == ["Showcase", "Somebody", "A picture made by a model"]
    assert "secret" not in str([picture, way])
    assert person.email not in str([picture, way])


def test_nothing_is_told_where_a_link_alone_leads(settings: LazySettings) -> None:
    settings.SHOWCASE = True
    shown = showcase.publish(draw(make_person()), is_listed=False, shows_recipe=True)
    assert structured_data.of_shown(shown, "a fox") == []

    shown.place, settings.SHOWCASE = shown.image_id, False
    assert structured_data.of_shown(shown, "a fox") == []
