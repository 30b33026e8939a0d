"""What people want to be told of: what holds without a word, what they say, and who is asked for by sweeps."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening, NotificationChoice, User
from accounts.notifications import DEFAULTS
from tests.factories import make_user

pytestmark = pytest.mark.django_db

RUN_BY_SOUND = (Happening.RUN_DONE, Channel.SOUND)
LOW_BY_MAIL = (Happening.LOW_CREDITS, Channel.EMAIL)


def test_without_a_word_the_defaults_hold() -> None:
    user = make_user()

    assert notifications.chosen(user) == set(DEFAULTS)
    assert notifications.wants(user, *LOW_BY_MAIL)
    assert not notifications.wants(user, *RUN_BY_SOUND)


def test_what_is_chosen_holds_for_that_person_alone() -> None:
    user, other = make_user(), make_user()

    notifications.choose(user, {RUN_BY_SOUND})

    assert notifications.chosen(user) == {RUN_BY_SOUND}
    assert notifications.chosen(other) == set(DEFAULTS)
    assert [choice.user for choice in notifications.unwilling(*LOW_BY_MAIL)] == [user]


def test_what_cannot_be_told_in_a_way_is_nobodys_choice() -> None:
    user = make_user()

    notifications.choose(user, {(Happening.REPORT_ANSWERED, Channel.SOUND)})

    assert notifications.chosen(user) == set()


def test_choosing_the_same_again_writes_nothing() -> None:
    user = make_user()
    notifications.choose(user, {RUN_BY_SOUND})
    before = list(NotificationChoice.objects.order_by("pk").values())

    notifications.choose(user, {RUN_BY_SOUND})

    assert list(NotificationChoice.objects.order_by("pk").values()) == before


def test_choosers_are_those_who_said_yes_and_may_come_in() -> None:
    yes, no, away = make_user(), make_user(), make_user()
    for user in (yes, away):
        notifications.choose(user, {(Happening.RUN_DONE, Channel.EMAIL)})
    User.objects.filter(pk=away.pk).update(is_active=False)

    assert [choice.user for choice in notifications.choosers(Happening.RUN_DONE, Channel.EMAIL)] == [yes]
    assert notifications.chosen(no)


def test_of_two_sweeps_one_tells() -> None:
    notifications.choose(make_user(), {(Happening.RUN_DONE, Channel.EMAIL)})
    first, second = (notifications.choosers(Happening.RUN_DONE, Channel.EMAIL).get() for _ in range(2))
    until = timezone.now() + timedelta(minutes=1)

    assert notifications.claim(first, until)
    assert not notifications.claim(second, until)
