"""Operators find payments by what became of them, and the lines they brought."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.admin.payments import FateFilter
from billing.models import Payment
from tests.billing.books import make_payment, make_subscription
from tests.factories import make_wallet
from tests.visitors import words

pytestmark = pytest.mark.django_db

LIST = "/admin/billing/payment/"


@pytest.fixture
def payments() -> dict[str, Payment]:
    wallet = make_wallet()
    return {
        "kept": make_payment(wallet),
        "refunded": make_payment(wallet, refunded_cents=2000),
        "disputed": make_payment(wallet, dispute="open", disputed_cents=2000),
        "owed": make_payment(wallet, refunded_cents=2000, owed=7),
    }


@pytest.mark.parametrize(
    ("fate", "found"),
    [("kept", {"kept"}), ("refunded", {"refunded", "owed"}), ("disputed", {"disputed"}), ("owed", {"owed"})],
)
def test_payments_are_found_by_what_became_of_them(
    fate: str, found: set[str], operator: Client, payments: dict[str, Payment]
) -> None:
    text = words(operator.get(LIST, {FateFilter.parameter_name: fate}))
    assert {name for name, payment in payments.items() if f"/payment/{payment.pk}/" in text} == found


def test_a_payment_shows_amounts_and_leads_to_its_lines(operator: Client, payments: dict[str, Payment]) -> None:
    payment = payments["refunded"]
    listing = words(operator.get(LIST))
    assert "$20.00" in listing
    assert payment.wallet.user.email in listing
    text = words(operator.get(reverse("admin:billing_payment_change", args=[payment.pk])))
    lines = f"/admin/billing/ledgerentry/?q=payment%3A{payment.pk}"
    assert lines in text
    assert "1 ledger entry" in words(operator.get(lines))
    assert reverse("admin:billing_wallet_change", args=[payment.wallet_id]) in text


def test_a_subscription_shows_its_payments(operator: Client) -> None:
    wallet = make_wallet()
    subscription = make_subscription(wallet)
    payment = make_payment(wallet, kind="plan", plan=subscription.plan, pack=None, subscription=subscription)
    text = words(operator.get(reverse("admin:billing_subscription_change", args=[subscription.pk])))
    assert f"/payment/{payment.pk}/" in text
