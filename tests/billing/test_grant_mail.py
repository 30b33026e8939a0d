"""The mail that says that the month's credits have come."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening
from billing import cycle_sweep, grant_mail, grants, ledger
from tests import mail_servers
from tests.factories import make_user

pytestmark = pytest.mark.django_db

BY_MAIL = (Happening.NEXT_GRANT, Channel.EMAIL)


def test_who_wants_it_is_told_of_each_month_once() -> None:
    user, other = make_user(email="ada@example.com"), make_user()
    for one in (user, other):
        grants.start_monthly_credits(one)
    notifications.choose(user, {BY_MAIL})
    assert grant_mail.tell(timezone.now()) == 0

    due = grants.next_cycle_at(ledger.wallet_of(user)) + timedelta(seconds=1)
    with time_machine.travel(due, tick=False):
        cycle_sweep.run(due)
        told = [grant_mail.tell(due + timedelta(minutes=minute)) for minute in range(2)]

    assert told == [1, 0]
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == (["ada@example.com"], "100 credits have come")
    assert "you have 100 credits now" in sent.body


def test_a_mail_server_that_is_away_is_asked_again_by_the_next_sweep(settings: LazySettings) -> None:
    for user in (make_user(), make_user()):
        notifications.choose(user, {BY_MAIL})
        grants.start_monthly_credits(user)
    mail_servers.tried.clear()
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert grant_mail.tell(timezone.now()) == 0
    assert len(mail_servers.tried) == 1

    settings.EMAIL_BACKEND = backend

    assert [grant_mail.tell(timezone.now()) for _ in range(2)] == [2, 0]
    assert mail.outbox[0].subject == "100 credits have come"


def test_nobody_is_told_who_did_not_ask() -> None:
    user = make_user()
    grants.start_monthly_credits(user)
    assert grant_mail.tell(timezone.now() + timedelta(minutes=1)) == 0
