"""A receipt is shown to who paid, and to nobody else; the test shop's says so."""

import pytest
from django.conf import LazySettings
from django.urls import reverse

from billing import statement
from billing.models import Payment
from tests.billing.books import make_payment
from tests.factories import make_user, make_wallet
from tests.visitors import assert_sent_to_login, visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment() -> Payment:
    wallet = make_wallet(user=make_user(email="ada@example.com"))
    return make_payment(wallet, tax_cents=300, refunded_cents=500, taken_back=1000, owed=250)


def page(payment: Payment) -> str:
    return reverse("billing:receipt", args=[payment.pk])


def test_anonymous_people_log_in_first(payment: Payment) -> None:
    assert_sent_to_login(visitor().get(page(payment)), page(payment))


def test_the_owner_reads_amount_tax_refund_and_credits(payment: Payment) -> None:
    text = words(visitor(payment.wallet.user).get(page(payment)))
    for found in ("ada@example.com", "5,000 credits", "$17.00", "$3.00", "$20.00", "−$5.00", "$15.00"):
        assert found in text
    assert "1,000 credits taken back" in text
    assert "250 credits had been spent already and are owed" in text
    assert "Test shop" not in text


def test_a_stranger_and_an_operator_find_nothing(payment: Payment) -> None:
    for user in (make_user(), make_user(is_staff=True, is_superuser=True)):
        assert visitor(user).get(page(payment)).status_code == 404


def test_the_test_shops_receipt_says_that_no_money_moved(payment: Payment, settings: LazySettings) -> None:
    settings.TEST_SHOP = True
    assert "no real money moved" in words(visitor(payment.wallet.user).get(page(payment)))


def test_the_ledgers_lines_lead_here(payment: Payment) -> None:
    assert statement.url_of(payment.reference) == page(payment)
    assert page(payment) in words(visitor(payment.wallet.user).get("/settings/billing/"))
