import pytest

from generation.models import Image
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    return finished(make_person(), num_images=2).images.select_related("user").get(index=0)


def is_kept(image: Image) -> bool:
    return Image.objects.get(pk=image.pk).deleted_at is None


def test_anonymous_people_delete_nothing(image: Image) -> None:
    assert_sent_to_login(visitor().post(f"/pictures/{image.pk}/delete/"), "/create/")
    assert is_kept(image)


def test_a_stranger_deletes_nothing(image: Image) -> None:
    assert visitor(make_person("bob@example.com")).post(f"/pictures/{image.pk}/delete/").status_code == 404
    assert is_kept(image)


def test_the_owner_deletes_and_is_offered_to_undo(image: Image) -> None:
    other = image.job.images.get(index=1)

    answer = visitor(image.user).post(f"/pictures/{image.pk}/delete/", follow=True)

    assert not is_kept(image)
    assert answer.redirect_chain == [(f"/pictures/{other.pk}/?deleted={image.pk}", 302)]
    assert "Undo" in words(answer)
    assert f'action="/pictures/{image.pk}/restore/"' in words(answer)


def test_the_next_picture_that_was_found_follows_and_after_the_last_the_library(image: Image) -> None:
    client, owl = visitor(image.user), finished(image.user, prompt="an owl", num_images=1).images.get()
    older, newer = image.job.images.order_by("pk")
    address = f"/pictures/{newer.pk}/?q=-owl"
    assert f'name="query" value="{"q=-owl"}"' in words(client.get(address))

    answers = [client.post(f"/pictures/{one.pk}/delete/", {"query": "q=-owl"}) for one in (newer, older)]

    assert [answer["Location"] for answer in answers] == [
        f"/pictures/{older.pk}/?q=-owl&deleted={newer.pk}",
        f"/library/?q=-owl&deleted={older.pk}",
    ]
    assert is_kept(owl)


def test_opening_the_address_deletes_nothing(image: Image) -> None:
    assert visitor(image.user).get(f"/pictures/{image.pk}/delete/").status_code == 405
    assert is_kept(image)
