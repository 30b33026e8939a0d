"""What its plan's time put into the trash can really be brought back, and not for ever."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from time_machine import Traveller

from generation import expiry_mail, gallery, housekeeping, restoring, retention
from generation.models import Image
from generation.restoring import Restored
from tests.generation.pictures import put_on
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.fixture
def clock() -> Iterator[Traveller]:
    """Yield the clock, which stands until it is moved."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def picture(days_ago: float, plan: str = "free") -> Image:
    user = make_person()
    put_on(user, plan)
    user.wallets.update(plan_since=None)
    finished(user, num_images=1)
    Image.objects.update(created_at=NOW - timedelta(days=days_ago))
    return Image.objects.select_related("user", "job").get()


def bring_back(image: Image) -> Restored:
    return restoring.bring_back(image.user, Image.objects.filter(pk=image.pk))


def is_kept(image: Image) -> bool:
    return Image.objects.visible_to(image.user).exists()


def test_one_that_went_when_its_time_was_over_stays_for_a_month_and_says_so(clock: Traveller) -> None:
    image = picture(91)
    assert housekeeping.retire_old() == 1

    assert bring_back(image) == Restored(1, NOW + MONTH)

    keeping = retention.keeping_of(retention.with_wallets(Image.objects.select_related("job")).get())
    assert keeping is not None
    assert keeping.until == NOW + MONTH
    clock.move_to(NOW + MONTH - timedelta(minutes=1))
    assert housekeeping.retire_old() == 0
    assert expiry_mail.send_due() == 1
    clock.move_to(NOW + MONTH)
    assert housekeeping.retire_old() == 1


def test_one_that_its_owner_deleted_stays_as_well_when_its_time_ends_in_the_trash(clock: Traveller) -> None:
    image = picture(89)
    gallery.delete(image)
    clock.shift(timedelta(days=2))

    gallery.restore(image)

    assert housekeeping.retire_old() == 0
    assert is_kept(image)


def test_nobody_keeps_one_for_ever_by_bringing_it_back_again_and_again(clock: Traveller) -> None:
    image = picture(91)
    for day in range(31):
        clock.move_to(NOW + timedelta(days=day))
        housekeeping.retire_old()
        gallery.delete(image)
        assert bring_back(image) == Restored(1, NOW + MONTH)
        assert is_kept(image)

    assert housekeeping.retire_old() == 1
    bring_back(image)
    assert housekeeping.retire_old() == 1


def test_a_deletion_that_is_undone_in_time_uses_up_nothing(clock: Traveller) -> None:
    image = picture(89)
    gallery.delete(image)
    assert bring_back(image).until == image.created_at + timedelta(days=90)

    clock.shift(timedelta(days=2))
    assert housekeeping.retire_old() == 1
    assert bring_back(image).until == NOW + timedelta(days=2) + MONTH


def test_a_plan_that_keeps_all_says_no_day_and_uses_up_nothing(clock: Traveller) -> None:
    image = picture(400, plan="pro")
    gallery.delete(image)

    assert bring_back(image) == Restored(1, None)
    assert Image.objects.get().restored_at is None


def test_others_pictures_and_those_that_are_gone_do_not_come_back(clock: Traveller) -> None:
    image, other = picture(1), make_person("bob@example.com")
    gallery.delete(image)
    assert restoring.bring_back(other, Image.objects.all()).count == 0

    housekeeping.purge_now(image.user, [image.pk])
    assert bring_back(image) == Restored(0, None)
