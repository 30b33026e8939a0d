from datetime import UTC, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from accounts.models import ApiAccount, User
from billing import ledger, low_balance
from billing.models import Product
from tests import mail_servers
from tests.factories import add_lot, make_user, make_wallet

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def developer(credits: int, *, level: int = 50, email: str = "ada@example.com") -> User:
    user = make_user(email=email)
    ApiAccount.objects.create(user=user, low_balance_at=level)
    make_wallet(credits, user=user, product=Product.API)
    return user


def move(user: User, credits: int) -> None:
    wallet = ledger.wallet_of(user, Product.API)
    if credits > 0:
        add_lot(wallet, credits)
    else:
        ledger.adjust(wallet, credits, key=f"spend {wallet.balance} {credits}", reason="Spent")


def test_falling_below_the_level_is_told_once(mailoutbox: list[EmailMessage]) -> None:
    user = developer(500)
    assert low_balance.tell(NOON) == 0

    move(user, -451)
    assert low_balance.tell(NOON) == 1
    move(user, -9)
    assert low_balance.tell(NOON + timedelta(minutes=1)) == 0

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["ada@example.com"], "49 API credits left")
    assert "fallen below 50: 49 credits are left" in str(mail.body)
    assert "http://localhost:8000/settings/api-keys/" in str(mail.body)


def test_it_is_told_again_after_the_balance_was_enough(mailoutbox: list[EmailMessage]) -> None:
    user = developer(40)
    assert low_balance.tell(NOON) == 1
    move(user, 20)
    assert low_balance.tell(NOON) == 0
    move(user, -59)
    assert low_balance.tell(NOON) == 1
    assert mailoutbox[-1].subject == "1 API credit left"


def test_each_person_sets_the_level_and_zero_means_never(mailoutbox: list[EmailMessage]) -> None:
    user = developer(40, level=0)
    move(user, -40)
    assert low_balance.tell(NOON) == 0

    ApiAccount.objects.filter(user=user).update(low_balance_at=1)
    assert low_balance.tell(NOON) == 1


def test_whoever_never_had_api_credits_is_not_told(mailoutbox: list[EmailMessage]) -> None:
    user = developer(0)
    make_wallet(10, user=user, product=Product.SITE)
    assert low_balance.tell(NOON) == 0


def test_a_mail_that_did_not_go_out_is_sent_with_the_next_sweep(
    settings: LazySettings, mailoutbox: list[EmailMessage]
) -> None:
    for email in ("ada@example.com", "bob@example.com"):
        developer(40, email=email)
    mail_servers.tried.clear()
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.AWAY
    assert low_balance.tell(NOON) == 0
    assert len(mail_servers.tried) == 1

    settings.EMAIL_BACKEND = usual
    assert low_balance.tell(NOON) == 2


def test_whom_the_mail_server_refuses_is_not_written_to_again(settings: LazySettings) -> None:
    User.objects.filter(pk=developer(40).pk).update(email="gone@example.com")
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, mail_servers.CHOOSY
    assert low_balance.tell(NOON) == 0
    settings.EMAIL_BACKEND = usual

    assert low_balance.tell(NOON) == 0
