"""Whoever reports a picture hears what came of it: once, if they want to, and without a name."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening, User
from generation import export_facts, moderation_queue, report_mail, showcase
from generation.models import Image, ModerationCase, Report
from tests import mail_servers
from tests.generation.runs import finished, make_person
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db

WHY = "A secret of the owner, told by the operator."


@pytest.fixture
def operator() -> User:
    return User.objects.create_superuser("operator@example.com", "correct horse battery")


@pytest.fixture
def image() -> Image:
    owner = make_person("owner@example.com")
    User.objects.filter(pk=owner.pk).update(display_name="Olga Owner")
    return finished(owner, num_images=1).images.select_related("user").get()


def reported(image: Image, *reporters: User | None) -> ModerationCase:
    shown = showcase.publish(image, is_listed=False, shows_recipe=True)
    for reporter in reporters:
        showcase.report(shown, reporter, {"reason": "hate", "words": "I saw it."})
    return ModerationCase.objects.get()


def tell() -> int:
    return report_mail.tell_reporters(timezone.now())


@pytest.mark.parametrize(
    ("allows", "said", "state"),
    [
        (False, "it was taken down", "Taken down"),
        (True, "it keeps to our rules", "Looked at, and left as it is"),
    ],
)
def test_each_reporter_is_told_once_and_hears_no_name(
    image: Image, operator: User, allows: bool, said: str, state: str
) -> None:
    bob, eve = make_person("bob@example.com"), make_person("eve@example.com")
    case = reported(image, bob, eve, None)
    assert "Not looked at yet" in words(visitor(bob).get("/settings/refusals/"))
    assert tell() == 0

    moderation_queue.decide(case, operator, allows=allows, reason=WHY)
    mail.outbox.clear()

    assert (tell(), tell()) == (2, 0)
    assert sorted(sent.to[0] for sent in mail.outbox) == ["bob@example.com", "eve@example.com"]
    for sent in mail.outbox:
        assert said in sent.body
        assert "Hate or harassment" in sent.body
        for kept in ("Olga", "owner@", "operator", "secret", "eve" if "bob" in sent.to[0] else "bob@"):
            assert kept not in sent.body
    page = words(visitor(bob).get("/settings/refusals/"))
    assert state in page
    assert "Olga" not in page
    assert export_facts.of_person(bob)["reports"][0]["outcome"] == Report.objects.filter(reporter=bob).get().outcome


def test_who_does_not_want_it_is_left_alone_and_can_read_it_all_the_same(image: Image, operator: User) -> None:
    bob = make_person("bob@example.com")
    notifications.choose(bob, notifications.chosen(bob) - {(Happening.REPORT_ANSWERED, Channel.EMAIL)})
    moderation_queue.decide(reported(image, bob), operator, allows=False, reason=WHY)
    mail.outbox.clear()

    assert (tell(), tell()) == (0, 0)
    assert mail.outbox == []
    assert "Taken down" in words(visitor(bob).get("/settings/refusals/"))


def test_what_is_shown_again_after_an_appeal_is_told_too(image: Image, operator: User) -> None:
    bob = make_person("bob@example.com")
    case = reported(image, bob)
    moderation_queue.decide(case, operator, allows=False, reason=WHY)
    assert tell() == 1
    case.refresh_from_db()
    moderation_queue.appeal(case, "It is a temple in India, two thousand years old.")
    moderation_queue.decide(case, operator, allows=True, reason="A temple.")

    assert (tell(), tell()) == (1, 0)
    assert "its owner appealed" in mail.outbox[-1].body


def test_a_mail_server_that_is_away_is_asked_again_for_three_days(
    image: Image, operator: User, settings: LazySettings
) -> None:
    bob, eve = make_person("bob@example.com"), make_person("eve@example.com")
    moderation_queue.decide(reported(image, bob, eve), operator, allows=True, reason=WHY)
    mail_servers.tried.clear()
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert tell() == 0
    assert len(mail_servers.tried) == 1
    settings.EMAIL_BACKEND = backend

    assert report_mail.tell_reporters(timezone.now() + timedelta(days=4)) == 0
    assert tell() == 2


def test_a_reporter_whom_the_server_refuses_is_not_written_to_again(
    image: Image, operator: User, settings: LazySettings
) -> None:
    moderation_queue.decide(reported(image, make_person("gone@example.com")), operator, allows=True, reason=WHY)
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.CHOOSY
    assert tell() == 0
    settings.EMAIL_BACKEND = backend

    assert tell() == 0


def test_nobody_sees_what_others_reported(image: Image) -> None:
    reported(image, make_person("bob@example.com"))

    assert "Hate or harassment" not in words(visitor(image.user).get("/settings/refusals/"))
    assert "Hate or harassment" not in words(visitor(make_person("eve@example.com")).get("/settings/refusals/"))
