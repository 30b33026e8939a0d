import pytest

from generation import gallery
from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    image = finished(make_person()).images.select_related("user").get(index=0)
    gallery.delete(image)
    return image


def is_kept(image: Image) -> bool:
    return Image.objects.get(pk=image.pk).deleted_at is None


def test_anonymous_people_restore_nothing(image: Image) -> None:
    assert_sent_to_login(visitor().post(f"/pictures/{image.pk}/restore/"), "/create/")
    assert not is_kept(image)


def test_a_stranger_restores_nothing(image: Image) -> None:
    assert visitor(make_person("bob@example.com")).post(f"/pictures/{image.pk}/restore/").status_code == 404
    assert not is_kept(image)


def test_the_owner_gets_the_picture_back_and_sees_it(image: Image) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/restore/")

    assert is_kept(image)
    assert answer["Location"] == f"/pictures/{image.pk}/"


def test_it_comes_back_among_what_was_found(image: Image) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/restore/", {"query": "q=fox"})

    assert answer["Location"] == f"/pictures/{image.pk}/?q=fox"
