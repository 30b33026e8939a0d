import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from generation import folders, shelving
from generation.models import Image, Job
from tests.generation.pictures import draw, put_on
from tests.generation.runs import finished, make_person
from tests.visitors import HTMX, assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/library/trash/"


@pytest.fixture
def person() -> User:
    user = make_person()
    finished(user, num_images=3)
    return user


def shown(page: str) -> int:
    return len(re.findall(r'id="picture-[0-9a-f-]{36}"', page))


def test_anonymous_people_log_in_first() -> None:
    assert_sent_to_login(visitor().get(PAGE), PAGE)


def test_an_empty_trash_says_so(person: User) -> None:
    assert "Nothing in the trash" in words(visitor(person).get(PAGE))


def test_what_was_deleted_lies_there_for_its_owner_alone(person: User) -> None:
    shelving.delete(Image.objects.visible_to(person))

    assert shown(words(visitor(person).get(PAGE))) == 3
    assert shown(words(visitor(person).get(PAGE, headers=HTMX))) == 3
    assert shown(words(visitor(make_person("bob@example.com")).get(PAGE))) == 0


def test_each_picture_says_until_when_it_can_be_brought_back(person: User) -> None:
    of_api = finished(person, num_images=1)
    Job.objects.filter(pk=of_api.pk).update(product="api")
    of_api.images.update(created_at=datetime(2026, 12, 10, 12, tzinfo=UTC))
    Image.objects.update(deleted_at=datetime(2027, 1, 1, 12, tzinfo=UTC))

    page = words(visitor(person).get(PAGE))

    assert page.count('<time datetime="2027-01-31T12:00:00+00:00"') == 3
    assert page.count('<time datetime="2027-01-09T12:00:00+00:00"') == 1


def test_selected_pictures_come_back(person: User) -> None:
    ids = [str(pk) for pk in Image.objects.values_list("pk", flat=True)]
    shelving.delete(Image.objects.visible_to(person))

    answer = visitor(person).post("/library/trash/restore/", {"picture": ids[:2]}, follow=True)

    assert "2 pictures are back in the library." in words(answer)
    assert Image.objects.visible_to(person).count() == 2


def test_what_brings_it_back_says_until_when_and_that_it_counts_once(person: User) -> None:
    Image.objects.update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    put_on(person, "free")
    person.wallets.update(plan_since=None)
    ids = [str(pk) for pk in Image.objects.values_list("pk", flat=True)]
    browser = visitor(person)
    shelving.delete(Image.objects.visible_to(person))
    assert "is kept for 30 days more, once" in words(browser.get(PAGE))

    said = words(browser.post("/library/trash/restore/", {"picture": ids}, follow=True))

    day = date_format(timezone.now() + timedelta(days=30), "j F Y")
    assert f"3 pictures are back in the library. The first of them is kept until {day}." in said
    Image.objects.update(restored_at=datetime(2020, 1, 1, tzinfo=UTC))
    shelving.delete(Image.objects.filter(pk=ids[0]))
    said = words(browser.post("/library/trash/restore/", {"picture": ids[:1]}, follow=True))
    assert "it was brought back before: it goes into the trash again within a day" in said


def test_everything_comes_back_whenever_it_went_and_nothing_that_is_nobodys(person: User) -> None:
    folder = folders.make(person, "Foxes")
    mine = Image.objects.filter(user=person)
    mine.update(folder=folder)
    eve = make_person("eve@example.com")
    finished(eve, num_images=1)
    purged = finished(person, num_images=1).images.get()
    for image in Image.objects.all():
        shelving.delete(Image.objects.filter(pk=image.pk))
    Image.objects.filter(pk=purged.pk).update(purged_at=timezone.now())

    page = words(visitor(person).get(PAGE))
    answer = visitor(person).post("/library/trash/restore/", {"everything": "1"}, follow=True)

    assert "Bring back everything" in page
    assert "3 pictures are back in the library." in words(answer)
    assert set(Image.objects.visible_to(person)) == set(mine.exclude(pk=purged.pk))
    assert folder.images.filter(deleted_at=None).count() == 3
    assert not Image.objects.visible_to(eve).exists()
    assert "Bring back everything" not in words(visitor(person).get(PAGE))


@pytest.mark.parametrize("stamp", ["", "x", "1e400.0", "99999999999999.0", "1.9999999", "-1.-1"])
def test_nonsense_brings_nothing_back(person: User, stamp: str) -> None:
    shelving.delete(Image.objects.visible_to(person))

    answer = visitor(person).post("/library/trash/restore/", {"stamp": stamp}, follow=True)

    assert answer.status_code == 200
    assert Image.objects.visible_to(person).count() == 0


def test_selected_pictures_are_deleted_for_good_at_once(client: Client) -> None:
    user, eve = make_person(), make_person("eve@example.com")
    kept, gone, theirs, shown_ = draw(user), draw(user), draw(eve), draw(user)
    for image in (kept, gone, theirs):
        shelving.delete(Image.objects.filter(pk=image.pk))

    page = words(visitor(user).get(PAGE))
    ids = [str(image.pk) for image in (gone, theirs, shown_)]
    answer = visitor(user).post("/library/trash/purge/", {"picture": ids}, follow=True)

    assert "nothing brings them back" in page
    assert "1 picture is deleted for good." in words(answer)
    purged = Image.objects.get(pk=gone.pk)
    assert (purged.purged_at is not None, purged.file, purged.sha256) == (True, "", gone.sha256)
    assert not default_storage.exists(gone.file)
    assert all(default_storage.exists(image.file) for image in (kept, theirs, shown_))


def test_nothing_selected_is_said(person: User) -> None:
    answer = visitor(person).post("/library/trash/purge/", {}, follow=True)

    assert "Select at least one picture." in words(answer)


def test_undo_of_many_leads_back_to_what_was_found() -> None:
    user = make_person()
    finished(user, num_images=1)
    answer = visitor(user).post("/library/trash/restore/", {"stamp": "1.000000", "query": "q=fox"})

    assert answer["Location"] == "/library/?q=fox"
