import pytest

from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person()).images.select_related("user").get(index=0)


def is_kept(image: Image) -> bool:
    return Image.objects.get(pk=image.pk).deleted_at is None


def test_anonymous_people_delete_nothing(image: Image) -> None:
    assert_sent_to_login(visitor().post(f"/pictures/{image.pk}/delete/"), "/create/")
    assert is_kept(image)


def test_a_stranger_deletes_nothing(image: Image) -> None:
    assert visitor(make_person("bob@example.com")).post(f"/pictures/{image.pk}/delete/").status_code == 404
    assert is_kept(image)


def test_the_owner_deletes_and_is_offered_to_undo(image: Image) -> None:
    answer = visitor(image.user).post(f"/pictures/{image.pk}/delete/", follow=True)

    assert not is_kept(image)
    assert answer.redirect_chain == [(f"/library/?deleted={image.pk}", 302)]
    assert "Undo" in words(answer)


def test_opening_the_address_deletes_nothing(image: Image) -> None:
    assert visitor(image.user).get(f"/pictures/{image.pk}/delete/").status_code == 405
    assert is_kept(image)
