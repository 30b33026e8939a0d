import pytest
from django.conf import LazySettings

from accounts.models import User
from generation import showcase, storage
from generation.models import Publication
from tests.generation.pictures import draw
from tests.generation.runs import make_person
from tests.visitors import visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Publication:
    return showcase.publish(draw(make_person()), is_listed=False, shows_recipe=False)


def test_whoever_has_the_link_gets_it_and_asks_again_soon(shown: Publication) -> None:
    answer = visitor().get(f"/s/{shown.token}/card.jpg")
    again = visitor().get(f"/s/{shown.token}/card.jpg", headers={"If-None-Match": answer["ETag"]})

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["X-Robots-Tag"] == "noindex"
    assert (again.status_code, again.content) == (304, b"")


def test_one_of_the_showcase_may_be_found_by_search_engines(shown: Publication, settings: LazySettings) -> None:
    settings.SHOWCASE = True
    showcase.publish(shown.image, is_listed=True, shows_recipe=False)

    assert "X-Robots-Tag" not in visitor().get(f"/s/{shown.token}/card.jpg")


@pytest.mark.parametrize("end", ["withdrawn", "taken down", "deleted", "suspended", "file lost", "never was"])
def test_it_is_gone_with_the_link(end: str, shown: Publication) -> None:
    path = f"/s/{shown.token}/card.jpg"
    if end == "withdrawn":
        showcase.withdraw(shown.image)
    elif end == "taken down":
        showcase.take_down_image(shown.image)
    elif end == "deleted":
        type(shown.image).objects.update(deleted_at=shown.created_at)
    elif end == "suspended":
        User.objects.update(is_active=False)
    elif end == "file lost":
        storage.delete(shown.image.thumbnail_640)
    else:
        path = "/s/nonsense/card.jpg"

    assert visitor().get(path).status_code == 404
