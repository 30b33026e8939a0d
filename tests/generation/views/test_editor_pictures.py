import pytest

from generation.views import editor_pictures
from tests.generation.runs import finished, make_person
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get("/edit/pictures/"), "/edit/pictures/")


def test_ones_own_pictures_come_page_after_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(editor_pictures, "PAGE_SIZE", 2)
    owner = make_person()
    images = list(finished(owner, num_images=3).images.order_by("-id"))
    finished(make_person("eve@example.com"), num_images=1)

    first = words(visitor(owner).get("/edit/pictures/"))
    second = words(visitor(owner).get(f"/edit/pictures/?before={images[1].pk}"))

    assert [str(image.pk) in first for image in images] == [True, True, False]
    assert [f"image:{image.pk}" in second for image in images] == [False, False, True]
    assert (first.count("data-ref="), second.count("data-ref=")) == (2, 1)


def test_nobody_without_pictures_stands_before_an_empty_list() -> None:
    assert "No pictures yet" in words(visitor(make_person()).get("/edit/pictures/"))
