"""The mail before pictures go: to whom, when, and never twice in a week."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import User
from generation import expiry_mail, housekeeping
from generation.models import ExpiryMail, Folder, Image, Job, Tag
from tests import mail_servers
from tests.generation.pictures import put_on
from tests.generation.runs import finished, make_person

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


class AwayBackend(BaseEmailBackend):
    """A mail server that nobody can reach."""

    def send_messages(self, email_messages: object) -> int:
        raise ConnectionRefusedError("mail server is away")


def person(*ages_days: float, plan: str = "free", email: str = "ada@example.com") -> User:
    """Return somebody with one picture of each age."""
    user = make_person(email)
    put_on(user, plan)
    user.wallets.update(plan_since=None)
    for age in ages_days:
        image = finished(user, num_images=1).images.get()
        Image.objects.filter(pk=image.pk).update(created_at=NOW - timedelta(days=age))
    return user


def test_who_loses_pictures_within_a_week_is_told_when_and_what_to_do(settings: LazySettings) -> None:
    user = person(86, 84, 10)

    assert expiry_mail.send_due(NOW) == 1

    sent = mail.outbox[0]
    assert sent.to == [user.email]
    assert sent.subject == "2 pictures will go, the first on 5 March"
    for words in (
        "on the Free plan pictures are kept for 90 days",
        "Friday, 5 March 2027",
        "go to the trash, where they lie for another 30 days",
        f"{settings.SITE_URL}/library/",
        f"{settings.SITE_URL}/pricing/",
    ):
        assert words in sent.body


def test_each_is_named_a_week_before_it_goes_with_how_many_go_each_day() -> None:
    person(*(76 + days for days in range(9)), 83.5, 75.9)
    sent = []

    for day in range(8):
        housekeeping.retire_old(NOW + timedelta(days=day))
        sent.append(expiry_mail.send_due(NOW + timedelta(days=day)))

    assert sent == [1, 0, 0, 0, 0, 0, 0, 1]
    first, second = (str(message.body) for message in mail.outbox)
    assert "10 pictures of yours will go within the next two weeks, the first on Sunday, 7 March 2027." in first
    for line in (
        "Sunday, 7 March 2027: 1 picture\n",
        "Monday, 8 March 2027: 2 pictures\n",
        "15 March 2027: 1 picture\n",
    ):
        assert line in first
    assert "8 pictures of yours" in second
    assert "Monday, 15 March 2027: 2 pictures" in second


def test_one_picture_is_no_pictures() -> None:
    person(88)

    expiry_mail.send_due(NOW)

    assert mail.outbox[0].subject == "1 picture will go on 3 March"


@pytest.mark.parametrize(("age", "plan"), [(82, "free"), (88, "pro"), (400, "studio")])
def test_nobody_else_is_told(age: float, plan: str) -> None:
    person(age, plan=plan)

    assert expiry_mail.send_due(NOW) == 0


def test_nobody_is_told_twice_within_a_week() -> None:
    person(88, 85, 80)
    sent = [expiry_mail.send_due(NOW + timedelta(days=day)) for day in range(15)]

    assert sent == [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_many_people_are_told_in_chunks_each_once() -> None:
    for number in range(5):
        person(88, email=f"person{number}@example.com")

    assert expiry_mail.send_due(NOW, chunk=2) == 5
    assert len({message.to[0] for message in mail.outbox}) == 5


def test_who_is_locked_out_is_not_written_to() -> None:
    user = person(88)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert expiry_mail.send_due(NOW) == 0


def test_a_mail_server_that_is_away_is_asked_again_by_the_next_sweep(settings: LazySettings) -> None:
    person(88)
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, f"{__name__}.AwayBackend"
    assert expiry_mail.send_due(NOW) == 0
    assert not ExpiryMail.objects.filter(sent_at__isnull=False).exists()

    settings.EMAIL_BACKEND = backend

    assert expiry_mail.send_due(NOW + timedelta(days=1)) == 1


def test_whom_the_server_refuses_keeps_the_mail_from_nobody_else(settings: LazySettings) -> None:
    for name in ("gone", "busy", "ada", "bob"):
        person(88, email=f"{name}@example.com")
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.CHOOSY

    assert [expiry_mail.send_due(NOW), expiry_mail.send_due(NOW + timedelta(days=1))] == [2, 0]
    assert sorted(sent.to[0] for sent in mail.outbox) == ["ada@example.com", "bob@example.com"]

    # Who was not refused for good is asked again by the next sweep, the other in a week.
    settings.EMAIL_BACKEND = backend
    assert expiry_mail.send_due(NOW + timedelta(days=1)) == 1
    assert mail.outbox[-1].to == ["busy@example.com"]


def test_the_date_in_the_mail_is_the_date_they_go() -> None:
    person(86, 84)
    expiry_mail.send_due(NOW)

    assert housekeeping.retire_old(datetime(2027, 3, 5, 11, 59, tzinfo=UTC)) == 0
    assert housekeeping.retire_old(datetime(2027, 3, 5, 12, 0, tzinfo=UTC)) == 1


# --- The API's pictures ----------------------------------------------------------------------------------


def of_the_api(user: User, days_ago: float, **facts: Any) -> Image:
    """Return a picture that the API made so long ago, as its owner has it in the library."""
    image = finished(user, num_images=1).images.get()
    made_at = NOW - timedelta(days=days_ago)
    Job.objects.filter(pk=image.job_id).update(product="api", finished_at=made_at)
    Image.objects.filter(pk=image.pk).update(created_at=made_at, **facts)
    return image


def test_who_put_the_apis_pictures_in_order_is_told_before_they_go(settings: LazySettings) -> None:
    settings.API_RETENTION_DAYS = 30
    user = person(plan="pro")
    folder = Folder.objects.create(user=user, name="Foxes")
    for days, facts in ((24, {"is_favourite": True}), (26, {"folder": folder}), (25, {"rating": 3})):
        of_the_api(user, days, **facts)
    tagged = of_the_api(user, 29)
    tagged.tags.add(*(Tag.objects.create(user=user, name=name) for name in ("fox", "snow")))

    assert [expiry_mail.send_due(NOW + timedelta(hours=hours)) for hours in (0, 24)] == [1, 0]

    sent = mail.outbox[0]
    assert sent.subject == "4 pictures will go, the first on 2 March"
    for words in ("through the API are kept for 30 days", "Tuesday, 2 March 2027", "do not go to the trash first"):
        assert words in sent.body


@pytest.mark.parametrize(
    ("days_ago", "facts"),
    [(29, {}), (22, {"is_favourite": True}), (31, {"is_favourite": True}), (29, {"rating": 5, "deleted_at": NOW})],
)
def test_of_the_apis_other_pictures_nobody_is_told(days_ago: float, facts: dict[str, Any]) -> None:
    of_the_api(person(plan="pro"), days_ago, **facts)

    assert expiry_mail.send_due(NOW) == 0


def test_a_mail_about_the_sites_pictures_leaves_that_about_the_apis_due() -> None:
    user = person(88)
    of_the_api(user, 29, is_favourite=True)

    assert [expiry_mail.send_due(NOW), expiry_mail.send_due(NOW)] == [2, 0]
