"""The studio's credits that run low: told once each time they fall below a tenth of a month's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.utils import timezone

from accounts import notifications
from accounts.models import Channel, Happening
from billing import ledger, low_credits, plans
from billing.models import LowCredits, Product, Wallet
from tests import mail_servers
from tests.factories import add_lot, make_plan, make_user, make_wallet

pytestmark = pytest.mark.django_db


def person(credits: int = 100, *, monthly: int = 500, email: str = "ada@example.com") -> Wallet:
    wallet = make_wallet(credits, user=make_user(email=email))
    plans.put_on(wallet, make_plan(f"monthly-{monthly}", monthly_credits=monthly))
    if monthly:
        spend(wallet, monthly)  # the first month's, which came at once
    return wallet


def spend(wallet: Wallet, credits: int) -> None:
    wallet.refresh_from_db()
    ledger.adjust(wallet, -credits, key=uuid4().hex, reason="Spent")


def tell(minutes: int = 0) -> int:
    return low_credits.tell(timezone.now() + timedelta(minutes=minutes))


def test_each_crossing_is_told_once() -> None:
    wallet = person()
    assert tell() == 0
    spend(wallet, 50)
    assert tell() == 0, "a tenth is not less than a tenth"

    spend(wallet, 1)
    assert [tell(minute) for minute in range(3)] == [1, 0, 0]
    spend(wallet, 9)
    assert tell() == 0
    sent = mail.outbox[0]
    assert (sent.to, sent.subject) == (["ada@example.com"], "49 credits left")
    assert "you have 49 credits left in the studio" in sent.body

    add_lot(wallet, 60)
    assert tell() == 0
    assert not LowCredits.objects.exists()
    spend(wallet, 60)
    assert tell() == 1


def test_who_said_no_gets_no_mail_but_is_known_to_be_low() -> None:
    wallet = person()
    notifications.choose(wallet.user, {(Happening.LOW_CREDITS, Channel.BROWSER)})
    spend(wallet, 90)

    assert tell() == 0
    assert LowCredits.objects.get().wallet == wallet
    notifications.choose(wallet.user, {(Happening.LOW_CREDITS, Channel.EMAIL)})
    assert tell() == 0, "what was before is not told"


def test_nobody_is_told_whose_plan_brings_nothing_who_is_suspended_or_of_the_apis_credits() -> None:
    spend(person(monthly=0), 90)
    assert tell() == 0
    suspended = person(email="eve@example.com")
    spend(suspended, 90)
    type(suspended.user).objects.filter(pk=suspended.user_id).update(is_active=False)
    spend(make_wallet(100, user=make_user(email="bob@example.com"), product=Product.API), 99)

    assert tell() == 0
    assert not LowCredits.objects.exists()


def test_a_wallet_in_which_nothing_moved_lately_is_not_looked_at() -> None:
    wallet = person()
    spend(wallet, 90)

    assert tell(minutes=61) == 0


def test_a_mail_that_does_not_go_out_is_tried_again(settings: LazySettings) -> None:
    for email in ("ada@example.com", "bob@example.com"):
        spend(person(email=email), 90)
    mail_servers.tried.clear()
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert tell() == 0
    assert len(mail_servers.tried) == 1

    settings.EMAIL_BACKEND = working
    assert tell() == 2
