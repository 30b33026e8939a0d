"""A receipt says what was paid, with what tax, what went back, and what became of the credits."""

from typing import Any

import pytest

from billing.models import Payment, Plan, Product
from billing.receipts import payments_of, receipt_of, what_was_paid
from tests.billing.books import make_payment, make_subscription
from tests.factories import make_user, make_wallet

pytestmark = pytest.mark.django_db


def test_a_plain_payment_has_one_amount() -> None:
    receipt = receipt_of(make_payment(make_wallet()))
    assert (receipt.what, receipt.total, receipt.credits) == ("5,000 credits", "$20.00", 5000)
    assert (receipt.tax, receipt.net, receipt.refunded, receipt.kept) == ("", "", "", "")


def test_tax_stands_apart() -> None:
    receipt = receipt_of(make_payment(make_wallet(), amount_cents=2380, tax_cents=380, currency="eur"))
    assert (receipt.net, receipt.tax, receipt.total) == ("€20.00", "€3.80", "€23.80")


def test_what_went_back_is_taken_off() -> None:
    payment = make_payment(make_wallet(), refunded_cents=500, taken_back=1000, owed=250, dispute="lost")
    receipt = receipt_of(payment)
    assert (receipt.refunded, receipt.kept) == ("−$5.00", "$15.00")
    assert (receipt.taken_back, receipt.owed, receipt.dispute) == (1000, 250, "Lost")


def test_a_plan_names_its_span_and_card() -> None:
    wallet = make_wallet()
    subscription = make_subscription(wallet, "pro")
    plan = Plan.objects.get(slug="pro")
    facts: dict[str, Any] = {"pack": None, "plan": plan, "subscription": subscription}
    paid = make_payment(wallet, kind="plan", interval="year", **facts)
    changed = make_payment(wallet, kind="upgrade", interval="month", **facts)
    assert (what_was_paid(paid), what_was_paid(changed)) == ("Pro, by the year", "Change to Pro, by the month")
    assert receipt_of(paid).card == "Visa ending in 4242"
    assert what_was_paid(Payment(kind="top_up")) == "Automatic top-up"


def test_payments_for_site_and_api_are_listed_the_newest_first() -> None:
    user = make_user()
    first = make_payment(make_wallet(user=user))
    second = make_payment(make_wallet(user=user, product=Product.API), amount_cents=1000, refunded_cents=100)
    make_payment(make_wallet())
    lines = payments_of(user)
    assert [line.payment for line in lines] == [second, first]
    assert [(line.total, line.refunded) for line in lines] == [("$10.00", "$1.00"), ("$20.00", "")]
