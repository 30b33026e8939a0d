"""Showing pictures: private until one does something, each vote once, reports that lie where operators look."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings
from django.db import connection

from accounts.models import User
from generation import gallery, showcase
from generation.errors import InvalidParams
from generation.models import Image, Like, Publication, Report, Tag
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _open_showcase(settings: LazySettings) -> None:
    settings.SHOWCASE = True


@pytest.fixture
def image() -> Image:
    return finished(make_person(), num_images=1).images.select_related("user").get()


def publish(image: Image, *, is_listed: bool = True) -> Publication:
    return showcase.publish(image, is_listed=is_listed, shows_recipe=True)


def test_nothing_is_shown_by_itself(image: Image) -> None:
    assert not Publication.objects.exists()
    assert showcase.page().shown == []


def test_a_link_alone_is_not_in_the_showcase(image: Image) -> None:
    shown = publish(image, is_listed=False)

    assert list(Publication.objects.open()) == [shown]
    assert showcase.page().shown == []


def test_the_showcase_is_newest_first_by_tag_and_by_author(image: Image) -> None:
    other = finished(make_person("bob@example.com"), num_images=1).images.select_related("user").get()
    shown, later = publish(image), publish(other)
    image.tags.add(Tag.objects.create(user=image.user, name="fox"))

    assert showcase.page().shown == [later, shown]
    assert showcase.page(tag="FOX").shown == [shown]
    assert showcase.page(author=other.user).shown == [later]


def test_pages_go_on_where_the_last_one_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showcase, "PAGE_SIZE", 2)
    for image in finished(make_person(), num_images=5).images.select_related("user"):
        publish(image)

    seen, before = [], None
    for _ in range(3):
        page = showcase.page(before=before)
        seen += [shown.pk for shown in page.shown]
        before = page.next_before

    assert before is None
    assert len(set(seen)) == 5


def test_a_picture_keeps_its_link_and_place_until_it_is_withdrawn(image: Image) -> None:
    first = publish(image)
    again = publish(image)
    assert (again.token, again.place) == (first.token, first.place)

    showcase.withdraw(image)
    assert not Publication.objects.exists()
    assert publish(image).token != first.token


def test_a_deleted_picture_is_shown_to_nobody_and_comes_back_with_its_link(image: Image) -> None:
    shown = publish(image)

    gallery.delete(image)
    assert not Publication.objects.open().exists()
    assert showcase.page().shown == []
    gallery.restore(image)
    assert showcase.page().shown == [shown]


def test_without_a_showcase_links_work_and_nothing_is_listed(image: Image, settings: LazySettings) -> None:
    publish(image)
    settings.SHOWCASE = False

    assert showcase.page().shown == []
    assert Publication.objects.open().exists()
    with pytest.raises(InvalidParams, match="This site has no showcase"):
        publish(image)


def test_a_like_counts_once_however_often_it_is_said(image: Image) -> None:
    shown, bob = publish(image), make_person("bob@example.com")

    assert [showcase.like(shown, bob, likes=True) for _ in range(3)] == [1, 1, 1]
    assert showcase.like(shown, image.user, likes=True) == 2
    assert [showcase.like(shown, bob, likes=False) for _ in range(2)] == [1, 1]
    assert Like.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_count_once() -> None:
    image = finished(make_person(), num_images=1).images.select_related("user").get()
    shown, bob = publish(image), make_person("bob@example.com")

    def press(_: int) -> None:
        try:
            showcase.like(Publication.objects.get(pk=shown.pk), bob, likes=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(8)))

    shown.refresh_from_db()
    assert (shown.likes_count, Like.objects.count()) == (1, 1)


def test_a_report_lies_there_with_its_reason_once_a_person(image: Image) -> None:
    shown, bob = publish(image), make_person("bob@example.com")

    new = [showcase.report(shown, bob, {"reason": "rights", "words": " It is \n mine "}) for _ in range(2)]
    assert new == [True, False]
    showcase.report(shown, None, {"reason": "other"})

    rows = Report.objects.order_by("pk").values_list("image", "reporter", "reason", "words")
    assert list(rows) == [(image.pk, bob.pk, "rights", "It is mine"), (image.pk, None, "other", "")]


@pytest.mark.parametrize(
    ("network", "device", "is_new"),
    [
        ("home", "phone", False),
        ("home", "laptop", False),
        ("train", "phone", False),
        ("train", "laptop", True),
        ("", "laptop", True),
        ("", "", True),
    ],
)
def test_of_who_is_not_signed_in_one_report_counts_a_network_and_a_browser(
    image: Image, network: str, device: str, is_new: bool
) -> None:
    shown, sent = publish(image), {"reason": "hate"}
    assert showcase.report(shown, None, sent, network="home", device="phone")

    assert showcase.report(shown, None, sent, network=network, device=device) is is_new

    assert Report.objects.count() == 1 + is_new
    other = finished(image.user, num_images=1).images.select_related("user").get()
    assert showcase.report(publish(other), None, sent, network="home", device="phone")


def test_where_a_report_came_from_is_forgotten_when_it_is_closed(image: Image) -> None:
    shown, sent = publish(image), {"reason": "hate"}
    showcase.report(shown, None, sent, network="home", device="phone")

    showcase.close(Report.objects.all(), Report.Outcome.LEFT)

    assert Report.objects.values_list("network", "device").get() == ("", "")
    assert showcase.report(shown, None, sent, network="home", device="phone")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Choose what is wrong"),
        ({"reason": "boring"}, "Choose what is wrong"),
        ({"reason": "hate", "words": "x" * 1001}, "1,001 characters; 1,000 are the most"),
    ],
)
def test_a_report_that_says_nothing_is_refused(image: Image, values: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidParams, match=message):
        showcase.report(publish(image), None, values)


def test_what_is_taken_down_stays_down_whatever_its_owner_does(image: Image) -> None:
    shown = publish(image)
    showcase.report(shown, None, {"reason": "hate"})

    showcase.take_down_image(image)

    showcase.withdraw(image)
    publish(image)
    assert not Publication.objects.open().exists()
    assert Image.objects.visible_to(image.user).exists()
    assert not Report.objects.filter(closed_at__isnull=True).exists()


def test_what_was_made_private_meanwhile_is_taken_down_all_the_same(image: Image) -> None:
    showcase.report(publish(image), None, {"reason": "hate"})
    showcase.withdraw(image)

    showcase.take_down_image(image)
    publish(image)

    assert not Publication.objects.open().exists()


def test_a_report_that_is_closed_leaves_the_picture(image: Image) -> None:
    bob: User = make_person("bob@example.com")
    shown = publish(image)
    showcase.report(shown, bob, {"reason": "hate"})

    assert showcase.close(Report.objects.all(), Report.Outcome.LEFT) == 1

    assert showcase.page().shown == [shown]
    showcase.report(shown, bob, {"reason": "rights"})  # something new may be said
    assert Report.objects.filter(closed_at__isnull=True).count() == 1
