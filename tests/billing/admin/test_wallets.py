"""Operators see a wallet's plan, lots and payments, and give or take credits and plans with a reason."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import ledger, plans
from billing.models import Plan, Product, Wallet
from tests.billing.books import make_payment
from tests.factories import make_user, make_wallet
from tests.visitors import visitor, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet() -> Wallet:
    wallet = make_wallet(10, user=make_user(email="ada@example.com"))
    ledger.hold(wallet, 4, key="h", reason="A picture", reference="job:1")
    return wallet


def adjust_page(wallet: Wallet) -> str:
    return reverse("admin:billing_wallet_adjust", args=[wallet.pk])


def fill(client: Client, wallet: Wallet, **values: Any) -> dict[str, Any]:
    """Return the form as the page gives it, filled in."""
    key = re.search(r'name="form_key" value="([^"]+)"', words(client.get(adjust_page(wallet))))
    assert key is not None
    return {"credits": 5, "reason": "We are sorry", "form_key": key[1], **values}


def test_a_wallet_leads_to_its_lines(operator: Client, wallet: Wallet) -> None:
    make_wallet(77)
    page = words(operator.get(reverse("admin:billing_wallet_change", args=[wallet.pk])))
    link = re.search(r'href="([^"]+wallet__id__exact=[^"]+)"', page)
    assert link is not None
    listing = words(operator.get(link[1]))
    assert "2 ledger entries" in listing


def test_a_wallet_shows_its_plan_and_payments(operator: Client, wallet: Wallet) -> None:
    plans.put_on(wallet, Plan.objects.get(slug="pro"))
    payment = make_payment(wallet, refunded_cents=500)
    page = words(operator.get(reverse("admin:billing_wallet_change", args=[wallet.pk])))
    assert reverse("admin:billing_payment_change", args=[payment.pk]) in page
    assert "Pro" in page


def test_an_operator_gives_credits_with_a_reason(operator: Client, wallet: Wallet) -> None:
    answer = operator.post(adjust_page(wallet), fill(operator, wallet))
    assert answer.status_code == 302
    entry = wallet.entries.latest("id")
    assert (entry.kind, entry.delta, entry.balance_after, entry.reason) == ("adjust", 5, 11, "We are sorry")
    assert LogEntry.objects.get().change_message == "+5 credits: We are sorry"


def test_a_form_sent_twice_gives_once(operator: Client, wallet: Wallet) -> None:
    filled = fill(operator, wallet)
    for _ in range(2):
        operator.post(adjust_page(wallet), filled)
    assert ledger.available(wallet) == 11


def test_a_form_sent_again_with_another_number_is_refused_in_its_place(operator: Client, wallet: Wallet) -> None:
    filled = fill(operator, wallet)
    operator.post(adjust_page(wallet), filled)
    answer = operator.post(adjust_page(wallet), {**filled, "credits": 6})
    assert "was used before" in words(answer)
    assert ledger.available(wallet) == 11


def test_more_than_there_is_cannot_be_taken(operator: Client, wallet: Wallet) -> None:
    answer = operator.post(adjust_page(wallet), fill(operator, wallet, credits=-7))
    assert answer.status_code == 200
    assert "7 credits are needed, 6 are there." in words(answer)
    assert ledger.available(wallet) == 6


def test_a_reason_is_mandatory(operator: Client, wallet: Wallet) -> None:
    operator.post(adjust_page(wallet), fill(operator, wallet, reason=""))
    assert ledger.available(wallet) == 6


def test_an_operator_gives_a_plan_with_a_reason_and_takes_it_back(operator: Client, wallet: Wallet) -> None:
    page = reverse("admin:billing_wallet_plan", args=[wallet.pk])
    assert "Give or take a plan" in words(operator.get(page))
    operator.post(page, {"plan": "pro"})
    assert plans.plan_of(wallet.user).pk == "free"  # without a reason nothing is given
    for slug in ("pro", "free"):
        assert operator.post(page, {"plan": slug, "reason": "A friend of the house"}).status_code == 302
        assert plans.plan_of(wallet.user).pk == slug
    messages = list(LogEntry.objects.order_by("id").values_list("change_message", flat=True))
    assert messages == ["Given plan: Pro. A friend of the house", "Given plan: Free. A friend of the house"]
    api = make_wallet(product=Product.API)
    assert operator.get(reverse("admin:billing_wallet_plan", args=[api.pk])).status_code == 404


@pytest.mark.parametrize("page", ["adjust", "plan"])
@pytest.mark.parametrize(
    ("fields", "permission", "status"),
    [
        ({}, None, 302),
        ({"is_staff": True}, "view_wallet", 403),
        ({"is_staff": True}, "adjust_credits", 200),
    ],
)
def test_who_may_open_the_pages(
    wallet: Wallet, page: str, fields: dict[str, Any], permission: str | None, status: int
) -> None:
    user = make_user(**fields)
    if permission:
        user.user_permissions.add(Permission.objects.get(codename=permission))
    url = reverse(f"admin:billing_wallet_{page}", args=[wallet.pk])
    assert visitor(User.objects.get(pk=user.pk)).get(url).status_code == status
